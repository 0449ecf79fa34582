import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { AssistStream, AuthClient, HttpClient, cxone } from 'agent-assist-sdk';
import { silentLogger } from '#dist/http/internal.js';
import { startTenant } from 'agent-assist-sdk/testing';
import type { TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import { InsightService, defaultScopes, documentsSides } from '../../examples/streaming-insights/insight-service.ts';
import { readConnection, readPort } from '../../examples/shared/environment.ts';

type Example = ChildProcess & { readonly lines: string[] };

const children: Example[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs the example as a user does, on the built package. */
function start(env: Readonly<Record<string, string>>): Example {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('AGENT_ASSIST_')),
  );
  const child = spawn(process.execPath, ['examples/streaming-insights.ts'], {
    env: { ...inherited, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      child.emit('line');
    });
  }
  const example = Object.assign(child, { lines });
  children.push(example);
  return example;
}

async function lineMatching(child: Example, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = child.lines.find((line) => pattern.test(line));
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error(`the example ended: ${child.lines.join('\n')}`);
    await Promise.race([once(child, 'line'), once(child, 'exit')]);
  }
}

describe('the example as a program', () => {
  it('runs the whole loop against the tenant that the environment names, and ends on SIGTERM', async () => {
    await using tenant = await startTenant();
    const child = start({
      AGENT_ASSIST_BASE_URL: tenant.cxoneBaseUrl,
      AGENT_ASSIST_TOKEN_URL: tenant.cxonePlatform.tokenUrl,
      AGENT_ASSIST_STREAM_URL: tenant.cxoneStreamUrl,
      AGENT_ASSIST_CLIENT_ID: tenant.credentials.clientId,
      AGENT_ASSIST_CLIENT_SECRET: tenant.credentials.clientSecret,
    });
    const ready = await lineMatching(child, /desktop: http/);
    const page = await fetch(/http:\S+/.exec(ready)?.[0] ?? '');
    expect(await page.text()).toContain('<title>Agent desktop</title>');

    const pushed = Promise.withResolvers<undefined>();
    tenant.insights.onPush(() => pushed.resolve(undefined));
    tenant.stream.send({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i-1', text: 'I was charged twice' });
    tenant.stream.send({ type: 'DIALOG_STATE', interactionId: 'i-1', state: 'CUSTOMER_SILENT' });
    await pushed.promise;
    const card = tenant.insights.inbox[0]?.insights[0];
    expect(card).toMatchObject({ id: 'kb-double-charge', interactionId: 'i-1', priority: 1 });
    tenant.insights.accept('i-1', 'kb-double-charge');
    await lineMatching(child, /i-1: kb-double-charge accepted/);
    expect(tenant.insights.feedback).toMatchObject([
      { interactionId: 'i-1', insightId: 'kb-double-charge', action: 'accepted' },
    ]);

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(child.lines.join('\n')).not.toContain(tenant.credentials.clientSecret);
  });

  it('plays conversations to an embedded tenant without an environment, and ends on Ctrl-C', async () => {
    const child = start({});
    expect(await lineMatching(child, /Embedded tenant/)).toContain("the project's own sample");
    await lineMatching(child, /“.+” → /);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says what the tenant refused, without the secret', async () => {
    await using tenant = await startTenant();
    const child = start({
      AGENT_ASSIST_BASE_URL: tenant.cxoneBaseUrl,
      AGENT_ASSIST_CLIENT_ID: 'stranger',
      AGENT_ASSIST_CLIENT_SECRET: 'canary-secret',
    });
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(child.lines.join('\n')).toMatch(/OAuthError/);
    expect(child.lines.join('\n')).not.toContain('canary-secret');
  });
});

describe('its settings', () => {
  it('follow the base URL and the protocol’s scopes unless told otherwise', () => {
    const connection = readConnection(
      {
        AGENT_ASSIST_BASE_URL: 'https://api.example.com',
        AGENT_ASSIST_CLIENT_ID: 'id',
        AGENT_ASSIST_CLIENT_SECRET: 'secret',
        AGENT_ASSIST_SCOPES: '',
      },
      cxone,
      defaultScopes,
    );
    expect(connection).toMatchObject({
      platform: {
        baseUrl: 'https://api.example.com',
        tokenUrl: 'https://api.example.com/oauth/token',
        streamUrl: 'wss://api.example.com/cxoneapi/v2/agentassist/stream',
        streamToken: 'query',
      },
      clientId: 'id',
      clientSecret: 'secret',
      scopes: defaultScopes,
    });
  });

  it('are absent without an environment and name what is missing from half of one', () => {
    expect(readConnection({}, cxone, defaultScopes)).toBeUndefined();
    expect(() => readConnection({ AGENT_ASSIST_CLIENT_ID: 'id' }, cxone, defaultScopes)).toThrow(
      'AGENT_ASSIST_BASE_URL, AGENT_ASSIST_CLIENT_SECRET',
    );
    expect(() => readPort({ PORT: 'http' }, 8000)).toThrow('PORT');
  });
});

it('lets newer questions replace older ones when the knowledge base is slow, and searches for several interactions at once', async () => {
  await using tenant = await startTenant();
  tenant.inject({ route: 'GET /api/v2/knowledge/articles/search', every: 1, fault: { kind: 'delay', delayMs: 200 } });
  const dropped: TranscriptQuestion[] = [];
  const answered: TranscriptQuestion[] = [];
  const auth = new AuthClient({ platform: tenant.cxonePlatform, ...tenant.credentials, scopes: defaultScopes });
  const stream = new AssistStream({ platform: tenant.cxonePlatform, auth });
  await using service = new InsightService({
    ...documentsSides(stream, new HttpClient({ platform: tenant.cxonePlatform, auth })),
    logger: silentLogger,
    watcher: { onDropped: (question) => dropped.push(question), onPushed: (question) => answered.push(question) },
  });
  await stream.connect();
  for (let turn = 1; turn <= 6; turn += 1) {
    for (const interactionId of ['a', 'b', 'c']) {
      tenant.stream.send({ type: 'TRANSCRIPT_FRAGMENT', interactionId, text: `refund ${turn}` });
      tenant.stream.send({ type: 'DIALOG_STATE', interactionId, state: 'TURN_END' });
    }
  }
  await expect.poll(() => answered.length, { interval: 20 }).toBe(6);
  await service[Symbol.asyncDispose]();
  for (const interactionId of ['a', 'b', 'c']) {
    expect(answered.filter((question) => question.interactionId === interactionId).map(({ text }) => text)).toEqual([
      'refund 1',
      'refund 6',
    ]);
  }
  expect(dropped).toHaveLength(12);
  expect(tenant.knowledge.searches).toBe(6);
});
