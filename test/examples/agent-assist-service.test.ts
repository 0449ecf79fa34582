import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { startTenant } from 'agent-assist-sdk/testing';
import { LiveView } from '../../examples/agent-assist-service/live-view.ts';

const EXAMPLE = 'examples/agent-assist-service.ts';

function start(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): ChildProcess & { lines: { out: string[]; err: string[] } } {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('AGENT_ASSIST_')),
  );
  const child = spawn(process.execPath, [EXAMPLE, ...args], {
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: { out: string[]; err: string[] } = { out: [], err: [] };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.out.push(line);
    child.emit('line');
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.err.push(line);
    child.emit('line');
  });
  return Object.assign(child, { lines });
}

async function lineMatching(child: ReturnType<typeof start>, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = [...child.lines.err, ...child.lines.out].find((line) => pattern.test(line));
    if (found !== undefined) return found;
    await once(child, 'line');
  }
}

it('runs against the tenant that the environment names, writes a metrics record a line and ends on SIGTERM', async () => {
  await using tenant = await startTenant();
  const child = start({
    AGENT_ASSIST_BASE_URL: tenant.baseUrl,
    AGENT_ASSIST_TOKEN_URL: tenant.tokenUrl,
    AGENT_ASSIST_STREAM_URL: tenant.streamUrl,
    AGENT_ASSIST_CLIENT_ID: tenant.credentials.clientId,
    AGENT_ASSIST_CLIENT_SECRET: tenant.credentials.clientSecret,
    AGENT_ASSIST_SCOPES: 'agentassist:read streaming:subscribe',
    PORT: '0',
  });
  const ready = await lineMatching(child, /widget/i);
  const widget = await fetch(/http:\S+/.exec(ready)?.[0] ?? '');
  expect(await widget.json()).toMatchObject({ maxSuggestions: 3, minConfidence: 0.75, refreshIntervalMs: 2000 });

  const update = (transcript: string) => ({
    type: 'INTERACTION_UPDATE',
    payload: { interactionId: 'i-1', transcript, sentimentScore: 0 },
  });
  tenant.stream.send(update('hello'));
  tenant.stream.send(update('I want a refund'));
  tenant.stream.send(update('I want a refund'));
  while (child.lines.out.length < 3) await once(child, 'line');
  const records = child.lines.out.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records.map(({ triggered, cached, fallback }) => ({ triggered, cached, fallback }))).toEqual([
    { triggered: false, cached: false, fallback: false },
    { triggered: true, cached: false, fallback: false },
    { triggered: true, cached: true, fallback: false },
  ]);
  expect(Object.keys(records[0] ?? {}).sort()).toEqual([
    'cached',
    'eventType',
    'fallback',
    'interactionId',
    'suggestionCount',
    'timestamp',
    'triggered',
  ]);
  tenant.inject({ route: 'POST /agentassist/suggest', fault: { kind: 'status', status: 403 } });
  tenant.stream.send(update('I want to cancel'));
  expect(await lineMatching(child, /fallback suggestions/)).toMatch(/PermissionDeniedError.*403/);

  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(tenant.requests.count('POST /agentassist/suggest')).toBe(2);
});

it('says what is missing in the environment, and what the tenant refused', async () => {
  const incomplete = start({ AGENT_ASSIST_BASE_URL: 'http://127.0.0.1:9/api/v1' });
  expect(await once(incomplete, 'exit')).toEqual([1, null]);
  expect(incomplete.lines.err.join('\n')).toContain('AGENT_ASSIST_CLIENT_ID, AGENT_ASSIST_CLIENT_SECRET');

  await using tenant = await startTenant();
  const refused = start({
    AGENT_ASSIST_BASE_URL: tenant.baseUrl,
    AGENT_ASSIST_TOKEN_URL: tenant.tokenUrl,
    AGENT_ASSIST_STREAM_URL: tenant.streamUrl,
    AGENT_ASSIST_CLIENT_ID: 'stranger',
    AGENT_ASSIST_CLIENT_SECRET: 'canary-secret',
    PORT: '0',
  });
  expect(await once(refused, 'exit')).toEqual([1, null]);
  expect(refused.lines.err.join('\n')).toMatch(/OAuthError.*invalid_client|OAuthError.*401/);
  expect(refused.lines.err.join('\n')).not.toContain('canary-secret');
});

