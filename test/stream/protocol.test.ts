import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssistStream, ConfigurationError } from 'agent-assist-sdk';
import type { ProtocolLink, StreamProtocol } from 'agent-assist-sdk/stream';
import { CountingAuth, settle } from './helpers.js';
import { setup, opened, accept, notes, type NoteEvents } from './notes-protocol.js';
import { Peer } from './peer.js';

describe('the handshake', () => {
  test('goes token, acceptance, topics; the stream is open when each topic is confirmed', async () => {
    const { stream, net, said, seen } = setup();
    stream.subscribe('a');
    stream.subscribe('b');
    void stream.connect();
    await settle();
    expect(net.last.url).toBe('wss://tenant.test/notes?key=hush-hush');
    expect(net.last.options.headers).toEqual({});
    net.last.open();
    expect(said()).toEqual([{ command: 'CONNECT', token: 'token-1' }]);
    net.last.frame({ command: 'CONNECTED' });
    expect(said().slice(1)).toEqual([
      { command: 'SUBSCRIBE', topic: 'a', token: 'token-1' },
      { command: 'SUBSCRIBE', topic: 'b', token: 'token-1' },
    ]);
    net.last.frame({ command: 'SUBSCRIBED', topic: 'b' });
    expect(stream.state).toBe('connecting');
    net.last.frame({ command: 'SUBSCRIBED', topic: 'a' });
    expect(stream.state).toBe('open');
    expect(seen).toEqual(['subscribed b', 'subscribed a', 'open 1']);
  });

  test.each([
    ['does not accept the connection', [], ': the server did not accept the connection'],
    ['confirms no topic', [{ command: 'CONNECTED' }], ': the server did not confirm 1 of 1 topics'],
  ])('has the time limit of a connection where the server %s', async (_name, frames, reason) => {
    const { stream, net, clock, seen } = setup();
    stream.subscribe('a');
    void stream.connect();
    await settle();
    net.last.open();
    for (const frame of frames) net.last.frame(frame);
    await clock.advance(19_999);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen).toEqual([`Stream tenant.test/notes: did not open within 20000 ms${reason}`]);
  });

  test.each([
    ['does not accept the connection', [], 'the server did not accept the connection'],
    ['confirms no topic', [{ command: 'CONNECTED' }], 'the server did not confirm 1 of 1 topics'],
  ])('is named by a shorter limit of connect() where the server %s', async (_name, frames, reason) => {
    const { stream, net, clock } = setup();
    stream.subscribe('a');
    const connected = stream.connect({ totalTimeoutMs: 5000 });
    const failure = expect(connected).rejects.toThrow(
      `Stream tenant.test/notes: did not open within 5000 ms: ${reason}`,
    );
    await settle();
    net.last.open();
    for (const frame of frames) net.last.frame(frame);
    await clock.advance(5000);
    await failure;
  });

  test('a close code before the end of the handshake counts as it does later', async () => {
    const { stream, net } = setup();
    const connected = stream.connect();
    await settle();
    net.last.open();
    net.last.closed(1008, 'hush-hush is not welcome');
    await expect(connected).rejects.toThrow(
      'Stream tenant.test/notes: closed with code 1008 ([redacted] is not welcome)',
    );
    expect(stream.state).toBe('terminated');
  });
});

describe('topics', () => {
  test('are added and removed while the stream is open, with the current token', async () => {
    const { stream, auth, said, net, seen } = await opened(['a']);
    auth.issued = 2;
    stream.subscribe('b');
    stream.unsubscribe('a');
    stream.subscribe('b');
    await settle();
    expect(said().slice(2)).toEqual([
      { command: 'SUBSCRIBE', topic: 'b', token: 'token-2' },
      { command: 'UNSUBSCRIBE', topic: 'a', token: 'token-2' },
    ]);
    net.last.frame({ command: 'SUBSCRIBED', topic: 'b' });
    expect(seen.at(-1)).toBe('subscribed b');
  });

  test('are all subscribed to again after a reconnection', async () => {
    const parts = await opened(['a']);
    parts.stream.subscribe('b');
    await settle();
    parts.net.last.closed(1006);
    await parts.clock.advance(5000);
    accept(parts, 'a', 'b');
    expect(parts.said().map(({ command, topic }) => [command, topic])).toEqual([
      ['CONNECT', undefined],
      ['SUBSCRIBE', 'a'],
      ['SUBSCRIBE', 'b'],
    ]);
    expect(parts.stream.state).toBe('open');
  });

  test('that make no sense are refused, and so is one for a protocol without topics', async () => {
    const { stream } = setup();
    expect(() => stream.subscribe('')).toThrow('topic: empty');
    await stream.close();
    expect(() => stream.subscribe('a')).toThrow('closed');
    const plain = new AssistStream({ streamUrl: 'wss://tenant.test', auth: new CountingAuth() });
    expect(() => plain.subscribe('a')).toThrow('subscribe: this protocol has no topics');
    expect(() => plain.send(undefined as never)).toThrow('send: this protocol has no messages');
  });
});

