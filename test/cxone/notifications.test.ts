import { inspect } from 'node:util';
import { AssistStream, type AuthProvider, type Logger } from 'agent-assist-sdk';
import {
  agenticProtocol,
  ccaiTopic,
  copilotHealthTopic,
  copilotTopic,
  guidanceTopic,
  notificationProtocol,
  transcriptTopic,
  type NotificationEvents,
  type NotificationProtocolOptions,
} from 'agent-assist-sdk/cxone';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { Peer, type PeerConnection } from '../stream/peer.js';
import { reading } from './link.js';

interface Said {
  readonly command: string;
  readonly headers: { readonly sessionToken?: string };
  readonly body: { readonly topic?: string };
}

/** The server's half of one connection; it answers as recorded, except the commands and topics that it is silent on. */
class Hub {
  readonly said: Said[] = [];
  readonly connection: PeerConnection;
  readonly #silent: ReadonlySet<string>;

  constructor(connection: PeerConnection, silent: readonly string[] = []) {
    this.connection = connection;
    this.#silent = new Set(silent);
    connection.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Said;
      this.said.push(frame);
      if (this.#silent.has(frame.command) || this.#silent.has(frame.body.topic ?? '')) return;
      const answer = {
        CONNECT: 'CONNECTED',
        SUBSCRIBE: 'SUBSCRIBED',
        UNSUBSCRIBE: 'UNSUBSCRIBED',
        HEARTBEAT: 'HEARTBEAT_ACK',
      };
      this.send(answer[frame.command as keyof typeof answer], frame.body);
    });
  }

  send(command: string, body: object = {}): void {
    this.connection.socket.send(JSON.stringify({ command, headers: { connectionId: 'conn-41' }, body }));
  }

  /** Commands with topic, or token where there is no topic. */
  get commands(): string[] {
    return this.said.map(({ command, headers, body }) => `${command} ${body.topic ?? headers.sessionToken ?? '-'}`);
  }
}