it('shows in the demo each failure and how it is survived, and ends by itself with a summary', async () => {
  const child = start({ PORT: '0' }, ['--speed', '1000']);
  expect(await once(child, 'exit'), child.lines.err.join('\n')).toEqual([0, null]);
  expect(child.lines.err).toEqual([]);
  const shown = child.lines.out.map((line) => line.trim().replace(/  +/g, ' '));
  const acts = Object.fromEntries(
    child.lines.out
      .join('\n')
      .split(/\n\n(?=\S)/)
      .map((act) => act.split('\n'))
      .map(([title = '', ...lines]) => [title, lines.map((line) => line.trim().replace(/  +/g, ' '))]),
  );
  expect(Object.keys(acts).slice(1)).toEqual(
    [
      '1 A customer calls',
      '2 The platform is busy',
      '3 The same question twice',
      '4 The stream drops',
      '5 The access token is revoked',
      '6 The platform is down',
      'What happened',
    ].map((title) => title.replace(/^(\d) /, '$1  ')),
  );

  const inOrder = (title: string, ...patterns: readonly RegExp[]): void => {
    const lines = acts[title] ?? [];
    const places = patterns.map((pattern) => lines.findIndex((line) => pattern.test(line)));
    expect(places, lines.join('\n')).not.toContain(-1);
    expect(places, lines.join('\n')).toEqual(places.toSorted((a, b) => a - b));
  };
  inOrder(
    '1  A customer calls',
    /^customer .* want a refund\.$/,
    /^▲ “refund”: asked the platform, \d+ ms$/,
    /^→ 0\.93 I can check right now whether this order qualifies for a refund\.$/,
    /^✕ not shown: We guarantee full refund within the hour\. \(“guarantee full refund” is prohibited\)$/,
    /^agent .* we refund it without further questions\.$/,
  );
  inOrder(
    '2  The platform is busy',
    /^customer .* file a complaint\.$/,
    /^⚡ the platform returned 429, Retry-After 1 s$/,
    /^↻ waited \d+\.\d s, attempt 2: 200$/,
    /^▲ “complaint”/,
  );
  inOrder(
    '3  The same question twice',
    /^▲ “cancel”.*: asked the platform/,
    /^agent .* say that again\?$/,
    /^▲ “cancel”.*: answered from the cache, no call made/,
  );
  inOrder(
    '4  The stream drops',
    /^⚡ the stream dropped \(1006\)$/,
    /^✓ reconnected after \d+\.\d s, no action needed$/,
    /^customer .* escalate this to a manager\.$/,
    /^▲ “escalate”/,
  );
  inOrder(
    '5  The access token is revoked',
    /^⚡ the platform returned 401: the token was revoked$/,
    /^✓ fetched a new token, retried the same call once: 200$/,
    /^▲ unhappy/,
  );
  inOrder(
    '6  The platform is down',
    /^⚡ the platform returned 503$/,
    /^✓ 30 s is too long for a customer on the line: the SDK does not wait$/,
    /^▲ unhappy .*: fallback suggestions, so that the panel is never blank/,
    /^→ 0\.85 I understand your concern/,
  );
  inOrder(
    'What happened',
    /^calls 6, with 20 sentences$/,
    /^went wrong on purpose a 429, a dropped stream, a revoked token, a 503$/,
    /8 answered by the platform, 1 from the cache, 1 as a fallback$/,
    /^what the agent missed nothing$/,
  );

  // Only the customer's words fire a trigger.
  const speakers = shown.filter((line) => /^(customer|agent|▲) /.test(line)).map((line) => line.split(' ')[0]);
  expect(speakers.filter((_, index) => speakers[index + 1] === '▲')).toEqual(Array(10).fill('customer'));
  // Nothing is cut where there is no terminal.
  expect(shown.join('\n')).not.toContain('…');
});

it.each([80, 160])('wraps what the demo shows at a terminal of %i columns, and cuts nothing', (columns) => {
  let written = '';
  const terminal = Object.assign(new Writable(), { isTTY: true, columns }) as unknown as NodeJS.WriteStream;
  terminal.write = (text: string | Uint8Array) => {
    written += String(text);
    return true;
  };
  const transcript = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
  new LiveView(terminal).onUpdate({ interactionId: 'i-1', transcript, context: { speaker: 'customer' } });
  const lines = stripVTControlCharacters(written).trimEnd().split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  expect(lines.length).toBe(columns === 80 ? 7 : 3);
  expect(lines.map((line) => line.trim()).join(' ')).toBe(`customer   ${transcript}`);
});
