import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AssistStream, AuthClient, ConfigurationError, type AssistStreamOptions } from 'agent-assist-sdk';
import { agentAssistProtocol } from 'agent-assist-sdk/stream';
import { startTenant } from 'agent-assist-sdk/testing';
import { FakeNative, FakeWs } from './fake-sockets.js';
import { CountingAuth, fakeNativeStream, fakeWsStream, record, recordingLogger, settle, patient } from './helpers.js';
import { Peer } from './peer.js';

const canary = 'canary/+= "%c3"';
const spellings = ['canary', encodeURIComponent(canary), 'Bearer'];

function expectClean(...things: unknown[]): void {
  for (const thing of things) {
    const texts = [
      inspect(thing, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify([thing]),
      String(thing),
    ];
    for (const text of texts) for (const spelling of spellings) expect(text).not.toContain(spelling);
  }
}

type Extra = Partial<AssistStreamOptions>;

describe.each(['header', 'query'] as const)('with the token in the %s', (streamToken) => {
  test('nothing that a server or ws says back carries it on', async () => {
    const logger = recordingLogger();
    const extra: Extra = { streamToken, logger, auth: new CountingAuth(canary), closeCodes: { 4000: 'terminate' } };
    const { clock, net, seen, stream } = fakeWsStream(extra);
    const connected = stream.connect(patient).catch((error: unknown) => error);
    await settle();
    const url = net.last.url;
    net.last.fail(Object.assign(new Error(`connect to ${url} with Bearer ${canary} failed`), { input: url }));
    await clock.advance(30_000);
    net.last.fail(Object.assign(new Error(`bad ${canary}-1`), { code: `${canary}-1` }));
    await clock.advance(30_000);
    net.last.refuse(503, { 'retry-after': `${canary}-1`, location: url });
    await clock.advance(30_000);
    net.last.open();
    net.last.closed(1006, `token ${canary}-1 has expired, access_token=${encodeURIComponent(`${canary}-1`)}`);
    await clock.advance(30_000);
    net.last.open();
    net.last.closed(4000, `Bearer ${canary}-1`);
    await settle();
    expect(seen.map(([name]) => name)).toEqual([
      'reconnecting',
      'reconnecting',
      'reconnecting',
      'open',
      'close',
      'reconnecting',
      'open',
      'close',
      'terminated',
    ]);
    const reasons = seen.flatMap(([name, event]) => (name === 'close' ? [event.reason] : []));
    expect(reasons[0]).toBe('token [redacted] has expired, access_token=[redacted]');
    const cleaned = JSON.parse(JSON.stringify([seen, logger.lines]).replaceAll('Bearer [redacted]', '')) as unknown;
    expectClean(
      cleaned,
      stream,
      await connected,
      ...seen
        .map(([, event]) => (event as { error?: unknown }).error)
        .filter((error) => error !== undefined)
        .map((error) => inspect(error, { depth: 20, showHidden: true }).replaceAll('Bearer [redacted]', '')),
    );
  });

  test('the token of an earlier connection', async () => {
    const logger = recordingLogger();
    const { clock, net, seen, stream } = fakeWsStream({ streamToken, logger, auth: new CountingAuth(canary) });
    const connected = stream.connect(patient);
    for (const number of [1, 2, 3]) {
      await settle();
      net.last.open();
      net.last.closed(3000, `not ${canary}-1 nor ${canary}-${number}`);
      await clock.advance(30_000);
    }
    await connected;
    await stream.close();
    const reasons = seen.flatMap(([name, event]) => (name === 'close' ? [event.reason] : []));
    expect(reasons).toContain('not [redacted] nor [redacted]');
    expectClean(seen, logger.lines, stream);
  });

  test('a WebSocket class that throws with it in its message', async () => {
    for (const Base of [FakeWs, FakeNative]) {
      class Throwing extends (Base as unknown as new (...args: unknown[]) => object) {
        constructor(...args: unknown[]) {
          super(...args);
          throw new SyntaxError(`Invalid: ${inspect(args)}`);
        }
      }
      const logger = recordingLogger();
      const make = Base === FakeWs ? fakeWsStream : fakeNativeStream;
      const { seen, stream } = make({
        streamToken,
        logger,
        auth: new CountingAuth(canary),
        WebSocket: Throwing as never,
      });
      const failure: unknown = await stream.connect(patient).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'StreamError' });
      expectClean(failure, seen, logger.lines, stream);
    }
  });

  test('a real tenant, cut, refusing and gone', async () => {
    const logger = recordingLogger();
    const tenant = await startTenant();
    const { clientSecret } = tenant.credentials;
    const auth = new AuthClient({
      platform: tenant.platform,
      ...tenant.credentials,
      scopes: ['streaming:subscribe'],
      logger,
    });
    await using stream = new AssistStream({
      platform: tenant.platform,
      streamToken,
      auth,
      logger,
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 5,
    });
    const seen = record(stream);
    await stream.connect(patient);
    for (const cut of [
      () => tenant.stream.terminateAll(),
      () => tenant.stream.closeAll(1001),
      () => tenant.revokeTokens(),
    ]) {
      cut();
      tenant.stream.terminateAll();
      await tenant.stream.waitForConnections();
    }
    tenant.stream.sendGarbage();
    tenant.stream.sendOutOfShape();
    await expect.poll(() => seen.filter(([name]) => name === 'invalid').length).toBeGreaterThan(10);
    const secrets = [clientSecret, ...tenant.issuedTokens.map(({ accessToken }) => accessToken)];
    await tenant.close();
    await expect.poll(() => seen.filter(([name]) => name === 'reconnecting').length).toBeGreaterThan(5);
    await stream.close();
    const everything =
      inspect([seen, logger.lines, stream, auth], {
        depth: 20,
        showHidden: true,
        maxStringLength: null,
        maxArrayLength: null,
      }) + JSON.stringify([seen, logger.lines]);
    for (const secret of secrets) expect(everything).not.toContain(secret);
    expect(everything).not.toContain('access_token=');
  });
});

