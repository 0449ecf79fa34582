import { setImmediate } from 'node:timers/promises';
import {
  AssistStream,
  type AssistStreamEvents,
  type AssistStreamOptions,
  type AuthProvider,
  type Logger,
  type StreamItem,
} from 'agent-assist-sdk';
import { FakeClock } from '../helpers/fake-clock.js';
import { fakeNativeNetwork, fakeWsNetwork, type FakeNative, type FakeNetwork, type FakeWs } from './fake-sockets.js';

/** Hands out token-1, token-2, …; a new one after each `invalidate` of the current one. */
export class CountingAuth implements AuthProvider {
  issued = 1;
  readonly invalidated: string[] = [];
  readonly prefix: string;

  constructor(prefix = 'token') {
    this.prefix = prefix;
  }

  getToken(): Promise<string> {
    return Promise.resolve(`${this.prefix}-${this.issued}`);
  }

  invalidate(token: string): void {
    this.invalidated.push(token);
    if (token === `${this.prefix}-${this.issued}`) this.issued += 1;
  }

  header(token: string): readonly [string, string] {
    return ['authorization', `Bearer ${token}`];
  }
}

/** All but `gap`, which follows each `open` but the first. */
const eventNames = [
  'INTERACTION_UPDATE',
  'TRANSCRIPT_FRAGMENT',
  'DIALOG_STATE',
  'INSIGHT_ACCEPTED',
  'INSIGHT_REJECTED',
  'HEARTBEAT',
  'unknown',
  'invalid',
  'open',
  'close',
  'reconnecting',
  'error',
  'terminated',
] as const satisfies readonly (keyof AssistStreamEvents)[];

/** One event that a stream emitted: its name and what the listener received. */
export type Seen = { [K in keyof AssistStreamEvents]: readonly [K, AssistStreamEvents[K]] }[keyof AssistStreamEvents];

/** Records every event of a stream, in order. */
export function record(stream: AssistStream): Seen[] {
  const seen: Seen[] = [];
  for (const name of eventNames) stream.on(name, (event) => seen.push([name, event] as Seen));
  return seen;
}

export const namesOf = (seen: readonly Seen[]): string[] => seen.map(([name]) => name);

/** Collects what is logged. */
export function recordingLogger(): Logger & { readonly lines: { level: string; message: string; fields: unknown }[] } {
  const lines: { level: string; message: string; fields: unknown }[] = [];
  const write = (level: string) => (message: string, fields?: unknown) => void lines.push({ level, message, fields });
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

export interface FakeSetup<S> {
  readonly stream: AssistStream;
  readonly seen: Seen[];
  readonly net: FakeNetwork<S>;
  readonly clock: FakeClock;
  readonly auth: CountingAuth;
}

type Extra = Partial<AssistStreamOptions>;

function setup<S>(net: FakeNetwork<S>, extra: Extra): FakeSetup<S> {
  const clock = new FakeClock();
  const auth = new CountingAuth();
  const stream = new AssistStream({
    streamUrl: 'wss://tenant.test/stream',
    streamToken: 'header',
    auth,
    clock,
    random: () => 0.5,
    WebSocket: net.WebSocket,
    // Longer than a test advances the clock while the fake server has not made up its mind.
    connectTimeoutMs: 1_000_000,
    ...extra,
  });
  return { stream, seen: record(stream), net, clock, auth };
}

/** For tests that let much time pass before the first connection. */
export const patient = { totalTimeoutMs: 2 ** 31 - 1 };

/** The text of a fragment, the type of anything else. */
export const textOf = (item: StreamItem | undefined): string =>
  String(item?.type === 'TRANSCRIPT_FRAGMENT' ? item.text : item?.type);

/** A stream over fake sockets in fake time. */
export const fakeWsStream = (extra: Extra = {}): FakeSetup<FakeWs> => setup(fakeWsNetwork(), extra);
export const fakeNativeStream = (extra: Extra = {}): FakeSetup<FakeNative> => setup(fakeNativeNetwork(), extra);

/** The same, connected. */
export async function openFakeWs(extra: Extra = {}): Promise<FakeSetup<FakeWs>> {
  const parts = fakeWsStream(extra);
  const connected = parts.stream.connect();
  await settle();
  parts.net.last.open();
  await connected;
  // Until here frames wait in the socket.
  await parts.clock.advance(0);
  return parts;
}

export async function openFakeNative(extra: Extra = {}): Promise<FakeSetup<FakeNative>> {
  const parts = fakeNativeStream(extra);
  const connected = parts.stream.connect();
  await settle();
  parts.net.last.open();
  await connected;
  // Until here frames wait in the socket.
  await parts.clock.advance(0);
  return parts;
}

export async function settle(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

export const fragment = (
  interactionId: string,
  text: string,
): { type: 'TRANSCRIPT_FRAGMENT'; interactionId: string; text: string } => ({
  type: 'TRANSCRIPT_FRAGMENT',
  interactionId,
  text,
});

/** One of each row of protocol 5, with a field that no one has announced. */
export const wellFormedEvents = [
  {
    type: 'INTERACTION_UPDATE',
    payload: {
      interactionId: 'i-1',
      transcript: 'refund',
      sentimentScore: -0.5,
      agentId: 'a',
      context: { tier: 2 },
      x: 1,
    },
  },
  { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i-1', text: 'hello', speaker: 'customer' },
  { type: 'DIALOG_STATE', interactionId: 'i-1', state: 'SOME_FUTURE_STATE', x: null },
  { type: 'INSIGHT_ACCEPTED', interactionId: 'i-1', insightId: 'k-1', action: 'COPIED', x: [] },
  { type: 'INSIGHT_REJECTED', interactionId: 'i-1', insightId: 'k-2', x: {} },
] as const;