/** Hands out `CANARY-1`, and the next one after each refusal. */
class Tokens implements AuthProvider {
  number = 1;
  getToken = (): Promise<string> => Promise.resolve(`CANARY-${this.number}`);
  header = (token: string) => ['authorization', `Bearer ${token}`] as const;
  invalidate = (token: string): void => {
    if (token === `CANARY-${this.number}`) this.number += 1;
  };
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function started(options: NotificationProtocolOptions = {}, protocol = notificationProtocol(options)) {
  const peer = await Peer.start();
  const clock = new FakeClock();
  const auth = new Tokens();
  const lines: unknown[] = [];
  const record = (...line: unknown[]): void => void lines.push(...line);
  const logger: Logger = { debug: record, info: record, warn: record, error: record };
  const stream = new AssistStream({ streamUrl: peer.url, auth, protocol, clock, random: () => 0, logger });
  open.push(peer, stream);
  const events: unknown[] = [];
  const note = (event: object): void => void events.push(event);
  for (const name of Object.keys(protocol.events) as (keyof NotificationEvents)[]) stream.on(name, note);
  stream.on('invalid', note).on('unknown', note).on('reconnecting', note).on('terminated', note).on('close', note);
  const hub = async (...silent: string[]): Promise<Hub> => new Hub(await peer.next(), silent);
  return { peer, clock, auth, stream, events, lines, hub };
}

const ofType = (events: readonly unknown[], type: string): unknown[] =>
  events.filter((event) => (event as { readonly type?: string }).type === type);

function expectNoToken(...values: unknown[]): void {
  expect(inspect(values, { depth: Infinity, showHidden: true })).not.toContain('CANARY');
  expect(JSON.stringify(values)).not.toContain('CANARY');
}

describe('the notification socket', () => {
  it('connects, subscribes each topic after CONNECTED, and is open when all are confirmed', async () => {
    const { stream, hub, peer } = await started();
    stream.subscribe(copilotTopic('1001'));
    stream.subscribe(copilotHealthTopic('1001'));
    stream.subscribe(transcriptTopic('30001'));
    const connecting = stream.connect();
    const server = await hub();
    await connecting;
    expect(server.commands).toEqual([
      'CONNECT CANARY-1',
      'SUBSCRIBE 1001_agentcopilot',
      'SUBSCRIBE 1001_agentcopilot_health',
      'SUBSCRIBE 30001_transcript',
    ]);
    expect(server.said).toEqual([
      { command: 'CONNECT', headers: { sessionToken: 'CANARY-1' }, body: {} },
      ...['1001_agentcopilot', '1001_agentcopilot_health', '30001_transcript'].map((topic) => ({
        command: 'SUBSCRIBE',
        headers: { sessionToken: 'CANARY-1' },
        body: { topic },
      })),
    ]);
    expect(peer.url).not.toContain('CANARY');
  });

  it('takes topics while it is open, with the token of then, and all of them after a reconnection', async () => {
    const { stream, hub, clock, auth } = await started();
    const connecting = stream.connect();
    const server = await hub();
    await connecting;
    stream.subscribe('1_transcript');
    stream.subscribe('2_transcript');
    await expect.poll(() => server.commands).toContain('SUBSCRIBE 2_transcript');
    auth.number = 7;
    stream.unsubscribe('1_transcript');
    stream.subscribe('3_transcript');
    await expect.poll(() => server.commands).toContain('SUBSCRIBE 3_transcript');
    expect(server.said.slice(-2)).toEqual([
      { command: 'UNSUBSCRIBE', headers: { sessionToken: 'CANARY-7' }, body: { topic: '1_transcript' } },
      { command: 'SUBSCRIBE', headers: { sessionToken: 'CANARY-7' }, body: { topic: '3_transcript' } },
    ]);
    const reopened = new Promise((resolve) => stream.once('open', resolve));
    server.connection.raw.destroy();
    const next = hub();
    await clock.runUntilSettled(reopened);
    expect((await next).commands).toEqual(['CONNECT CANARY-7', 'SUBSCRIBE 2_transcript', 'SUBSCRIBE 3_transcript']);
  });

  it.each([
    [{}, 20_000, ''],
    [{ heartbeatIntervalMs: 10_000, heartbeatToken: 'connection' as const }, 10_000, 'CANARY-1'],
  ])('beats %j', async (options, intervalMs, token) => {
    const { stream, hub, clock } = await started(options);
    const connecting = stream.connect();
    const server = await hub();
    await connecting;
    await clock.advance(intervalMs - 1);
    expect(server.commands).toHaveLength(1);
    await clock.advance(1);
    await expect
      .poll(() => server.said.at(-1))
      .toEqual({ command: 'HEARTBEAT', headers: { sessionToken: token }, body: {} });
  });

  it('ends the connection after three beats in a row that nobody acknowledged, whatever else arrives', async () => {
    const { stream, hub, clock, events, peer } = await started();
    const connecting = stream.connect();
    const server = await hub('HEARTBEAT');
    await connecting;
    for (let beat = 1; beat <= 3; beat += 1) {
      await clock.advance(20_000);
      await expect.poll(() => server.said.length).toBe(1 + beat);
      server.send('MESSAGE', { topic: '1001_agentcopilot_health', beat });
      await expect.poll(() => events.length).toBe(beat);
    }
    expect(peer.total).toBe(1);
    await clock.advance(20_000);
    await expect.poll(() => JSON.stringify(events)).toContain('3 heartbeats in a row were not acknowledged');
    const again = await clock.runUntilSettled(hub());
    await expect.poll(() => again.commands).toEqual(['CONNECT CANARY-1']);
  });

  it.each([401, 403, '401'])(
    'drops the token that an ERROR %s refuses, and connects again with the next',
    async (responseCode) => {
      const { stream, hub, clock, auth, events, lines } = await started();
      stream.subscribe('1_transcript');
      const connecting = stream.connect();
      const server = await hub();
      await connecting;
      server.send('ERROR', { responseCode, responseText: 'unauthorized CANARY-1' });
      const next = await clock.runUntilSettled(hub());
      await expect.poll(() => next.commands).toEqual(['CONNECT CANARY-2', 'SUBSCRIBE 1_transcript']);
      expect(auth.number).toBe(2);
      expect(JSON.stringify(events)).toContain('unauthorized [redacted]');
      // The server still knows the first one.
      next.send('ERROR', { responseCode: 500, responseText: 'CANARY-1 was first' });
      next.send('MESSAGE', { MessageType: 'Transcript', Data: { contactId: '1', messageBody: 'CANARY-1' } });
      next.connection.socket.close(1011, 'instead of CANARY-1');
      await expect.poll(() => JSON.stringify(events)).toContain('instead of [redacted]');
      expect(JSON.stringify(events)).toMatch(/\[redacted\] was first.*"text":"\[redacted\]"/);
      expectNoToken(events, lines, stream);
    },
  );

  it.each([1008, 3000])(
    'connects with another token after a close with %i, since CXone has published no codes and its own client always reconnects',
    async (code) => {
      const { stream, hub, clock } = await started();
      stream.subscribe('1_transcript');
      const connecting = stream.connect();
      const server = await hub();
      await connecting;
      server.connection.socket.close(code, 'policy');
      const next = await clock.runUntilSettled(hub());
      await expect.poll(() => next.commands).toEqual(['CONNECT CANARY-2', 'SUBSCRIBE 1_transcript']);
    },
  );

  it('ends the stream when the next token is refused too', async () => {
    const { stream, hub, clock, events, lines } = await started();
    const refusing = async (token: string): Promise<void> => {
      (await hub('CONNECT')).send('ERROR', { responseCode: 401, responseText: `no ${token}` });
    };
    const connecting = clock.runUntilSettled(stream.connect());
    await refusing('CANARY-1');
    await refusing('CANARY-2');
    const error: unknown = await connecting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StreamError', status: 401 });
    expect(stream.state).toBe('terminated');
    expectNoToken(events, lines, error, stream);
  });

  it('connects again when the server says that it has no CONNECT message', async () => {
    const { stream, hub, clock } = await started();
    const connecting = stream.connect();
    const server = await hub();
    await connecting;
    server.send('ERROR', { responseCode: 400, responseText: 'No CONNECT message received' });
    const again = await clock.runUntilSettled(hub());
    await expect.poll(() => again.commands).toEqual(['CONNECT CANARY-1']);
  });

  it('keeps an open connection in spite of another ERROR, which is an event without tokens', async () => {
    const { stream, hub, events, peer, clock } = await started();
    const connecting = stream.connect();
    const server = await hub();
    await connecting;
    await clock.advance(0);
    server.send('ERROR', { responseCode: 404, responseText: 'no topic for CANARY-1' });
    server.send('ERROR', { responseText: 7 });
    await expect.poll(() => events.length).toBe(2);
    expect(events).toEqual([
      { type: 'SERVER_ERROR', code: 404, message: 'no topic for [redacted]' },
      { type: 'SERVER_ERROR', code: undefined, message: '' },
    ]);
    expect([stream.state, peer.total]).toEqual(['open', 1]);
  });

  it('says why a first connection fails', async () => {
    const { stream, hub } = await started();
    stream.subscribe('nobody_transcript');
    const connecting = stream.connect();
    (await hub('SUBSCRIBE')).send('ERROR', { responseCode: 404, responseText: 'no such topic' });
    // Not that host and URL are wrong, as after an upgrade with that status.
    await expect(connecting).rejects.toThrow(/: refused with 404 \(404 no such topic\)$/);
  });

  it.each([{ responseCode: 404, responseText: 'no such topic' }, { responseText: 'no such topic' }])(
    'goes on without a topic that a later connection refuses with %j, and asks the next one again',
    async (refusal) => {
      const { stream, hub, clock, events } = await started();
      for (const topic of ['1_transcript', 'gone_transcript', '2_transcript']) stream.subscribe(topic);
      const connecting = stream.connect();
      const first = await hub();
      await connecting;
      let last = first;
      for (const opening of [1, 2]) {
        const reopened = new Promise((resolve) => stream.once('open', resolve));
        last.connection.socket.terminate();
        last = await clock.runUntilSettled(hub('gone_transcript'));
        await expect.poll(() => last.commands).toHaveLength(4);
        last.send('ERROR', refusal);
        await clock.runUntilSettled(reopened);
        await expect.poll(() => ofType(events, 'SERVER_ERROR')).toHaveLength(opening);
      }
      last.send('MESSAGE', { MessageType: 'Transcript', Data: { contactId: '2', messageBody: 'still here' } });
      await expect.poll(() => ofType(events, 'TRANSCRIPT_FRAGMENT')).toHaveLength(1);
      const code = refusal.responseCode;
      expect(ofType(events, 'SERVER_ERROR')[0]).toEqual({ type: 'SERVER_ERROR', code, message: 'no such topic' });
    },
  );

  it('stays open for later topics when the only one of a later connection is refused', async () => {
    const { stream, hub, clock, peer } = await started();
    stream.subscribe('gone_transcript');
    const connecting = stream.connect();
    const first = await hub();
    await connecting;
    const reopened = new Promise((resolve) => stream.once('open', resolve));
    first.connection.socket.terminate();
    const next = await clock.runUntilSettled(hub('gone_transcript'));
    await expect.poll(() => next.commands).toHaveLength(2);
    next.send('ERROR', { responseCode: 404, responseText: 'no such topic' });
    await clock.runUntilSettled(reopened);
    stream.subscribe('3_transcript');
    await expect.poll(() => next.commands).toContain('SUBSCRIBE 3_transcript');
    expect([stream.state, peer.total]).toEqual(['open', 2]);
  });

  it.each([401, 403])(
    'connects once with another token for a topic that ERROR %s refuses, then goes on',
    async (code) => {
      const { stream, hub, clock, auth, events, peer } = await started();
      stream.subscribe('1_transcript');
      const connecting = stream.connect();
      const first = await hub('secret_transcript');
      await connecting;
      const reopened = new Promise((resolve) => stream.once('open', resolve));
      stream.subscribe('secret_transcript');
      await expect.poll(() => first.commands).toContain('SUBSCRIBE secret_transcript');
      first.send('ERROR', { responseCode: code, responseText: 'forbidden' });
      const next = await clock.runUntilSettled(hub('secret_transcript'));
      await expect.poll(() => next.commands).toContain('SUBSCRIBE secret_transcript');
      next.send('ERROR', { responseCode: code, responseText: 'forbidden' });
      await clock.runUntilSettled(reopened);
      await expect
        .poll(() => ofType(events, 'SERVER_ERROR'))
        .toEqual([{ type: 'SERVER_ERROR', code, message: 'forbidden' }]);
      expect([stream.state, peer.total, auth.number]).toEqual(['open', 2, 2]);
    },
  );

  it('is not open without topics that an ERROR 401 refuses, as long as the provider has no other token', async () => {
    const { stream, hub, clock, auth, events } = await started();
    auth.invalidate = () => undefined;
    stream.subscribe('1_transcript');
    const connecting = stream.connect();
    const first = await hub();
    await connecting;
    first.send('ERROR', { responseCode: 401, responseText: 'expired' });
    for (let refused = 0; refused < 3; refused += 1) {
      const next = await clock.runUntilSettled(hub('SUBSCRIBE'));
      await expect.poll(() => next.commands).toEqual(['CONNECT CANARY-1', 'SUBSCRIBE 1_transcript']);
      next.send('ERROR', { responseCode: 401, responseText: 'expired' });
    }
    auth.number = 2;
    await clock.runUntilSettled(hub());
    await expect.poll(() => stream.state).toBe('open');
    expect(ofType(events, 'SERVER_ERROR')).toEqual([]);
  });

  it('says at each attempt why it cannot subscribe again, while that may pass', async () => {
    const { stream, hub, clock } = await started();
    stream.subscribe('1_transcript');
    const connecting = stream.connect();
    const first = await hub();
    await connecting;
    const reasons: string[] = [];
    stream.on('reconnecting', ({ error }) => void reasons.push(error.message));
    first.connection.socket.terminate();
    for (const responseCode of [503, 429]) {
      const next = await clock.runUntilSettled(hub('SUBSCRIBE'));
      await expect.poll(() => next.commands).toHaveLength(2);
      next.send('ERROR', { responseCode, responseText: 'later' });
    }
    await clock.runUntilSettled(hub());
    await expect.poll(() => stream.state).toBe('open');
    expect(reasons.slice(1)).toEqual([expect.stringContaining('503 later'), expect.stringContaining('429 later')]);
  });

  it('waits no longer than its limit for a server that never confirms', async () => {
    const { stream, hub, clock } = await started();
    stream.subscribe('1_transcript');
    const connecting = stream.connect().catch((reason: unknown) => reason);
    await hub('SUBSCRIBE');
    await clock.advance(30_000);
    expect(await connecting).toMatchObject({
      name: 'StreamError',
      message: expect.stringContaining('30000 ms') as string,
    });
  });

  it('survives garbage, binary frames and messages of other shapes', async () => {
    const { stream, hub, events, clock } = await started();
    const connecting = stream.connect();
    const { connection } = await hub();
    await connecting;
    await clock.advance(0);
    const frames = [
      '',
      'no JSON',
      '[]',
      '7',
      '{"command":7}',
      '{"command":"RECONNECTED"}',
      '{"command":"MESSAGE"}',
      '{"command":"MESSAGE","body":[]}',
      '{"command":"SUBSCRIBED"}',
      '{"command":"CONNECTED"}',
    ];
    for (const frame of frames) connection.socket.send(frame);
    connection.socket.send(Buffer.from([1, 2]));
    const body = { MessageType: 'Transcript', Data: { contactId: '1', messageBody: 'still here' } };
    connection.socket.send(JSON.stringify({ command: 'MESSAGE', body }));
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'TRANSCRIPT_FRAGMENT', text: 'still here' });
    const notJson = { issues: [{ path: '', message: 'expected a JSON object' }] };
    expect(events.slice(0, 4)).toEqual([notJson, notJson, notJson, notJson]);
    expect(stream.state).toBe('open');
  });
});

