import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { startCompany, type Company } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { seedAnswer, seedRequest } from '../enrichment/setup.js';
import { inherited } from './program.js';

const root = new URL('../../', import.meta.url);

interface Proxy {
  readonly process: ChildProcess;
  readonly url: URL;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string>): Omit<Proxy, 'url'> & { readonly firstLine: Promise<string> } {
  if (!existsSync(new URL('dist/index.js', root)))
    throw new Error('dist/ is missing: the examples run on the built package; run npm run build');
  const child = spawn(process.execPath, ['examples/enrichment-proxy.ts'], {
    cwd: root,
    env: { ...inherited, PORT: '0', ...env },
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const lines = createInterface(child.stdout);
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const firstLine = Promise.race([
    once(lines, 'line').then(([line]) => line as string),
    exited.then((code) => {
      throw new Error(`ended with ${String(code)}: ${output}`);
    }),
  ]);
  firstLine.catch(() => undefined);
  return { process: child, output: () => output, exited, firstLine };
}

async function startProxy(env: Record<string, string>): Promise<Proxy> {
  const { firstLine, ...proxy } = start(env);
  const url = /^Listening on (http:\S+)$/.exec(await firstLine)?.[1];
  return { ...proxy, url: new URL('/api/v1/agent-assist/enrich', url) };
}

function environmentOf({ baseUrl, tokenUrl, credentials }: Company): Record<string, string> {
  return {
    COMPANY_API_URL: baseUrl,
    COMPANY_TOKEN_URL: tokenUrl,
    COMPANY_CLIENT_ID: credentials.clientId,
    COMPANY_CLIENT_SECRET: credentials.clientSecret,
    COGNIGY_WEBHOOK_TOKEN: 'canary-webhook-token',
  };
}

async function ask({ url }: Proxy, authorization = 'Bearer canary-webhook-token'): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(seedRequest),
  });
}

async function isRefused(response: Promise<Response>): Promise<boolean> {
  return response.then(
    ({ status }) => status === 503,
    () => true,
  );
}

describe('examples/enrichment-proxy.ts', () => {
  it('answers from stand-in services when the environment names no company', async () => {
    const proxy = await startProxy({});
    const response = await ask(proxy);
    expect(await response.json()).toEqual(seedAnswer);
    const health = await fetch(new URL('/healthz', proxy.url));
    expect(await health.json()).toMatchObject({ status: 'ok' });
    proxy.process.kill('SIGTERM');
    expect(await proxy.exited).toBe(0);
    expect(proxy.output()).toContain('COGNIGY_WEBHOOK_TOKEN is not set');
  });

  it('asks the company that the environment names, and says no secret and no customer in its log', async () => {
    await using company = await startCompany();
    company.inject({ route: 'GET /crm/tickets', fault: { kind: 'status', status: 400 } });
    const proxy = await startProxy(environmentOf(company));
    const statuses = [(await ask(proxy, 'Bearer wrong')).status, (await ask(proxy)).status, (await ask(proxy)).status];
    expect(statuses).toEqual([401, 502, 200]);
    expect(
      company.requests.to('POST /oauth/token').map(({ bodyText }) => new URLSearchParams(bodyText).get('scope')),
    ).toEqual(['customer:read orders:read crm:read']);
    proxy.process.kill('SIGTERM');
    await proxy.exited;
    expect(proxy.output()).toContain('"source":"openTickets"');
    expect(proxy.output()).not.toMatch(new RegExp(`canary|CUST-|Rostova|${company.credentials.clientSecret}`));
  });

  it('keeps to the deadline that the environment says', async () => {
    await using company = await startCompany();
    company.inject({ route: 'GET /crm/tickets', fault: { kind: 'delay', delayMs: 86_400_000 }, every: 1 });
    const proxy = await startProxy({ ...environmentOf(company), ENRICH_DEADLINE_MS: '50' });
    expect((await ask(proxy)).status).toBe(504);
    const partial = await startProxy({ ...environmentOf(company), ENRICH_DEADLINE_MS: '1000', ENRICH_PARTIAL: '1' });
    expect(await (await ask(partial)).json()).toMatchObject({
      customerProfile: seedAnswer.customerProfile,
      unavailable: ['openTickets'],
    });
  });

  it('finishes what is under way on SIGTERM, refuses what is new, and ends', async () => {
    const clock = new FakeClock();
    await using company = await startCompany({ clock });
    company.inject({ route: 'GET /crm/tickets', fault: { kind: 'delay', delayMs: 1000 } });
    const proxy = await startProxy({ ...environmentOf(company), ENRICH_DEADLINE_MS: '20000' });
    const underWay = ask(proxy);
    await company.requests.waitFor('GET /crm/tickets');
    proxy.process.kill('SIGTERM');
    while (!(await isRefused(fetch(new URL('/nothing', proxy.url))))) {
      /* the signal has not arrived yet */
    }
    expect(await isRefused(ask(proxy))).toBe(true);
    expect(company.requests.count('GET /customers/{id}')).toBe(1);
    await clock.advance(1000);
    const response = await underWay;
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual(seedAnswer);
    expect(await proxy.exited).toBe(0);
  });

  it('says what is missing and does not start', async () => {
    const { exited, output } = start({ COMPANY_API_URL: 'http://127.0.0.1:1', COMPANY_CLIENT_SECRET: 'canary' });
    expect(await exited).toBe(1);
    expect(output()).toContain('Set COMPANY_TOKEN_URL, COMPANY_CLIENT_ID too');
    expect(output()).not.toContain('canary');
  });
});
