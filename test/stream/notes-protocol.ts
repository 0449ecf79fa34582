import { AssistStream, ConfigurationError } from 'agent-assist-sdk';
import type { ProtocolLink, StreamProtocol } from 'agent-assist-sdk/stream';
import { FakeClock } from '../helpers/fake-clock.js';
import { fakeWsNetwork, type FakeNetwork, type FakeWs } from './fake-sockets.js';
import { CountingAuth, recordingLogger, settle } from './helpers.js';

export interface NoteEvents {
  NOTE: { readonly type: 'NOTE'; readonly topic: string; readonly text: string };
}

export interface Command {
  readonly command: string;
  readonly token?: string;
  readonly topic?: string;
  readonly text?: string;
  readonly status?: number;
}

const say = (link: ProtocolLink<NoteEvents>, command: Command): void => link.send(JSON.stringify(command));

/** A small protocol in which everything is a message: the token, the topics, signs of life, refusals. */
export const notes: StreamProtocol<NoteEvents, string> = {
  events: { NOTE: true },
  token: 'protocol',
  secrets: () => ['hush-hush'],
  url: (base) => {
    base.searchParams.set('key', 'hush-hush');
    return base;
  },
  checkTopic: (topic) => {
    if (topic === '') throw new ConfigurationError('topic: empty');
  },
  checkMessage: (text) => {
    if (text === '') throw new ConfigurationError('text: empty');
  },
  open: (link) => {
    say(link, { command: 'CONNECT', token: link.token });
    return {
      receive: (frame) => {
        const { command, topic = '', text = '', status } = JSON.parse(frame) as Command;
        if (command === 'CONNECTED') {
          link.connected({ kind: 'acknowledged', frame: '{"command":"BEAT"}', intervalMs: 10_000, maxMissed: 3 });
        } else if (command === 'SUBSCRIBED') link.subscribed(topic);
        else if (command === 'BEAT_ACK') link.heartbeat({ type: 'HEARTBEAT' });
        else if (command === 'ERROR') link.refuse({ status, reason: text });
        else if (command === 'BYE') link.fail(text);
        else for (const part of text.split('|')) link.emit('NOTE', { type: 'NOTE', topic, text: part });
      },
      subscribe: (topic, token) => say(link, { command: 'SUBSCRIBE', topic, token }),
      unsubscribe: (topic, token) => say(link, { command: 'UNSUBSCRIBE', topic, token }),
      send: (text) => say(link, { command: 'SAY', text }),
    };
  },
};

export interface Setup {
  readonly stream: AssistStream<NoteEvents, string>;
  readonly net: FakeNetwork<FakeWs>;
  readonly clock: FakeClock;
  readonly auth: CountingAuth;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly seen: unknown[];
  /** What this side said on the last socket. */
  readonly said: () => Command[];
}

export function setup(protocol = notes): Setup {
  const net = fakeWsNetwork();
  const clock = new FakeClock();
  const auth = new CountingAuth();
  const log = recordingLogger();
  const { WebSocket } = net;
  const stream = new AssistStream({
    streamUrl: 'wss://tenant.test/notes',
    protocol,
    auth,
    clock,
    WebSocket,
    logger: log,
    random: () => 0.5,
  });
  const seen: unknown[] = [];
  stream.on('open', ({ connection }) => seen.push(`open ${connection}`));
  stream.on('subscribed', ({ topic }) => seen.push(`subscribed ${topic}`));
  stream.on('NOTE', ({ text }) => seen.push(text));
  stream.on('reconnecting', ({ error }) => seen.push(error.message));
  stream.on('terminated', ({ error }) => seen.push(error.message));
  return { stream, net, clock, auth, log, seen, said: () => net.last.sent.map((text) => JSON.parse(text) as Command) };
}

/** Connected and accepted, with its topics confirmed. */
export async function opened(topics: readonly string[] = [], protocol = notes): Promise<Setup> {
  const parts = setup(protocol);
  for (const topic of topics) parts.stream.subscribe(topic);
  const connected = parts.stream.connect();
  await settle();
  accept(parts, ...topics);
  await connected;
  await parts.clock.advance(0);
  return parts;
}

export function accept({ net }: Setup, ...topics: string[]): void {
  net.last.open();
  net.last.frame({ command: 'CONNECTED' });
  for (const topic of topics) net.last.frame({ command: 'SUBSCRIBED', topic });
}
