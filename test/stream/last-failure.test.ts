import { AssistStream, AuthClient, type AssistStreamOptions } from 'agent-assist-sdk';
import type { StreamReconnecting } from 'agent-assist-sdk/stream';
import { expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

/** A stream whose token endpoint refuses connections, and the first attempt there. */
async function streamWithoutToken(options: Partial<AssistStreamOptions> = {}) {
  const server = await scriptedServer(answer(200));
  await server[Symbol.asyncDispose]();
  const attempted = Promise.withResolvers<undefined>();
  const onAttempt = (): void => attempted.resolve(undefined);
  const { clock } = options;
  const credentials = { tokenUrl: `${server.url}/t`, clientId: 'id', clientSecret: 'secret' };
  const auth = new AuthClient({ ...credentials, onAttempt, clock, random: () => 0.9, maxRetries: 9 });
  const stream = new AssistStream({ streamUrl: server.url.replace('http', 'ws'), auth, ...options });
  return { stream, attempted: attempted.promise };
}

it.each(['the stream', 'the wait for the first connection'])(
  'tells why no token came when the signal of %s is aborted',
  async (owner) => {
    const given = new AbortController();
    const { signal } = given;
    const isOfStream = owner === 'the stream';
    const { stream, attempted } = await streamWithoutToken(isOfStream ? { signal } : {});
    const refused = expect(stream.connect(isOfStream ? {} : { signal })).rejects.toMatchObject({
      name: 'AbortError',
      message: expect.stringContaining('ECONNREFUSED') as string,
      cause: { systemCode: 'ECONNREFUSED' },
    });
    await attempted;
    given.abort();
    await refused;
    await stream.close();
  },
);

it('tells why no token came within the limit of an attempt', async () => {
  const clock = new FakeClock();
  const { stream } = await streamWithoutToken({ clock, connectTimeoutMs: 4000 });
  const reconnecting = new Promise<StreamReconnecting>((resolve) => stream.on('reconnecting', resolve));
  stream.connect().catch(() => undefined);
  const { error } = await clock.runUntilSettled(reconnecting, 100_000);
  expect(error).toMatchObject({
    message: expect.stringMatching(/^No token within 4000 ms: .*ECONNREFUSED/) as string,
    cause: { systemCode: 'ECONNREFUSED' },
  });
  await stream.close();
});
