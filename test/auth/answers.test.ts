import { AuthClient, OAuthError, ResponseValidationError, type AuthClientOptions } from 'agent-assist-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../helpers/any-character.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { setUp } from './logged-client.js';
import { settle } from './token-server.js';

async function failure(status: number, body: unknown): Promise<unknown> {
  const { auth, server } = setUp({ maxRetries: 0 });
  server.onRequest = (request) => {
    request.answer(status, body);
  };
  return auth.getToken().catch((error: unknown) => error);
}

describe('answers of a token endpoint', () => {
  it.each(['Bearer', 'bearer', 'BEARER', null, undefined])('takes the token type %s', async (type) => {
    const { auth, server } = setUp();
    server.onRequest = (request) => {
      request.answer(200, {
        access_token: 'abc',
        token_type: type,
        expires_in: 3600,
        scope: 'a',
        anything: { else: true },
      });
    };
    expect(await auth.getToken()).toBe('abc');
  });

  it.each(['mac', 'DPoP', 'bearer token', '', 7])('refuses the token type %s', async (type) => {
    const error = await failure(200, { access_token: 'canary-token', token_type: type });
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect((error as ResponseValidationError).issues.map(({ path }) => path)).toEqual(['token_type']);
    expect(String(error)).not.toContain('canary');
  });

  it.each(['', 'canary token', 'canary\ntoken', 'canary-tökén', 'canary\u007f', 7, null, undefined])(
    'refuses the access token %j without repeating it',
    async (token) => {
      const error = await failure(200, { access_token: token, token_type: 'Bearer' });
      expect(error).toBeInstanceOf(ResponseValidationError);
      expect((error as ResponseValidationError).issues.map(({ path }) => path)).toEqual(['access_token']);
      expect(String(error)).not.toContain('canary');
    },
  );

  it('names every broken rule at once', async () => {
    const error = await failure(200, { access_token: '', token_type: 'mac' });
    expect((error as ResponseValidationError).issues.map(({ path }) => path)).toEqual(['access_token', 'token_type']);
  });

  it('takes an error that is sent with the status 200 for a refusal', async () => {
    const secret = 's3cr3t-canary';
    await using server = await scriptedServer(
      answer(200, { error: 'invalid_client', error_description: `no client with ${secret}` }),
    );
    await using auth = new AuthClient({ tokenUrl: `${server.url}/token`, clientId: 'id', clientSecret: secret });
    const error = await auth.getToken().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({
      status: 200,
      serverCode: 'invalid_client',
      path: '/token',
      attempts: 1,
      message: expect.stringMatching(/^The token endpoint returned invalid_client: no client with /) as string,
    });
    expect(String(error)).not.toContain('canary');
    expect(server.requests).toHaveLength(1);
  });

  it.each([{ error: 'no such client' }, { error: { code: 5 } }, { error: '' }])(
    'takes %j for no answer of a token endpoint',
    async (body) => {
      expect(await failure(200, body)).toBeInstanceOf(ResponseValidationError);
    },
  );

  it.each([
    { access_token: 'canary token', code: 'success', message: 'issued canary token' },
    { code: 'ok', message: 'canary-message', data: { access_token: 'canary-token' } },
  ])('takes %j for no refusal, since only error names one', async (body) => {
    const error = await failure(200, body);
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect(String(error)).not.toContain('canary');
  });

  it('takes a token that comes with an error', async () => {
    const { auth, server } = setUp();
    server.onRequest = (request) => {
      request.answer(200, { access_token: 'abc', error: 'none' });
    };
    expect(await auth.getToken()).toBe('abc');
  });

  it.each(['', '[]', 'null', '<html></html>', '{"access_token":'])('refuses the body %j', async (body) => {
    expect(await failure(200, body)).toBeInstanceOf(ResponseValidationError);
  });

  it.each([
    { expiresIn: 3600, seconds: 3600 },
    { expiresIn: '3600', seconds: 3600 },
    { expiresIn: 0.5, seconds: 0.5 },
    { expiresIn: undefined, seconds: 300 },
    { expiresIn: null, seconds: 300 },
    { expiresIn: 0, seconds: 300 },
    { expiresIn: -1, seconds: 300 },
    { expiresIn: '', seconds: 300 },
    { expiresIn: 'soon', seconds: 300 },
    { expiresIn: [3600], seconds: 300 },
    { expiresIn: '1e999', seconds: 300 },
  ])('keeps a token with expires_in $expiresIn for $seconds s', async ({ expiresIn, seconds }) => {
    const { auth, clock, server } = setUp({ refreshMarginMs: 0 });
    server.onRequest = (request) => {
      request.answer(200, { access_token: `t${server.requests.length}`, token_type: 'Bearer', expires_in: expiresIn });
    };
    await auth.getToken();
    await clock.advance(seconds * 1000 - 1);
    expect(await auth.getToken()).toBe('t1');
    await clock.advance(1);
    expect(await auth.getToken()).toBe('t2');
  });

  it.each([
    { field: 'expires_in', value: 0, problem: 'expires_in: expected seconds above 0' },
    { field: 'expires_in', value: 'soon', problem: 'expires_in: expected seconds above 0' },
    { field: 'expires_in', value: [3600], problem: 'expires_in: expected seconds above 0' },
    { field: 'id_token', value: 7, problem: 'id_token: expected string' },
    { field: 'id_token', value: 'canary token', problem: 'id_token: must be one or more visible ASCII characters' },
    { field: 'expires_in', value: null, problem: undefined },
    { field: 'expires_in', value: '3600', problem: undefined },
    { field: 'id_token', value: null, problem: undefined },
    { field: 'id_token', value: 'a.b.c', problem: undefined },
  ])('reports that it leaves out $field $value: $problem', async ({ field, value, problem }) => {
    const warnings: string[] = [];
    const ignore = (): undefined => undefined;
    const logger = {
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (message: string) => void warnings.push(message),
    };
    await using server = await scriptedServer(answer(200, { access_token: 'abc', [field]: value }));
    await using auth = new AuthClient({ tokenUrl: `${server.url}/token`, clientId: 'id', clientSecret: 's', logger });
    expect(await auth.getToken()).toBe('abc');
    expect(warnings).toEqual(
      problem === undefined ? [] : [`POST /token: omitted ${field} from the response (${problem})`],
    );
  });

  it.each([
    { status: 400, body: { error: 'invalid_scope', error_description: 'no such scope' } },
    { status: 401, body: { error: 'invalid_client' } },
    { status: 403, body: { error: 'access_denied', error_description: 'not for this client' } },
  ])('reports $body.error as an OAuth error', async ({ status, body }) => {
    const error = await failure(status, body);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({
      name: 'OAuthError',
      status,
      serverCode: body.error,
      method: 'POST',
      path: '/oauth/token',
      attempts: 1,
    });
    expect(String(error)).toContain(body.error);
    if (body.error_description !== undefined) expect(String(error)).toContain(`: ${body.error_description}`);
  });

  it.each([
    { status: 401, body: { error: 'Unauthorized', status: 401 }, name: 'AuthenticationError' },
    { status: 400, body: 'bad', name: 'BadRequestError' },
    { status: 404, body: { error: 'not_found' }, name: 'NotFoundError' },
    { status: 429, body: { error: 'slow_down' }, name: 'RateLimitError' },
    { status: 500, body: { error: 'server_error' }, name: 'ServerError' },
    { status: 302, body: '', name: 'ApiError' },
  ])('leaves $status with $body as $name', async ({ status, body, name }) => {
    expect(await failure(status, body)).toMatchObject({ name, status });
  });

  it('answers whatever JSON comes with a token that fits a header, or with a typed error', async () => {
    const loose = fc.record(
      {
        access_token: fc.option(fc.string({ unit: anyCharacter })),
        token_type: fc.oneof(fc.constant('Bearer'), fc.jsonValue()),
        expires_in: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(loose, fc.jsonValue()), async (body) => {
        const { auth, server } = setUp();
        server.onRequest = (request) => {
          request.answer(200, JSON.stringify(body));
        };
        const outcome = await auth.getToken().catch((error: unknown) => error);
        if (typeof outcome === 'string')
          expect(() => new Headers([[...auth.header(outcome)] as [string, string]])).not.toThrow();
        else expect(outcome).toBeInstanceOf(ResponseValidationError);
      }),
    );
  });
});

