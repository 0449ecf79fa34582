import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AuthClient, HttpClient, StaticTokenAuth, type AttemptInfo, type AuthProvider } from 'agent-assist-sdk';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { encodings, expectGone } from './encodings.js';

/** An answer that quotes the credential of its request wherever a server can. */
const echoing = (status: number) => (quote: (authorization: string) => string) =>
  scriptedServer((response, request) => {
    const quoted = quote(request.headers.authorization ?? request.body);
    answer(
      status,
      { error: 'refused', message: `refused: ${quoted}`, detail: quoted },
      { 'x-request-id': quoted },
    )(response, request);
  });

/** Everything that a person could see. */
const seen = (...values: readonly unknown[]): string =>
  values
    .flatMap((value) => [
      inspect(value, { depth: 9, showHidden: true, maxStringLength: null }),
      JSON.stringify(value),
      String(value),
    ])
    .join('\n');

describe('a server that quotes the credential', () => {
  it.each([200, 400, 500])('as the request id of a %d: it is left out', async (status) => {
    const token = 'tok-3n.canary_value~1';
    await using server = await echoing(status)((authorization) => `id-7 ${authorization} ${token} ${btoa(token)}`);
    const lines: unknown[] = [];
    const log = (...line: unknown[]): number => lines.push(...line);
    const infos: AttemptInfo[] = [];
    const http = new HttpClient({
      baseUrl: server.url,
      auth: new StaticTokenAuth({ token }),
      maxRetries: 0,
      onAttempt: (info) => infos.push(info),
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const outcome: unknown = await http
      .request({ method: 'GET', path: '/' })
      .withResponse()
      .then(
        ({ requestId }) => ({ requestId }),
        (error: unknown) => error,
      );
    expect(outcome).toMatchObject({ requestId: 'id-7 [redacted] [redacted] [redacted]' });
    expect(infos).toMatchObject([{ status, requestId: 'id-7 [redacted] [redacted] [redacted]' }]);
    expect(seen(outcome, infos, lines)).not.toMatch(/canary|dG9rLTNuL/);
  });

  it('the token before, after it was renewed in the same call', async () => {
    let requests = 0;
    await using server = await scriptedServer((response, request) => {
      requests += 1;
      const both = 'first-canary-token second-canary-token';
      answer(requests === 1 ? 401 : 400, { message: both }, { 'x-request-id': both })(response, request);
    });
    const tokens = ['first-canary-token', 'second-canary-token'];
    const auth: AuthProvider = {
      getToken: () => Promise.resolve(tokens[Math.min(requests, 1)] ?? ''),
      invalidate: () => undefined,
      header: (token) => ['authorization', `Bearer ${token}`],
    };
    const error: unknown = await new HttpClient({ baseUrl: server.url, auth })
      .request({ method: 'GET', path: '/' })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      status: 400,
      attempts: 2,
      requestId: '[redacted] [redacted]',
      serverMessage: '[redacted] [redacted]',
    });
    expect(seen(error)).not.toContain('canary');
  });

  it('of a header of the caller', async () => {
    await using server = await scriptedServer((response, request) => {
      answer(400, { message: `bad ${request.headers.cookie ?? ''}` })(response, request);
    });
    const http = new HttpClient({ baseUrl: server.url, headers: { Cookie: 'session=canary; b=c' } });
    await expect(http.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ serverMessage: 'bad [redacted]' });
  });

  it.each(Object.entries(encodings))('of a client at the token endpoint: %s', async (_, encode) => {
    const clientSecret = 'c4 <n"a\'r\\y+/=&%ü>';
    await using server = await scriptedServer((response, request) => {
      answer(400, { error: 'invalid_client', error_description: encode(clientSecret) })(response, request);
    });
    const auth = new AuthClient({ tokenUrl: server.url, clientId: 'id', clientSecret, maxRetries: 0 });
    const error: unknown = await auth.getToken().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'OAuthError', serverCode: 'invalid_client' });
    const { serverMessage } = error as { serverMessage: string };
    expect(serverMessage).toContain('[redacted]');
    expectGone(seen(error), encode(clientSecret));
  });
});