describe('a refusal by a message', () => {
  test('with 401 drops the token and connects at once; a second one ends the stream', async () => {
    const parts = setup();
    const connected = parts.stream.connect();
    await settle();
    parts.net.last.open();
    parts.net.last.frame({ command: 'ERROR', status: 401, text: 'token-1 expired' });
    await parts.clock.advance(0);
    expect(parts.auth.invalidated).toEqual(['token-1']);
    expect(parts.net.sockets).toHaveLength(2);
    parts.net.last.open();
    expect(parts.said()).toEqual([{ command: 'CONNECT', token: 'token-2' }]);
    parts.net.last.frame({ command: 'ERROR', status: 401, text: 'token-2 expired' });
    await expect(connected).rejects.toMatchObject({
      message: 'Stream tenant.test/notes: refused with 401 ([redacted] expired)',
      status: 401,
    });
  });

  test('with 401 on an open connection drops the token, waits for the backoff and goes on', async () => {
    const parts = await opened(['a']);
    parts.net.last.frame({ command: 'NOTE', text: 'fine' });
    parts.net.last.frame({ command: 'ERROR', status: 401 });
    await settle();
    expect(parts.auth.invalidated).toEqual(['token-1']);
    expect(parts.net.sockets).toHaveLength(1);
    await parts.clock.advance(5000);
    expect(parts.net.sockets).toHaveLength(2);
    accept(parts, 'a');
    expect(parts.stream.state).toBe('open');
  });

  test('of the newer token of a later topic drops that one, and quotes neither', async () => {
    const parts = await opened(['a']);
    parts.auth.issued = 2;
    parts.stream.subscribe('b');
    await settle();
    parts.net.last.frame({ command: 'ERROR', status: 401, text: 'token-2 is not better than token-1' });
    await settle();
    expect(parts.auth.invalidated).toEqual(['token-2']);
    expect(parts.seen.at(-1)).toBe(
      'Stream tenant.test/notes: refused with 401 ([redacted] is not better than [redacted])',
    );
  });

  test('counts even if the acceptance and a topic follow in the same packet', async () => {
    await using peer = await Peer.start();
    void peer.next().then(({ socket, raw }) => {
      raw.cork();
      for (const command of ['ERROR', 'CONNECTED', 'SUBSCRIBED']) socket.send(JSON.stringify({ command, topic: 'a' }));
      raw.uncork();
    });
    await using stream = new AssistStream({ streamUrl: peer.url, auth: new CountingAuth(), protocol: notes });
    stream.subscribe('a');
    await expect(stream.connect()).rejects.toThrow(/: refused$/);
    expect(stream.state).toBe('terminated');
  });

  test.each([
    [403, 'terminated'],
    [400, 'terminated'],
    [undefined, 'terminated'],
    [503, 'connecting'],
    [429, 'connecting'],
  ])('with %s before the first connection: %s', async (status, state) => {
    const { stream, net } = setup();
    stream.connect().catch(() => undefined);
    await settle();
    net.last.open();
    net.last.frame({ command: 'ERROR', status, text: 'no' });
    await settle();
    expect(stream.state).toBe(state);
  });

  test.each([
    [403, 'terminated'],
    [400, 'reconnecting'],
    [undefined, 'reconnecting'],
  ])('with %s later: %s', async (status, state) => {
    const { stream, net } = await opened();
    net.last.frame({ command: 'ERROR', status, text: 'no' });
    await settle();
    expect(stream.state).toBe(state);
  });

  test('that only fails the connection reconnects', async () => {
    const { net, seen } = await opened();
    net.last.frame({ command: 'BYE', text: 'going\nhush-hush down' });
    await settle();
    expect(seen.at(-1)).toBe('Stream tenant.test/notes: closed with code 1006 (going [redacted] down)');
  });
});