test('a token of plain letters is taken out of a message of plain words', async () => {
  const auth = {
    header: (token: string) => ['authorization', token] as const,
    invalidate: () => undefined,
    getToken: () => Promise.resolve('plaincanary'),
  };
  const { net, seen, stream } = fakeWsStream({ auth });
  stream.connect(patient).catch(() => undefined);
  await settle();
  net.last.fail(new Error('The token plaincanary is bad'));
  await settle();
  expect((seen[0]?.[1] as { error: Error }).error.message).toBe(
    'Stream tenant.test/stream: The token [redacted] is bad',
  );
  await stream.close();
});

test.each([
  [new TypeError('canary', { cause: 'canary' }), 'No token: TypeError'],
  ['canary', 'No token: string'],
  [{ token: 'canary' }, 'No token: object'],
  [null, 'No token: object'],
  [undefined, 'No token: undefined'],
])('what a foreign provider throws does not get any further than its kind (%#)', async (thrown, message) => {
  const { seen, stream } = fakeWsStream({
    auth: {
      header: () => ['a', 'b'],
      invalidate: () => undefined,
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- foreign code may do so
      getToken: () => Promise.reject(thrown),
    },
  });
  stream.connect(patient).catch(() => undefined);
  await settle();
  expect(seen).toMatchObject([['reconnecting', { error: { name: 'StreamError', message } }]]);
  expectClean(seen);
  await stream.close();
});

test.each([undefined, null, 7, { token: 't' }])('a token that is not a string is refused: %s', async (token) => {
  await using peer = await Peer.start();
  const auth = { getToken: () => Promise.resolve(token), invalidate: () => undefined, header: () => ['a', 'b'] };
  await using stream = new AssistStream({ streamUrl: peer.url, auth: auth as never });
  await expect(stream.connect(patient)).rejects.toThrow(new ConfigurationError('token: expected a string'));
  expect(stream.state).toBe('terminated');
});

test.each([7, 'secret', [undefined]])(
  'secrets of a protocol that are not a list of strings are refused: %j',
  (secrets) => {
    const protocol = { ...agentAssistProtocol, secrets: () => secrets as never };
    expect(() => fakeWsStream({ protocol })).toThrow(
      new ConfigurationError('protocol.secrets(): expected a list of strings'),
    );
  },
);
