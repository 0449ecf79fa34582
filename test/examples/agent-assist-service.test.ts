import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { startTenant } from 'agent-assist-sdk/testing';

const EXAMPLE = 'examples/agent-assist-service.ts';

function start(env: Readonly<Record<string, string>>): ChildProcess & { lines: { out: string[]; err: string[] } } {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('AGENT_ASSIST_')),
  );
  const child = spawn(process.execPath, [EXAMPLE], {
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
  expect(await lineMatching(child, /fixed suggestions/)).toMatch(/PermissionDeniedError.*403/);

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
