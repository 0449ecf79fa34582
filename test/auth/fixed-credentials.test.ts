import {
  AbortError,
  ApiKeyAuth,
  AuthenticationError,
  HttpClient,
  StaticTokenAuth,
  type AuthProvider,
} from 'agent-assist-sdk';
import { describe, expect, it } from 'vitest';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

async function headersSentWith(auth: AuthProvider): Promise<Record<string, unknown>> {
  await using server = await scriptedServer(answer(200));
  await new HttpClient({ baseUrl: server.url, auth }).request({ method: 'GET', path: '/x' });
  return { ...server.requests[0]?.headers };
}

describe('ApiKeyAuth', () => {
  it('sends the key in x-api-key', async () => {
    const headers = await headersSentWith(new ApiKeyAuth({ apiKey: 'key-1' }));
    expect(headers['x-api-key']).toBe('key-1');
    expect(headers['authorization']).toBeUndefined();
  });

  it('sends the key in another header, behind a prefix', async () => {
    const headers = await headersSentWith(
      new ApiKeyAuth({ apiKey: 'key-1', headerName: 'Authorization', prefix: 'ApiKey ' }),
    );
    expect(headers['authorization']).toBe('ApiKey key-1');
    expect(headers['x-api-key']).toBeUndefined();
  });

  it('names its header in lower case, as every header of the SDK', () => {
    expect(new ApiKeyAuth({ apiKey: 'k', headerName: 'X-Key' }).header('k')).toEqual(['x-key', 'k']);
  });

  it.each([
    [{ apiKey: '' }, 'apiKey'],
    [{ apiKey: 'canary key' }, 'apiKey'],
    [{ apiKey: 'canary\r\nx: y' }, 'apiKey'],
    [{ apiKey: 'canaryä' }, 'apiKey'],
    [{ apiKey: undefined as unknown as string }, 'apiKey'],
    [{ apiKey: 4711 as unknown as string }, 'apiKey'],
    [{ apiKey: 'k', headerNam: 'x-key' } as unknown as { apiKey: string }, 'ApiKeyAuth: unknown option'],
    [{ apiKey: 'k', headerName: '' }, 'headerName'],
    [{ apiKey: 'k', headerName: 'x key' }, 'headerName'],
    [{ apiKey: 'k', headerName: 'x:key' }, 'headerName'],
    [{ apiKey: 'k', prefix: 'canary\n' }, 'prefix'],
    [{ apiKey: 'k', prefix: '\ncanary' }, 'prefix'],
    [{ apiKey: 'k', headerName: '\nx-key' }, 'headerName'],
  ])('refuses %j and names %s', (options, name) => {
    const create = (): unknown => new ApiKeyAuth(options);
    expect(create).toThrow(expect.objectContaining({ name: 'ConfigurationError' }) as Error);
    expect(create).toThrow(name);
    expect(create).not.toThrow('canary');
  });
});

describe('StaticTokenAuth', () => {
  it('sends the token as Bearer', async () => {
    expect((await headersSentWith(new StaticTokenAuth({ token: 'token-1' })))['authorization']).toBe('Bearer token-1');
  });

  it.each(['canary token', 'canary\n'])('refuses the token %j', (token) => {
    expect(() => new StaticTokenAuth({ token })).toThrow('token: expected visible ASCII characters');
  });
});

describe.each<[string, AuthProvider]>([
  ['ApiKeyAuth', new ApiKeyAuth({ apiKey: 'credential' })],
  ['StaticTokenAuth', new StaticTokenAuth({ token: 'credential' })],
])('%s', (_, auth) => {
  it('has one credential for ever', async () => {
    await auth.invalidate('credential');
    expect(auth.cachedToken?.()).toBe('credential');
    expect(await auth.getToken()).toBe('credential');
  });

  it('ends with the signal of the caller', async () => {
    await expect(auth.getToken({ signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
  });

  it('ends a call on 401 without repeating it', async () => {
    await using server = await scriptedServer(answer(401));
    await expect(
      new HttpClient({ baseUrl: server.url, auth }).request({ method: 'GET', path: '/x' }),
    ).rejects.toBeInstanceOf(AuthenticationError);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a class with its own way to a token', () => {
  class Rotating extends StaticTokenAuth {
    override getToken(): Promise<string> {
      return Promise.resolve('rotated');
    }
  }

  it.each([
    new (class extends ApiKeyAuth {
      override getToken = (): Promise<string> => Promise.resolve('rotated');
    })({ apiKey: 'first' }),
    new Rotating({ token: 'first' }),
  ])('has no token at hand', (auth) => {
    expect(auth.cachedToken()).toBeUndefined();
  });

  it('is asked for it', async () => {
    expect(await headersSentWith(new Rotating({ token: 'first' }))).toMatchObject({ authorization: 'Bearer rotated' });
  });
});