describe('messages', () => {
  test('wait for a connection, in order and up to a bound', async () => {
    const parts = setup();
    for (let index = 0; index < 100; index += 1) parts.stream.send(`m${index}`);
    expect(() => parts.stream.send('m100')).toThrow('The queue of messages is full (capacity 100)');
    expect(() => parts.stream.send('')).toThrow('text: empty');
    void parts.stream.connect();
    await settle();
    accept(parts);
    const texts = parts
      .said()
      .filter(({ command }) => command === 'SAY')
      .map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => `m${index}`));
    parts.stream.send('now');
    expect(parts.said().at(-1)).toEqual({ command: 'SAY', text: 'now' });
  });

  test('that were written are not sent again, those of the gap are', async () => {
    const parts = await opened();
    parts.stream.send('before');
    parts.net.last.closed(1006);
    parts.stream.send('between');
    await parts.clock.advance(5000);
    accept(parts);
    expect(parts.said().map(({ text }) => text)).toEqual([undefined, 'between']);
  });
});

describe('frames', () => {
  test('become several events, in order, for listeners and iterations', async () => {
    const { stream, net, seen } = await opened();
    const events = stream.events();
    net.last.frame({ command: 'NOTE', topic: 't', text: 'one|two' });
    expect(seen.slice(1)).toEqual(['one', 'two']);
    expect((await events.next()).value).toEqual({ type: 'NOTE', topic: 't', text: 'one' });
    expect((await events.next()).value).toEqual({ type: 'NOTE', topic: 't', text: 'two' });
  });

  test('none follows a close in the middle of one', async () => {
    const { stream, net, seen } = await opened();
    stream.on('NOTE', () => void stream.close());
    net.last.frame({ command: 'NOTE', text: 'one|two' });
    expect(seen.slice(1)).toEqual(['one']);
  });

  test('a protocol that throws makes an invalid frame, which quotes nothing', async () => {
    const { stream, net, log } = await opened();
    const invalid: unknown[] = [];
    stream.on('invalid', (event) => invalid.push(event));
    net.last.frame('hush-hush {');
    const where = /^the protocol failed: SyntaxError at .*notes-protocol\.ts:\d+:\d+\)?$/;
    expect(invalid).toEqual([{ issues: [{ path: '', message: expect.stringMatching(where) as string }] }]);
    expect(stream.state).toBe('open');
    expect(JSON.stringify(log.lines)).not.toContain('hush-hush');
  });

  test.each([
    [
      'in several lines',
      new Error('a frame\n    at secret (hush.ts:1:1)'),
      /^the protocol failed: Error at .*protocol\.test\.ts/,
    ],
    [
      'that changed',
      Object.assign(new Error('b'), { stack: 'Error: a\n    at secret' }),
      /^the protocol failed: Error$/,
    ],
    ['that is empty', new TypeError(''), /^the protocol failed: TypeError at .*protocol\.test\.ts/],
    ['without a stack', Object.assign(new Error('a'), { stack: undefined }), /^the protocol failed: Error$/],
    ['of this package', new ConfigurationError('expected a note'), /^the protocol failed: expected a note$/],
  ])('an error with a message %s is named without quoting a frame', async (_name, error, message) => {
    const { stream, net } = await opened([], {
      ...notes,
      open: (link) => ({
        ...notes.open(link),
        receive: (text) => {
          if (text === '{"command":"CONNECTED"}') link.connected();
          else throw error;
        },
      }),
    });
    const invalid: string[] = [];
    stream.on('invalid', ({ issues }) => invalid.push(...issues.map((issue) => issue.message)));
    net.last.frame('a frame');
    expect(invalid).toEqual([expect.stringMatching(message)]);
  });
});