describe('what is sent', () => {
  it('puts the credentials into the form by default', async () => {
    const { auth, server } = setUp({ scopes: ['a:read', 'b', 'a:read'] });
    void auth.getToken();
    await settle();
    expect(Object.fromEntries(server.last.form)).toEqual({
      grant_type: 'client_credentials',
      scope: 'a:read b',
      client_id: 'id',
      client_secret: 'canary-secret',
    });
    expect(server.last.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    });
    expect(server.last.headers['authorization']).toBeUndefined();
    server.last.issue();
  });

  it('leaves the scope out when there is none', async () => {
    const { auth, server } = setUp({ scopes: [] });
    void auth.getToken();
    await settle();
    expect(server.last.form.has('scope')).toBe(false);
    server.last.issue();
  });

  it('form-encodes id and secret for Basic', async () => {
    const { auth, server } = setUp({
      clientAuthentication: 'client_secret_basic',
      clientId: 'i d:ü',
      clientSecret: 'p+%&=:ß',
    });
    void auth.getToken();
    await settle();
    expect(server.last.headers['authorization']).toBe(`Basic ${btoa('i+d%3A%C3%BC:p%2B%25%26%3D%3A%C3%9F')}`);
    expect(Object.fromEntries(server.last.form)).toEqual({ grant_type: 'client_credentials' });
    server.last.issue();
  });

  it.each([
    'https://tenant.example/oauth/token?realm=a%26b&x=1',
    'https://tenant.example/oauth/token?resource=https%3A%2F%2Fa.example&resource=b',
    'https://tenant.example/oauth/token/',
    'https://tenant.example',
    'https://tenant.example/a%20b/token',
  ])('sends to %s exactly', async (tokenUrl) => {
    const urls: string[] = [];
    const { server } = setUp();
    const auth = new AuthClient({
      tokenUrl,
      clientId: 'id',
      clientSecret: 's',
      transport: (request) => {
        urls.push(request.url);
        return server.transport(request);
      },
    });
    server.onRequest = (request) => request.issue();
    await auth.getToken();
    expect(urls).toEqual([new URL(tokenUrl).href]);
  });

  it.each([
    [{ baseUrl: 'https://elsewhere.example' }, /unknown option "baseUrl"; expected one of .*\bplatform, tokenUrl,/],
    [{ headers: { 'x-api': '1' } }, 'unknown option "headers"'],
    [{ refreshMargin: 1 }, 'unknown option "refreshMargin"; did you mean \'refreshMarginMs\'?'],
  ])('refuses options that are not its own: %j', (extra, message) => {
    const options = { tokenUrl: 'https://tenant.example/t', clientId: 'id', clientSecret: 's', ...extra };
    expect(() => new AuthClient(options)).toThrow(message);
  });

  it.each([
    [{ tokenUrl: 'not a url' }, 'tokenUrl'],
    [{ tokenUrl: '/oauth/token' }, 'tokenUrl'],
    [{ tokenUrl: 'ftp://tenant.example/token' }, 'tokenUrl'],
    [{ tokenUrl: 'https://user:canary@tenant.example/token' }, 'tokenUrl'],
    [{ tokenUrl: 'https://tenant.example/token#x' }, 'tokenUrl'],
    [{ clientId: '' }, 'clientId'],
    [{ clientSecret: '' }, 'clientSecret'],
    [{ clientSecret: undefined }, 'clientSecret'],
    [{ clientSecret: 'canary\n' }, 'clientSecret: expected a string without line breaks'],
    [{ clientId: 'id\r\n' }, 'clientId: expected a string without line breaks'],
    [{ accessKey: { id: 'id', secret: 'canary\n' } }, 'accessKey.secret: expected a string without line breaks'],
    [{ clientAuthentication: 'canary' }, 'clientAuthentication'],
    [{ scopes: 'a:read b:read' }, 'scopes: expected a list'],
    [{ scopes: ['ok', 'a b'] }, 'scopes[1]'],
    [{ scopes: [''] }, 'scopes[0]'],
    [{ scopes: ['a"'] }, 'scopes[0]'],
    [{ scopes: ['a\\'] }, 'scopes[0]'],
    [{ scopes: ['ä'] }, 'scopes[0]'],
    [{ refreshMarginMs: -1 }, 'refreshMarginMs'],
    [{ refreshMarginMs: NaN }, 'refreshMarginMs'],
    [{ refreshMarginMs: Infinity }, 'refreshMarginMs'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
  ])('refuses %j and names %s', (options, name) => {
    const create = (): unknown => setUp(options as Partial<AuthClientOptions>);
    expect(create).toThrow(expect.objectContaining({ name: 'ConfigurationError' }) as Error);
    expect(create).toThrow(name);
    expect(create).not.toThrow('canary');
  });
});