describe('the agentic socket', () => {
  it('has its token in the URL, says no CONNECT, and shows the token nowhere', async () => {
    const { stream, hub, clock, lines, events } = await started({}, agenticProtocol());
    stream.subscribe(copilotTopic('1001'));
    const connecting = stream.connect();
    const server = await hub();
    await connecting;
    expect(server.said).toEqual([{ command: 'SUBSCRIBE', headers: {}, body: { topic: '1001_agentcopilot' } }]);
    await clock.advance(30_000);
    await expect.poll(() => server.said.at(-1)).toEqual({ command: 'HEARTBEAT', headers: {}, body: {} });
    server.connection.raw.destroy();
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expectNoToken(lines, events, stream);
  });
});

describe('topics', () => {
  it('are named as the platform names them', () => {
    expect([
      transcriptTopic('30001'),
      copilotTopic('1001'),
      copilotHealthTopic('1001'),
      guidanceTopic('rtig-30001'),
      ccaiTopic('30002_botassist'),
      ccaiTopic('30002_BotAssist'),
    ]).toEqual([
      '30001_transcript',
      '1001_agentcopilot',
      '1001_agentcopilot_health',
      '30001',
      '30002_BotAssist',
      '30002_BotAssist',
    ]);
  });

  it.each(['', ' ', 'a b', 'a\n', 'x'.repeat(257)])('are not made of %j', async (id) => {
    expect(() => transcriptTopic(id)).toThrow('contactId: expected 1 to 256 characters without spaces');
    const { stream } = await started();
    expect(() => stream.subscribe(id)).toThrow('topic: expected');
  });

  it.each([
    [{ heartbeatIntervalMs: 0 }, 'heartbeatIntervalMs: '],
    [{ heartbeatToken: 'own' as never }, 'heartbeatToken: '],
    [{ speakerOf: 'TX' as never }, 'speakerOf: '],
    [{ interval: 1 } as never, 'unknown option "interval"'],
  ])('and options are checked: %j', (options, message) => {
    expect(() => reading(options)).toThrow(message);
  });
});
