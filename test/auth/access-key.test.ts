import { unencryptedStore } from 'agent-assist-sdk/http';
import { inspect } from 'node:util';
import { AuthClient, HttpClient, type AuthClientOptions, type Logger } from 'agent-assist-sdk';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer, type Script, type ScriptedServer } from '../helpers/scripted-server.js';

const SECRETS = {
  client: 'CANARY-client+/ ü%',
  key: 'CANARY-key+/ ü%&=',
  access: 'CANARY-access.a.b',
  id: 'CANARY-id.a.b',
};

const grant = (more: object = {}): Script =>
  answer(200, {
    access_token: SECRETS.access,
    token_type: 'Bearer',
    refresh_token: 'CANARY-refresh',
    expires_in: 3600,
    id_token: SECRETS.id,
    ...more,
  });

const client = ({ url }: ScriptedServer, options: Partial<AuthClientOptions> = {}): AuthClient =>
  new AuthClient({
    tokenUrl: `${url}/auth/token`,
    clientId: 'client:1',
    clientSecret: SECRETS.client,
    accessKey: { id: 'KEY ID', secret: SECRETS.key },
    maxRetries: 0,
    ...options,
  });

function expectNoSecret(...values: unknown[]): void {
  for (const value of values) {
    const seen = `${inspect(value, { depth: Infinity, showHidden: true, getters: true })} ${JSON.stringify(value)} ${String(value)} ${value instanceof Error ? value.stack : ''}`;
    expect(seen).not.toMatch(/CANARY|Q0FOQVJZ|NBTkFSW|DQU5BUl/);
  }
}

function recorder(): { readonly lines: unknown[]; readonly logger: Logger } {
  const lines: unknown[] = [];
  const record = (...line: unknown[]): void => void lines.push(...line);
  return { lines, logger: { debug: record, info: record, warn: record, error: record } };
}

describe('an access key', () => {
  it('logs in by the password grant, with the client as Basic and no scope', async () => {
    await using server = await scriptedServer(grant());
    await using auth = client(server);
    expect(await auth.getToken()).toBe(SECRETS.access);
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/auth/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        // RFC 6749 §2.3.1: both halves form-encoded, so that the colon of an id cannot be taken for the separator.
        authorization: `Basic ${Buffer.from('client%3A1:CANARY-client%2B%2F+%C3%BC%25').toString('base64')}`,
      },
    });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'password',
      username: 'KEY ID',
      password: SECRETS.key,
    });
  });

  it('sends the client in the form where that is asked for', async () => {
    await using server = await scriptedServer(grant());
    await using auth = client(server, { clientAuthentication: 'client_secret_post' });
    await auth.getToken();
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    expect(new URLSearchParams(server.requests[0]?.body).get('client_secret')).toBe(SECRETS.client);
  });

  it('gives the id token of the current access token, all by one request', async () => {
    await using server = await scriptedServer(grant(), grant({ access_token: 'second', id_token: 'second-id' }));
    await using auth = client(server);
    expect(await Promise.all([auth.getIdToken(), auth.getToken(), auth.getIdToken()])).toEqual([
      SECRETS.id,
      SECRETS.access,
      SECRETS.id,
    ]);
    expect(server.requests).toHaveLength(1);
    auth.invalidate(SECRETS.access);
    expect(await auth.getIdToken()).toBe('second-id');
    expect(await auth.getToken()).toBe('second');
    expect(server.requests).toHaveLength(2);
  });

  it.each([undefined, null, 7, '', 'two words'])('takes %j for no id token', async (id_token) => {
    await using server = await scriptedServer(grant({ id_token }));
    await using auth = client(server);
    expect(await auth.getIdToken()).toBeUndefined();
    expect(await auth.getToken()).toBe(SECRETS.access);
  });

  it('shares the id token through a store, with clients of the same key only', async () => {
    await using server = await scriptedServer(grant(), grant({ access_token: 'other', id_token: 'other-id' }));
    const store = new Map<string, string>();
    await using first = client(server, { store: unencryptedStore(store) });
    await first.getToken();
    await using second = client(server, { store: unencryptedStore(store) });
    expect(await second.getIdToken()).toBe(SECRETS.id);
    expect(server.requests).toHaveLength(1);
    await using other = client(server, { store: unencryptedStore(store), accessKey: { id: 'OTHER', secret: 'x' } });
    expect(await other.getIdToken()).toBe('other-id');
    expect([...store.keys()].join()).toMatch(/^(agent-assist-token-[0-9a-f]{64},?){2}$/);
    expect([...store.values()].join()).not.toContain(SECRETS.key);
  });

  it('refreshes inside the margin while calls go on', async () => {
    await using server = await scriptedServer(grant(), grant({ access_token: 'second', id_token: 'second-id' }));
    const clock = new FakeClock();
    await using auth = client(server, { clock });
    expect(await auth.getIdToken()).toBe(SECRETS.id);
    await clock.advance(3_541_000);
    expect(await auth.getIdToken()).toBe(SECRETS.id);
    await expect.poll(() => auth.getIdToken()).toBe('second-id');
    expect(server.requests).toHaveLength(2);
  });

  it('is asked once more after a 401 of the API', async () => {
    await using server = await scriptedServer(grant(), answer(401), grant({ access_token: 'second' }), answer(200, {}));
    const auth = client(server);
    const http = new HttpClient({ baseUrl: server.url, auth });
    const { attempts } = await http.request({ method: 'GET', path: '/x' }).withResponse();
    expect(attempts).toBe(2);
    expect(server.requests.map(({ url }) => url)).toEqual(['/auth/token', '/x', '/auth/token', '/x']);
  });

  it('goes to the older endpoint as JSON', async () => {
    await using server = await scriptedServer(
      answer(200, { access_token: 'a', refresh_token: 'r', expires_in: '3600', resource_server_base_uri: 'u' }),
    );
    await using auth = new AuthClient({
      tokenUrl: `${server.url}/authentication/v1/token/access-key`,
      clientId: 'KEY ID',
      clientSecret: SECRETS.key,
      clientAuthentication: 'access_key_json',
    });
    expect([await auth.getToken(), await auth.getIdToken()]).toEqual(['a', undefined]);
    expect(server.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ accessKeyId: 'KEY ID', accessKeySecret: SECRETS.key });
  });

  it.each([
    [{ accessKey: { id: undefined, secret: 's' } }, 'accessKey.id: missing'],
    [{ accessKey: { id: 'i', secret: '' } }, 'accessKey.secret: missing'],
    [{ accessKey: { id: 'i', secret: 7 as unknown as string } }, 'accessKey.secret: expected a string'],
    [{ scopes: ['agentassist:read'] }, 'scopes: an access key has the rights of its user'],
    [{ clientAuthentication: 'access_key_json' as const }, 'clientAuthentication: expected client_secret_post or'],
    [{ clientId: undefined }, 'clientId: missing'],
  ])('is refused before anything is sent: %j', async (options, message) => {
    await using server = await scriptedServer(grant());
    expect(() => client(server, options)).toThrow(message);
    expect(server.requests).toHaveLength(0);
  });
});

