import { AssistStream, AuthClient } from 'agent-assist-sdk';
import { expect, it } from 'vitest';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

it('tells why no token came when the wait for the first connection is given up', async () => {
  const server = await scriptedServer(answer(200));
  await server[Symbol.asyncDispose]();
  let onAttempt: () => void = () => undefined;
  const attempted = new Promise<void>((resolve) => (onAttempt = resolve));
  const tokenUrl = `${server.url}/t`;
  const auth = new AuthClient({ tokenUrl, clientId: 'id', clientSecret: 'secret', onAttempt: () => onAttempt() });
  await using stream = new AssistStream({ streamUrl: server.url.replace('http', 'ws'), auth });
  const given = new AbortController();
  const refused = expect(stream.connect({ signal: given.signal })).rejects.toMatchObject({
    name: 'AbortError',
    message: expect.stringContaining('ECONNREFUSED') as string,
    cause: { systemCode: 'ECONNREFUSED' },
  });
  await attempted;
  given.abort();
  await refused;
});
