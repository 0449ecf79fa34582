import { AssistStream } from 'agent-assist-sdk';
import {
  flowProtocol,
  type FlowProtocolOptions,
  type FlowStreamEvents,
  type FlowStreamInput,
} from 'agent-assist-sdk/cognigy';
import { FakeClock } from '../helpers/fake-clock.js';
import { fakeWsNetwork, type FakeNetwork, type FakeWs } from '../stream/fake-sockets.js';
import { recordingLogger, settle } from '../stream/helpers.js';

export const CANARY = 'canary-url-token';
export const ids = { urlToken: CANARY, userId: 'u 1', sessionId: 's/1' };
/** The first frame of an endpoint. */
export const handshake = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":5000}';

export interface Setup {
  readonly stream: AssistStream<FlowStreamEvents, FlowStreamInput>;
  readonly net: FakeNetwork<FakeWs>;
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly seen: unknown[];
}

/** A stream on a fake network, and every event that it emits. */
export function setup(
  options: Partial<FlowProtocolOptions> = {},
  streamUrl = 'https://endpoint-acme.cognigy.cloud',
): Setup {
  const net = fakeWsNetwork();
  const { WebSocket } = net;
  const clock = new FakeClock();
  const log = recordingLogger();
  const protocol = flowProtocol({ ...ids, ...options });
  const stream = new AssistStream({ streamUrl, protocol, clock, WebSocket, logger: log, random: () => 0.5 });
  const seen: unknown[] = [];
  const names = ['OUTPUT', 'TYPING', 'FLOW_ERROR', 'FINAL_PING', 'INPUT_UNCONFIRMED', 'unknown', 'invalid'] as const;
  for (const name of names) stream.on(name, (event) => seen.push(event));
  return { stream, net, clock, log, seen };
}

/** The same, open. */
export async function opened(options: Partial<FlowProtocolOptions> = {}): Promise<Setup> {
  const parts = setup(options);
  const connected = parts.stream.connect();
  await settle();
  accept(parts.net.last);
  await connected;
  await parts.clock.advance(0);
  return parts;
}

/** What an endpoint sends until it is ready. */
export function accept(socket: FakeWs): void {
  socket.open();
  for (const frame of [handshake, '40', '42["endpoint-ready"]']) socket.frame(frame);
}
