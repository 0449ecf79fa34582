import { unencryptedStore } from 'agent-assist-sdk/http';
import { inspect } from 'node:util';
import { ApiKeyAuth, AuthClient, StaticTokenAuth, type AuthClientOptions, type Logger } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { describe, expect, it } from 'vitest';
import { answer, scriptedServer, type Script } from '../helpers/scripted-server.js';

const canary = 'CANARY+/ secret:ü%';
const spellings = [
  canary,
  'CANARY',
  encodeURIComponent(canary),
  new URLSearchParams([['', canary]]).toString().slice(1),
  btoa(`id:${new URLSearchParams([['', canary]]).toString().slice(1)}`),
];

/** Everything that a person could see of a value. */
function everythingOf(value: unknown): string {
  const own =
    typeof value === 'object' && value !== null
      ? Reflect.ownKeys(value)
          .map((key) => String(Reflect.get(value, key)))
          .join()
      : '';
  return [
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    String(value),
    own,
    JSON.stringify(value),
    value instanceof Error ? `${value.stack ?? ''} ${everythingOf(value.cause)}` : '',
  ].join('\n');
}

function expectNoSecret(value: unknown, ...more: string[]): void {
  const text = everythingOf(value);
  for (const secret of [...spellings, ...more]) expect(text).not.toContain(secret);
}

function recorder(): { readonly lines: unknown[]; readonly logger: Logger } {
  const lines: unknown[] = [];
  const record = (...line: unknown[]): void => {
    lines.push(...line);
  };
  return { lines, logger: { debug: record, info: record, warn: record, error: record } };
}

const echo: Script = (response, { headers, body }) => {
  answer(400, {
    error: 'invalid_client',
    error_description: `${canary} ${body} ${headers.authorization ?? ''} ${(headers.authorization ?? '').replace('Basic ', '')}`,
  })(response, { headers, body, method: '', url: '', rawHeaders: [] });
};

describe('secrets', () => {
  it.each(['client_secret_post', 'client_secret_basic'] as const)(
    'stay out of what the endpoint quotes with %s',
    async (clientAuthentication) => {
      const scripts: Script[] = [
        echo,
        answer(500, `<html>${canary}</html>`),
        answer(500, { message: `${canary} ${encodeURIComponent(canary)}` }),
        answer(401, { error: canary }),
        answer(200, { access_token: canary, token_type: 'Bearer' }),
        answer(200, { access_token: 'CANARY', token_type: 'mac' }),
        answer(200, `{"access_token":"CANARY"`),
        answer(302, '', { location: `https://elsewhere.example/?client_secret=${encodeURIComponent(canary)}` }),
      ];
      for (const script of scripts) {
        await using server = await scriptedServer(script);
        const { lines, logger } = recorder();
        const auth = new AuthClient({
          tokenUrl: `${server.url}/token?x=CANARY`,
          clientId: 'id',
          clientSecret: canary,
          clientAuthentication,
          maxRetries: 0,
          logger,
        });
        const error = await auth.getToken().then(
          () => 'no error',
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(Error);
        expectNoSecret(error);
        expectNoSecret(lines);
        expect(JSON.stringify(server.requests)).toMatch(/CANARY|Q0FOQVJZ/);
      }
    },
  );

  it('stay out of what a transport or a fetch throws', async () => {
    const failing: Partial<AuthClientOptions>[] = [
      {
        transport: ({ body, headers }) =>
          Promise.reject(Object.assign(new Error(`failed: ${body ?? ''} ${canary}`), { body, headers })),
      },
      { fetch: (_, init) => Promise.reject(new TypeError(`fetch failed ${canary}`, { cause: init })) },
    ];
    for (const options of failing) {
      const { lines, logger } = recorder();
      const auth = new AuthClient({
        tokenUrl: 'https://tenant.example/token',
        clientId: 'id',
        clientSecret: canary,
        maxRetries: 0,
        logger,
        ...options,
      });
      const error = await auth.getToken().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expectNoSecret(error);
      expectNoSecret(lines);
    }
  });

  it('and tokens stay out of inspect, JSON and logs in every state of a client', async () => {
    await using tenant = await startTenant({ clients: [{ clientId: 'id', clientSecret: canary }] });
    const { lines, logger } = recorder();
    const auth = new AuthClient({
      platform: tenant.platform,
      clientId: 'id',
      clientSecret: canary,
      store: unencryptedStore(new Map<string, string>()),
      logger,
    });
    expectNoSecret(auth);
    const waiting = auth.getToken();
    expectNoSecret(auth);
    const token = await waiting;
    expectNoSecret(auth, token);
    auth.invalidate(token);
    const next = await auth.getToken();
    tenant.inject({ fault: { kind: 'status', status: 503 } });
    auth.invalidate(next);
    const last = await auth.getToken();
    await auth.close();
    expectNoSecret(auth, token, next, last);
    expectNoSecret(lines, token, next, last);
    expect(JSON.stringify(auth)).toBe('{}');
  });

  it('stay out of inspect and JSON of the other providers', () => {
    expectNoSecret(new ApiKeyAuth({ apiKey: 'CANARY' }));
    expectNoSecret(new StaticTokenAuth({ token: 'CANARY' }));
  });

  it('reach the log nowhere when a refresh beside a valid token fails', async () => {
    await using server = await scriptedServer(
      answer(200, { access_token: 'CANARY-token', token_type: 'Bearer', expires_in: 3600 }),
      echo,
    );
    const { lines, logger } = recorder();
    const auth = new AuthClient({
      tokenUrl: server.url,
      clientId: 'id',
      clientSecret: canary,
      refreshMarginMs: 1_800_000,
      logger,
      clock: pastHalf(),
    });
    await auth.getToken();
    await auth.getToken();
    await expect.poll(() => inspect(lines)).toContain('before its expiry');
    expectNoSecret(lines);
  });
});

/** The system's clock, half an hour further each time it is asked for the wall-clock time after the first. */
function pastHalf(): NonNullable<AuthClientOptions['clock']> {
  const started = Date.now();
  let asked = 0;
  return {
    now: () => (asked++ === 0 ? started : started + 1_900_000),
    monotonic: () => performance.now(),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => {
      clearTimeout(timer as NodeJS.Timeout);
    },
  };
}
