import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpClient } from 'agent-assist-sdk';
import { connectionFailure } from '#dist/http/internal.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('only the limits of the client end a call', () => {
  it('over Node’s fetch: its five minutes are lifted, and the process’s own dispatcher sends', async () => {
    await using server = await scriptedServer(answer(200));
    // Loads what sends for `fetch`.
    expect(Response).toBeDefined();
    const own = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1')) as {
      dispatch(options: object): boolean;
    };
    const dispatch = vi.spyOn(own, 'dispatch');
    await new HttpClient({ baseUrl: server.url }).request({ method: 'GET', path: '/thing' });
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(dispatch.mock.calls[0]?.[0]).toMatchObject({ path: '/thing', headersTimeout: 0, bodyTimeout: 0 });
  });

  it.each(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])(
    'and where a runtime has ended one by a limit of its own, the reason says so: %s',
    (code) => {
      const timeout = Object.assign(new Error('Connect Timeout Error'), { code });
      expect(connectionFailure(new TypeError('fetch failed', { cause: timeout }))).toEqual({
        systemCode: code,
        message: 'Connect Timeout Error (a limit of the transport or the runtime, not of this client)',
        permanent: false,
      });
    },
  );
});
