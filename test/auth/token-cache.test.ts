import { AbortError, AuthClient, OAuthError, ServerError } from 'agent-assist-sdk';
import { describe, expect, it } from 'vitest';
import { issuing, settle } from './token-server.js';
import { setUp } from './logged-client.js';

describe('a cached token', () => {
  it('is the current one, none before the first and none after the last', async () => {
    const { auth, server } = setUp();
    expect(auth.cachedToken()).toBeUndefined();
    const fetched = auth.getToken();
    await settle();
    server.last.issue();
    const token = await fetched;
    expect(auth.cachedToken()).toBe(token);
    await auth.close();
    expect(auth.cachedToken()).toBeUndefined();
  });

  it('is none of a class that has its own way to a token', async () => {
    class VaultAuth extends AuthClient {
      override getToken(): Promise<string> {
        return Promise.resolve('from-the-vault');
      }
    }
    const { server } = setUp();
    const auth = new VaultAuth({
      tokenUrl: 'https://tenant.example/oauth/token',
      clientId: 'id',
      clientSecret: 'secret',
      transport: server.transport,
    });
    expect(auth.cachedToken()).toBeUndefined();
    expect(await auth.getToken()).toBe('from-the-vault');
  });
});

describe('one request for all', () => {
  it('gives a thousand concurrent callers the token of one request', async () => {
    const { auth, server } = setUp();
    const calls = Array.from({ length: 1000 }, () => auth.getToken());
    await settle();
    expect(server.requests).toHaveLength(1);
    server.last.issue();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['token-1']));
    expect(await auth.getToken()).toBe('token-1');
    expect(server.requests).toHaveLength(1);
  });

  it('lets every caller fail with the same refusal and does not remember it', async () => {
    const { auth, server } = setUp();
    const calls = Promise.allSettled([auth.getToken(), auth.getToken()]);
    await settle();
    server.last.answer(401, { error: 'invalid_client', error_description: 'unknown client' });
    for (const call of await calls) {
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { serverCode: 'invalid_client', serverMessage: 'unknown client' },
      });
    }
    const next = auth.getToken();
    await settle();
    server.last.issue();
    expect(await next).toBe('token-1');
    expect(server.requests).toHaveLength(2);
  });

  it('ends one caller by its signal and leaves the request to the others', async () => {
    const { auth, server } = setUp();
    const controller = new AbortController();
    const impatient = auth.getToken({ signal: controller.signal });
    const patient = auth.getToken();
    await settle();
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError', cause: new Error('enough') });
    expect(server.last.signal.aborted).toBe(false);
    server.last.issue();
    expect(await patient).toBe('token-1');
  });

  it('sends nothing for a caller whose signal is aborted beforehand', async () => {
    const { auth, server } = setUp();
    await expect(auth.getToken({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
    expect(server.requests).toHaveLength(0);
  });

  it('also ends such a caller when there is a token', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    await auth.getToken();
    await expect(auth.getToken({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
  });

  it('aborts the request when no caller is waiting for it any more, and begins another for the next caller', async () => {
    const { auth, server } = setUp();
    const controllers = [new AbortController(), new AbortController()];
    const calls = Promise.allSettled(controllers.map(({ signal }) => auth.getToken({ signal })));
    await settle();
    controllers[0]?.abort();
    await settle();
    expect(server.last.signal.aborted).toBe(false);
    controllers[1]?.abort();
    await calls;
    await settle();
    expect(server.requests[0]?.signal.aborted).toBe(true);
    const next = auth.getToken();
    await settle();
    server.last.issue();
    expect(await next).toBe('token-1');
    expect(server.requests).toHaveLength(2);
    expect(server.maxAtATime).toBe(1);
  });

  it('repeats the request after 429, 5xx and a lost connection', async () => {
    const { auth, clock, server } = setUp();
    const token = auth.getToken();
    await settle();
    server.last.answer(429, {}, { 'retry-after': '2' });
    await settle();
    expect(server.requests).toHaveLength(1);
    await clock.advance(2000);
    server.last.answer(503, 'busy');
    await clock.advance(1000);
    server.last.fail(new Error('reset'));
    await clock.advance(2000);
    server.last.issue();
    expect(await token).toBe('token-1');
    expect(server.requests.map(({ form }) => form.toString())).toEqual(Array(4).fill(server.last.form.toString()));
  });

  it('gives up with the error of the last attempt', async () => {
    const { auth, clock, server } = setUp({ maxRetries: 1 });
    server.onRequest = (request) => {
      request.answer(500, { error: 'server_error' });
    };
    await expect(clock.runUntilSettled(auth.getToken())).rejects.toBeInstanceOf(ServerError);
    expect(server.requests).toHaveLength(2);
  });

  it('begins one further request when callers come at every turn while one fails', async () => {
    const { auth, server } = setUp({ maxRetries: 0 });
    const calls: Promise<unknown>[] = [];
    const call = (): void => {
      calls.push(auth.getToken().catch(() => 'failed'));
    };
    call();
    await settle();
    server.last.answer(500, {});
    for (let turn = 0; turn < 100; turn += 1) {
      await Promise.resolve();
      call();
    }
    await settle();
    expect(server.requests).toHaveLength(2);
    server.last.issue();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['failed', 'token-1']));
  });

  it('reports a refusal at once', async () => {
    const { auth, server } = setUp();
    server.onRequest = (request) => {
      request.answer(400, { error: 'invalid_scope' });
    };
    const error = await auth.getToken().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({
      serverCode: 'invalid_scope',
      status: 400,
      attempts: 1,
      message: 'The token endpoint returned invalid_scope',
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('invalidate', () => {
  it('drops the current token', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    auth.invalidate(await auth.getToken());
    expect(await auth.getToken()).toBe('token-2');
  });

  it('has no effect when another token is current', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    const old = await auth.getToken();
    auth.invalidate(old);
    await auth.getToken();
    auth.invalidate(old);
    auth.invalidate('never-seen');
    expect(await auth.getToken()).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });

  it('makes all who were refused share one request', async () => {
    const { auth, server } = setUp();
    server.onRequest = issuing(3600);
    const tokens = await Promise.all(Array.from({ length: 100 }, () => auth.getToken()));
    const renewed = await Promise.all(
      tokens.map((token) => {
        auth.invalidate(token);
        return auth.getToken();
      }),
    );
    expect(new Set(renewed)).toEqual(new Set(['token-2']));
    expect(server.requests).toHaveLength(2);
  });

  it('asks again when a request that began before brings the refused token', async () => {
    const { auth, clock, server } = setUp();
    server.onRequest = issuing(3600);
    const refused = await auth.getToken();
    server.onRequest = undefined;
    await clock.advance(3_550_000);
    await auth.getToken();
    await settle();
    auth.invalidate(refused);
    const renewed = auth.getToken();
    server.last.answer(200, { access_token: refused, token_type: 'Bearer', expires_in: 3600 });
    await settle();
    expect(server.requests).toHaveLength(3);
    server.last.issue();
    expect(await renewed).toBe('token-2');
  });

  it('takes the same token when the endpoint issues it anew after the refusal', async () => {
    const { auth, server } = setUp();
    server.onRequest = (request) => {
      request.answer(200, { access_token: 'steady', token_type: 'Bearer', expires_in: 3600 });
    };
    auth.invalidate(await auth.getToken());
    expect(await auth.getToken()).toBe('steady');
    expect(server.requests).toHaveLength(2);
  });
});
