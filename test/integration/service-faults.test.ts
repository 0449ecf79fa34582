import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  AgentAssistError,
  AssistEngine,
  AuthClient,
  HttpClient,
  SuggestionsClient,
  type Logger,
  type SuggestRequest,
} from 'agent-assist-sdk';
import { startTenant, type Fault, type Tenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';

const CANARY = 'canary-7f3a91';
const INTERACTION: SuggestRequest = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.5 };
const TOTAL_MS = 20_000;

const SUGGEST = 'POST /agentassist/suggest';
const TOKEN = 'POST /oauth/token';

interface Case {
  readonly fault: Fault;
  /** What the call comes to when the fault strikes once: `answer`, which takes one repeat, or an error's name. */
  readonly once: string;
  /** The same when it strikes every time. */
  readonly always: string;
}

const status = (code: number, always: string): Case => ({
  fault: { kind: 'status', status: code },
  once: always,
  always,
});
const passing = (fault: Fault, always: string): Case => ({ fault, once: 'answer', always });
const spoilt = (kind: 'truncated-json' | 'invalid-json' | 'html' | 'empty'): Case => ({
  fault: { kind },
  once: 'ResponseValidationError',
  always: 'ResponseValidationError',
});

const anywhere: readonly Case[] = [
  status(404, 'NotFoundError'),
  status(409, 'ConflictError'),
  status(422, 'UnprocessableEntityError'),
  passing({ kind: 'status', status: 408 }, 'ApiError'),
  passing({ kind: 'status', status: 429 }, 'RateLimitError'),
  ...[500, 502, 503, 504].map((code) => passing({ kind: 'status', status: code }, 'ServerError')),
  ...(['imf-fixdate', 'rfc850', 'asctime'] as const).map((form) =>
    passing({ kind: 'status', status: 429, retryAfter: { inSeconds: 2, form } }, 'RateLimitError'),
  ),
  passing({ kind: 'status', status: 429, retryAfter: 1 }, 'RateLimitError'),
  passing({ kind: 'status', status: 503, retryAfter: 'soon' }, 'ServerError'),
  { fault: { kind: 'status', status: 429, retryAfter: 3600 }, once: 'RateLimitError', always: 'RateLimitError' },
  passing({ kind: 'delay', delayMs: 3600_000 }, 'TimeoutError'),
  passing({ kind: 'drop', at: 'before-work' }, 'ConnectionError'),
  passing({ kind: 'drop', at: 'before-headers' }, 'ConnectionError'),
  passing({ kind: 'drop', at: 'mid-body' }, 'ConnectionError'),
  spoilt('truncated-json'),
  spoilt('invalid-json'),
  spoilt('html'),
  spoilt('empty'),
];

const casesOf: Readonly<Record<string, readonly Case[]>> = {
  [TOKEN]: [...anywhere, status(400, 'OAuthError'), status(401, 'OAuthError'), status(403, 'OAuthError')],
  [SUGGEST]: [
    ...anywhere,
    status(400, 'BadRequestError'),
    status(403, 'PermissionDeniedError'),
    // Another token is tried once.
    passing({ kind: 'status', status: 401 }, 'AuthenticationError'),
    passing({ kind: 'revoked-token' }, 'AuthenticationError'),
  ],
};

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
  const auth = new AuthClient({
    platform: tenant.platform,
    ...tenant.credentials,
    scopes: ['agentassist:read'],
    ...shared,
  });
  const http = new HttpClient({ platform: tenant.platform, auth, ...shared, onAttempt: log });
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
  tenant.inject({ route: TOKEN, fault: { kind: 'status', status: 401, body } });
  const error: unknown = await clock.runUntilSettled(
    suggestions.suggest(INTERACTION).catch((reason: unknown) => reason),
  );
  expect(error).toMatchObject({
    name: 'OAuthError',
    serverCode: 'invalid_client',
    serverMessage: 'no such secret: [redacted]',
  });
  expect([error, service.logged].map(visible).join('\n')).not.toContain(CANARY);
});

describe.each(Object.entries(casesOf))('a fault at %s', (route, cases) => {
  const rows = cases.flatMap(({ fault, once, always }) => [
    [
      inspect(fault, { breakLength: Infinity }),
      'once',
      once,
      { fault, times: 1, isRepeated: once === 'answer' },
    ] as const,
    [
      inspect(fault, { breakLength: Infinity }),
      'always',
      always,
      { fault, times: 100, isRepeated: once === 'answer' },
    ] as const,
  ]);

  it.each(rows)('%s %s: %s', async (_fault, _often, expected, { fault, times, isRepeated }) => {
    await using service = await startService();
    const { clock, tenant, suggestions } = service;
    tenant.inject({ route, fault, times });
    const startedAt = clock.monotonic();
    const outcome: unknown = await clock.runUntilSettled(
      suggestions.suggest(INTERACTION).catch((error: unknown) => error),
    );
    expect(clock.monotonic() - startedAt).toBeLessThanOrEqual(TOTAL_MS);
    expect(tenant.requests.count(route) > 1).toBe(isRepeated);
    if (expected === 'answer') expect(outcome).toHaveProperty('suggestions');
    else {
      expect(outcome).toBeInstanceOf(AgentAssistError);
      expect(outcome).toMatchObject({ name: expected });
    }
    const tokens = tenant.issuedTokens.map(({ accessToken }) => accessToken);
    const seen = [outcome, service.logged, suggestions, service.auth].map(visible).join('\n');
    for (const secret of [CANARY, ...tokens]) expect(seen).not.toContain(secret);
  });
});

it('shows the agent the fixed suggestions whatever the call does', async () => {
  for (const { fault } of casesOf[SUGGEST] ?? []) {
    await using service = await startService();
    const { clock, tenant, suggestions } = service;
    const injected = tenant.inject({ route: SUGGEST, fault, times: 100 });
    const engine = new AssistEngine({ client: suggestions, clock });
    const outcome = await clock.runUntilSettled(engine.handle(INTERACTION), 4900);
    expect(injected.hits).toBeGreaterThan(0);
    expect(outcome.status).toBe('fallback');
    expect(outcome.suggestions.map(({ confidence }) => confidence)).toEqual([0.85, 0.8]);
  }
});
