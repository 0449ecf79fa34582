import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  AgentAssistError, AssistEngine, AuthClient, HttpClient, SuggestionsClient, type Logger, type SuggestRequest,
} from 'agent-assist-sdk';
import { startTenant, type Fault, type Tenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';

const CANARY = 'canary-7f3a91';
const INTERACTION: SuggestRequest = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.5 };
const TOTAL_MS = 20_000;

const steps = ['POST /oauth/token', 'POST /agentassist/suggest'];

const faults: readonly Fault[] = [
  ...[400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504].map((status): Fault => ({ kind: 'status', status })),
  ...(['imf-fixdate', 'rfc850', 'asctime'] as const).map((form): Fault => ({ kind: 'status', status: 429, retryAfter: { inSeconds: 2, form } })),
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'status', status: 503, retryAfter: 'soon' },
  { kind: 'status', status: 429, retryAfter: 3600 },
  { kind: 'delay', delayMs: 3600_000 },
  { kind: 'drop', at: 'before-work' },
  { kind: 'drop', at: 'before-headers' },
  { kind: 'drop', at: 'mid-body' },
  { kind: 'truncated-json' },
  { kind: 'invalid-json' },
  { kind: 'html' },
  { kind: 'empty' },
  { kind: 'revoked-token' },
];

interface Service {
  readonly clock: FakeClock;
  readonly tenant: Tenant;
  readonly auth: AuthClient;
  readonly suggestions: SuggestionsClient;
  readonly logged: unknown[];
}

async function startService(): Promise<Service & AsyncDisposable> {
  const clock = new FakeClock(Date.now());
  const clients = [{ clientId: 'service', clientSecret: CANARY, scopes: ['agentassist:read'] }];
  const tenant = await startTenant({ clock, clients, heartbeatIntervalMs: Infinity });
  const logged: unknown[] = [];
  const log = (...line: unknown[]): void => void logged.push(line);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const shared = { clock, logger, random: () => 0.5, totalTimeoutMs: TOTAL_MS, timeoutMs: 6000 };
  const auth = new AuthClient({ ...tenant.platform, ...tenant.credentials, scopes: ['agentassist:read'], ...shared });
  const http = new HttpClient({ ...tenant.platform, auth, ...shared, onAttempt: log });
  const suggestions = new SuggestionsClient(http);
  return { clock, tenant, auth, suggestions, logged, [Symbol.asyncDispose]: () => tenant.close() };
}

/** Everything that a person or a log could see of a value. */
function visible(value: unknown): string {
  return `${inspect(value, { depth: 12, showHidden: true })}\n${JSON.stringify(value)}\n${value instanceof Error ? (value.stack ?? '') : ''}`;
}

it('keeps a secret to itself that the token endpoint quotes', async () => {
  await using service = await startService();
  const { clock, tenant, suggestions } = service;
  const body = { error: 'invalid_client', error_description: `no such secret: ${CANARY}` };
  tenant.inject({ route: 'POST /oauth/token', fault: { kind: 'status', status: 401, body } });
  const error: unknown = await clock.runUntilSettled(suggestions.suggest(INTERACTION).catch((reason: unknown) => reason));
  expect(error).toMatchObject({ name: 'OAuthError', code: 'invalid_client', serverMessage: 'no such secret: [redacted]' });
  expect([error, service.logged].map(visible).join('\n')).not.toContain(CANARY);
});

describe.each(steps)('a fault at %s', (route) => {
  it.each(faults.map((fault) => [inspect(fault, { breakLength: Infinity }), fault] as const))('ends in a right answer or a typed error: %s', async (_, fault) => {
    for (const times of [1, 100]) {
      await using service = await startService();
      const { clock, tenant, suggestions } = service;
      tenant.inject({ route, fault, times });
      const startedAt = clock.monotonic();
      const outcome: unknown = await clock.runUntilSettled(suggestions.suggest(INTERACTION).catch((error: unknown) => error));
      expect(clock.monotonic() - startedAt).toBeLessThanOrEqual(TOTAL_MS);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AgentAssistError);
      else expect(outcome).toHaveProperty('suggestions');
      const tokens = tenant.issuedTokens.map(({ accessToken }) => accessToken);
      const seen = [outcome, service.logged, suggestions, service.auth].map(visible).join('\n');
      for (const secret of [CANARY, ...tokens]) expect(seen).not.toContain(secret);
    }
  });
});

it('shows the agent the fixed suggestions whatever the call does', async () => {
  for (const fault of faults) {
    await using service = await startService();
    const { clock, tenant, suggestions } = service;
    const injected = tenant.inject({ route: 'POST /agentassist/suggest', fault, times: 100 });
    const engine = new AssistEngine({ client: suggestions, clock });
    const outcome = await clock.runUntilSettled(engine.handle(INTERACTION), 4900);
    expect(injected.hits).toBeGreaterThan(0);
    expect(outcome.status).toBe('fallback');
    expect(outcome.suggestions.map(({ confidence }) => confidence)).toEqual([0.85, 0.8]);
  }
});
