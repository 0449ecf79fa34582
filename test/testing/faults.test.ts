import { createConnection } from 'node:net';
import { startTenant, type Fault, type Tenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { accessToken, postSuggest, question } from './helpers.js';
import { formatHttpDate } from '../../src/testing/server/faults.js';

const SUGGEST = 'POST /agentassist/suggest';

let tenant: Tenant;
let token: string;
beforeEach(async () => {
  tenant = await startTenant();
  token = await accessToken(tenant);
});
afterEach(async () => {
  await tenant.close();
});

/** Sends one question by hand; resolves with every byte that came back before the connection ended. */
async function rawSuggest(): Promise<string> {
  const body = JSON.stringify(question);
  const socket = createConnection(Number(new URL(tenant.origin).port), '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/v1/agentassist/suggest HTTP/1.1\r\nhost: tenant\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
  return new Promise((resolve) => socket.on('close', () => resolve(received)));
}

describe('faults on the wire', () => {
  it('answers with a status, a Retry-After and a body', async () => {
    tenant.inject({
      route: SUGGEST,
      fault: { kind: 'status', status: 429, retryAfter: 2, headers: { 'x-limit': '10' } },
    });
    const limited = await postSuggest(tenant, token, question);
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toBe('2');
    expect(limited.headers.get('x-limit')).toBe('10');
    expect(limited.headers.has('x-request-id')).toBe(true);
    expect(await limited.json()).toEqual({ error: 'injected_fault', message: 'injected 429' });
    tenant.inject({ fault: { kind: 'status', status: 500, body: 'plain' } });
    const failed = await postSuggest(tenant, token, question);
    expect(failed.headers.get('content-type')).toBe('text/plain');
    expect(await failed.text()).toBe('plain');
    expect(tenant.suggestions.asked).toBe(0);
  });

  it.each([
    ['imf-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['rfc850', 'Sunday, 06-Nov-94 08:49:37 GMT'],
    ['asctime', 'Sun Nov  6 08:49:37 1994'],
  ] as const)('sends a Retry-After as %s, so many seconds from now', async (form, expected) => {
    expect(formatHttpDate(new Date('1994-11-06T08:49:37Z'), form)).toBe(expected);
    const clock = new FakeClock(Date.parse('1994-11-06T08:49:34.200Z'));
    await using dated = await startTenant({ clock });
    dated.inject({ fault: { kind: 'status', status: 503, retryAfter: { inSeconds: 2, form } } });
    const answer = await fetch(dated.origin);
    expect(answer.headers.get('retry-after')).toBe(expected);
  });

  it('drops a connection before the work, after it, and in the middle of the body', async () => {
    tenant.inject({ route: SUGGEST, fault: { kind: 'drop', at: 'before-work' } });
    expect(await rawSuggest()).toBe('');
    expect(tenant.suggestions.asked).toBe(0);
    tenant.inject({ route: SUGGEST, fault: { kind: 'drop', at: 'before-headers' } });
    expect(await rawSuggest()).toBe('');
    expect(tenant.suggestions.asked).toBe(1);
    tenant.inject({ route: SUGGEST, fault: { kind: 'drop', at: 'mid-body' } });
    const [head = '', body = ''] = (await rawSuggest()).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    const announced = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(body.length).toBe(Math.ceil(announced / 2));
    expect(body).toMatch(/^\{"suggestions"/);
    expect(tenant.suggestions.asked).toBe(2);
    expect(tenant.requests.to(SUGGEST).map(({ status }) => status)).toEqual([undefined, undefined, 200]);
  });

  it('makes fetch see what each drop means', async () => {
    tenant.inject({ route: SUGGEST, times: 10, fault: { kind: 'drop', at: 'before-work' } });
    await expect(postSuggest(tenant, token, question)).rejects.toThrow(TypeError);
    tenant.clearFaults();
    tenant.inject({ route: SUGGEST, fault: { kind: 'drop', at: 'mid-body' } });
    const answer = await postSuggest(tenant, token, question);
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow(TypeError);
  });

  it.each([
    ['truncated-json', 'application/json', /^\{"suggestions":.*[^}]$/s],
    ['invalid-json', 'application/json', /^\{'ok': undefined,\}$/],
    ['html', 'text/html; charset=utf-8', /^<!doctype html>/],
    ['empty', 'application/json', /^$/],
  ] as const)('spoils a body: %s', async (kind, contentType, body) => {
    tenant.inject({ route: SUGGEST, fault: { kind } });
    const answer = await postSuggest(tenant, token, question);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(contentType);
    const text = await answer.text();
    expect(text).toMatch(body);
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(tenant.suggestions.asked).toBe(1);
  });

  it('revokes the token that a request carries', async () => {
    const other = await accessToken(tenant);
    tenant.inject({ route: SUGGEST, fault: { kind: 'revoked-token' } });
    expect((await postSuggest(tenant, token, question)).status).toBe(401);
    expect((await postSuggest(tenant, token, question)).status).toBe(401);
    expect((await postSuggest(tenant, other, question)).status).toBe(200);
  });

  it('waits before it answers, and before any other fault', async () => {
    const clock = new FakeClock();
    await using slow = await startTenant({ clock, heartbeatIntervalMs: Infinity });
    slow.inject({ fault: { kind: 'delay', delayMs: 5000 } });
    slow.inject({ fault: { kind: 'status', status: 503, delayMs: 7000 } });
    for (const [delayMs, status] of [
      [5000, 404],
      [7000, 503],
    ] as const) {
      const path = `/${delayMs}`;
      const answer = fetch(`${slow.origin}${path}`);
      const request = await slow.requests.waitFor(`GET ${path}`);
      expect(clock.pendingDelays).toEqual([delayMs]);
      expect(request.status).toBeUndefined();
      await clock.advance(delayMs);
      expect((await answer).status).toBe(status);
    }
  });

  it('strikes as often as it was told, where and when it was told', async () => {
    const fault: Fault = { kind: 'status', status: 500 };
    const ask = async (): Promise<number> => (await postSuggest(tenant, token, question)).status;
    const statuses = async (count: number): Promise<number[]> => {
      const found: number[] = [];
      for (let n = 0; n < count; n += 1) found.push(await ask());
      return found;
    };
    const twice = tenant.inject({ route: SUGGEST, times: 2, fault });
    await accessToken(tenant);
    expect(await statuses(3)).toEqual([500, 500, 200]);
    expect([twice.hits, twice.active]).toEqual([2, false]);

    const everyThird = tenant.inject({ route: /suggest$/, every: 3, fault });
    expect(await statuses(7)).toEqual([200, 200, 500, 200, 200, 500, 200]);
    everyThird.remove();
    expect(await statuses(3)).toEqual([200, 200, 200]);
    expect(everyThird.hits).toBe(2);

    tenant.inject({
      route: ({ json }) => (json as { interactionId: string }).interactionId === 'int-1',
      skip: 1,
      fault,
    });
    expect(await statuses(3)).toEqual([200, 500, 200]);

    {
      using always = tenant.inject({ route: 'POST /agentassist/{call}', times: Infinity, fault });
      expect(await statuses(2)).toEqual([500, 500]);
      expect(always.hits).toBe(2);
    }
    expect(await statuses(1)).toEqual([200]);
  });

  it('takes {name} for any segment, even twice in a route', async () => {
    const fault = tenant.inject({ route: 'POST /{id}/{id}', fault: { kind: 'status', status: 503 } });
    expect([(await postSuggest(tenant, token, question)).status, fault.hits]).toEqual([503, 1]);
  });

  it('lets the fault that was injected first strike, and keeps the others', async () => {
    const first = tenant.inject({ fault: { kind: 'status', status: 500 } });
    const second = tenant.inject({ fault: { kind: 'status', status: 503 } });
    expect((await postSuggest(tenant, token, question)).status).toBe(500);
    expect([first.hits, second.hits]).toEqual([1, 0]);
    expect((await postSuggest(tenant, token, question)).status).toBe(503);
  });
});

it('refuses a fault that there is none of, which would strike nothing', () => {
  expect(() => tenant.inject({ fault: { kind: 'sttus', status: 429 } as unknown as Fault })).toThrow(
    /fault\.kind: expected one of status, delay/,
  );
});