describe('a protocol with a mistake', () => {
  const broken = (part: object): StreamProtocol<NoteEvents, string> => ({ ...notes, ...part });

  test.each([
    [{ token: 'header' }, "protocol.token: expected 'upgrade', 'protocol' or 'none'"],
    [{ token: undefined }, "protocol.token: expected 'upgrade', 'protocol' or 'none'"],
  ])('%j is refused by the constructor', (part, message) => {
    expect(() => setup(broken(part))).toThrow(new ConfigurationError(message));
  });

  type Link = ProtocolLink<NoteEvents>;
  test.each<[name: string, open: (link: Link) => unknown, message: string]>([
    ['open returns nothing', () => undefined, 'protocol.open(): expected a session with receive()'],
    [
      'open is asynchronous',
      async (link) => Promise.resolve(notes.open(link)),
      'protocol.open(): expected a session with receive(), not a promise',
    ],
    [
      'a time is missing',
      (link) => link.connected({ kind: 'beat' } as never),
      'intervalMs: expected ms above 0 and below 2^31',
    ],
    [
      'a kind is unknown',
      (link) => link.connected({ kind: 'ping' } as never),
      'intervalMs: expected ms above 0 and below 2^31',
    ],
  ])('says so if %s', async (_name, open, message) => {
    const { stream, net, seen } = setup(broken({ open }));
    stream.subscribe('a');
    stream.connect().catch(() => undefined);
    await settle();
    net.last.open();
    await settle();
    expect(seen).toEqual([`Stream tenant.test/notes: the protocol failed: ${message}`]);
    await stream.close();
  });

  test('does not drop messages if a session cannot send', async () => {
    const { stream, log } = await opened(
      [],
      broken({ open: (link: Link) => ({ ...notes.open(link), send: undefined }) }),
    );
    stream.send('hello');
    expect(JSON.stringify(log.lines)).toContain('protocol.open(): expected a session with send()');
  });

  test('may return its URL as a string', async () => {
    const { stream, net } = setup(broken({ url: (base: URL) => `${base.href}?key=1` }));
    stream.connect().catch(() => undefined);
    await settle();
    expect(net.last.url).toBe('wss://tenant.test/notes?key=1');
    await stream.close();
  });
});

test('whatever happens, each connection has the topics of its time, one at a time', async () => {
  const topic = fc.constantFrom('a', 'b', 'c');
  const action = fc.oneof(
    fc.record({ kind: fc.constant('subscribe' as const), topic }),
    fc.record({ kind: fc.constant('unsubscribe' as const), topic }),
    fc.record({ kind: fc.constantFrom('accept', 'confirm', 'cut', 'refuse', 'reconnect', 'wait') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
      const parts = await opened();
      const { stream, net, clock } = parts;
      const wanted = new Set<string>();
      for (const step of actions) {
        if (step.kind === 'subscribe') stream.subscribe(step.topic);
        if (step.kind === 'unsubscribe') stream.unsubscribe(step.topic);
        if (step.kind === 'subscribe') wanted.add(step.topic);
        if (step.kind === 'unsubscribe') wanted.delete(step.topic);
        if (step.kind === 'accept') accept(parts, ...wanted);
        if (step.kind === 'confirm') for (const each of wanted) net.last.frame({ command: 'SUBSCRIBED', topic: each });
        if (step.kind === 'cut') net.last.closed(1006);
        if (step.kind === 'refuse') net.last.frame({ command: 'ERROR', status: 503 });
        if (step.kind === 'reconnect') stream.reconnect();
        if (step.kind === 'wait') await clock.advance(31_000);
        await settle();
        await clock.advance(0);
      }
      await clock.advance(31_000);
      expect(net.mostLive).toBe(1);
      net.last.closed(1006);
      await settle();
      while (!net.last.isLive) await clock.advance(1000);
      accept(parts, ...wanted);
      expect(stream.state).toBe('open');
      const asked = parts.said().filter(({ command }) => command === 'SUBSCRIBE');
      expect(new Set(asked.map((each) => each.topic))).toEqual(wanted);
      await stream.close();
    }),
    { numRuns: 60 },
  );
});