describe('the secrets of an access key', () => {
  const echo: Script = (response, request) => {
    const quoted = `${request.body} ${request.headers.authorization ?? ''} ${[...new URLSearchParams(request.body).values()].join(' ')} id_token=${SECRETS.id}`;
    answer(
      400,
      { error: 'invalid_grant', errorDescription: quoted, traceId: 't' },
      { icStatusDescription: encodeURI(quoted) },
    )(response, request);
  };

  it.each([
    ['password', {}],
    ['form', { clientAuthentication: 'client_secret_post' as const }],
    ['JSON', { clientAuthentication: 'access_key_json' as const, accessKey: undefined }],
  ])('stay out of what the endpoint quotes: %s', async (_, options) => {
    await using server = await scriptedServer(echo);
    const { lines, logger } = recorder();
    const auth = client(server, { ...options, logger });
    const error: unknown = await auth.getIdToken().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'OAuthError', serverCode: 'invalid_grant' });
    expect(JSON.stringify(error)).toContain('[redacted]');
    expectNoSecret(error, lines, auth);
  });

  it('and the tokens stay out of inspect, JSON and logs in every state', async () => {
    await using server = await scriptedServer(grant(), grant(), answer(500, { message: SECRETS.key }));
    const { lines, logger } = recorder();
    const broken = {
      get: () => undefined,
      set: (_: string, value: string) => Promise.reject(new Error(value)),
      delete: () => Promise.reject(new Error(SECRETS.access)),
    };
    const auth = client(server, { logger, store: unencryptedStore(broken) });
    expectNoSecret(auth);
    await auth.getIdToken();
    expectNoSecret(auth);
    auth.invalidate(SECRETS.access);
    await auth.getIdToken();
    auth.invalidate('another');
    auth.invalidate(SECRETS.access);
    const error: unknown = await auth.getIdToken().catch((reason: unknown) => reason);
    await auth.close();
    expect(lines.join()).toContain('Token store: write failed');
    expectNoSecret(auth, lines, error);
  });
});
