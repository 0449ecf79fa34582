import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { abortable, type Clock, type TimerHandle } from '../../http/clock.js';
import { TenantConnection, type TokenPlace } from './connection.js';
import type { Authorizer } from '../server/authorization.js';
import { HttpProblem } from '../server/problem.js';
import type { RecordedRequest, WaitOptions } from '../server/request-log.js';
import { shownToken, type AcceptUpgrade } from '../server/upgrade-listener.js';

/** The stream's path on Cognigy.AI and on CXone (protocol 1), and the scope that each asks for (protocol 2). */
const streamScopes: ReadonlyMap<string, string> = new Map([
  ['/api/v1/streaming/agentassist', 'streaming:subscribe'],
  ['/cxoneapi/v2/agentassist/stream', 'agentassist:read'],
]);

const MAX_FRAME_BYTES = 1024 * 1024;

/** Frames that are not JSON, or not an event at all. */
export const garbageFrames: readonly (string | Uint8Array)[] = [
  'not json',
  '{"type":"INTERACTION_UPDATE","payload":{',
  '',
  'null',
  '[]',
  '"INTERACTION_UPDATE"',
  '{"payload":{}}',
  '{"type":7}',
  new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
];

/** Events of known types that break their shape (protocol 5). */
export const outOfShapeEvents: readonly object[] = [
  { type: 'INTERACTION_UPDATE' },
  { type: 'INTERACTION_UPDATE', payload: null },
  { type: 'INTERACTION_UPDATE', payload: { transcript: 'no interaction', sentimentScore: 0 } },
  { type: 'INTERACTION_UPDATE', payload: { interactionId: 'shape-1', transcript: 12, sentimentScore: 'low' } },
  { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'shape-2' },
  { type: 'TRANSCRIPT_FRAGMENT', interactionId: 3, text: 'a number for an id' },
  { type: 'DIALOG_STATE', interactionId: 'shape-4', state: { name: 'TURN_END' } },
  { type: 'INSIGHT_ACCEPTED', interactionId: 'shape-5' },
];

/** @internal Lets a request for one of the two streams in; throws an `HttpProblem` for any other. */
export function admitToStream(stream: TenantStream, authorizer: Authorizer, request: RecordedRequest): AcceptUpgrade {
  const { method, path, headers } = request;
  const scope = streamScopes.get(path);
  if (scope === undefined) throw new HttpProblem(404, 'not_found', { message: 'there is no such stream' });
  if (method !== 'GET') throw new HttpProblem(405, 'method_not_allowed', { headers: { allow: 'GET' } });
  const { token, tokenIn } = shownToken(request);
  const { clientId } = authorizer.authorize(token, headers, [scope]);
  return (upgrade, socket, head) => stream.accept(upgrade, socket, head, { path, tokenIn, clientId });
}

/** @internal An upgrade that was let in. */
export interface AcceptedUpgrade {
  readonly path: string;
  readonly tokenIn: TokenPlace;
  readonly clientId: string;
}

interface ConnectionWaiter {
  readonly count: number;
  readonly resolve: () => void;
}

/** The stream of a tenant: what is connected to it, what it sends, and how it fails. */
export class TenantStream {
  readonly #clock: Clock;
  readonly #heartbeatMs: number;
  readonly #server: WebSocketServer;
  readonly #connections = new Set<TenantConnection>();
  readonly #waiters = new Set<ConnectionWaiter>();
  #total = 0;
  #most = 0;
  #silent = false;
  #heartbeat: TimerHandle;
  /** @internal For a stream that answers: called before the first frame can come. */
  protected readonly opened?: ((connection: TenantConnection) => void) | undefined;

  /** @internal */
  constructor(clock: Clock, heartbeatMs: number) {
    this.#clock = clock;
    this.#heartbeatMs = heartbeatMs;
    this.#server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, autoPong: false });
    this.#scheduleHeartbeat();
  }

  /** The connections that are open, oldest first. */
  get connections(): readonly TenantConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen);
  }

  /** How many connections were opened since the start. */
  get totalConnections(): number {
    return this.#total;
  }

  /** The most connections that were open at one time. */
  get maxConcurrentConnections(): number {
    return this.#most;
  }

  /** Whether the stream is silent, see {@link TenantStream.silence}. */
  get isSilent(): boolean {
    return this.#silent;
  }

  /** Sends an event to every connection; tells to how many. */
  send(event: object): number {
    return this.sendRaw(JSON.stringify(event));
  }

  /** Sends a frame as it is to every connection, a string as text and bytes as binary; tells to how many. */
  sendRaw(data: string | Uint8Array): number {
    return this.connections.filter((connection) => connection.sendRaw(data)).length;
  }

  /** Sends many events at once, with nothing between them; tells how many frames were sent. */
  burst(events: Iterable<object>): number {
    let frames = 0;
    for (const event of events) frames += this.send(event);
    return frames;
  }

  /** Sends frames that are no events: no JSON, no object, binary. */
  sendGarbage(): void {
    for (const frame of garbageFrames) this.sendRaw(frame);
  }

  /** Sends events of known types that break their shape. */
  sendOutOfShape(): void {
    this.burst(outOfShapeEvents);
  }

  /** Closes every connection with any code, see `TenantConnection.close`. */
  closeAll(code = 1000, reason = ''): void {
    for (const connection of this.connections) connection.close(code, reason);
  }

  /** Destroys every connection without a close frame: clients see 1006. */
  terminateAll(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  /** Falls silent on every connection, those to come included: no events, no heartbeats, no answers to pings. */
  silence(): void {
    this.#silent = true;
    for (const connection of this.#connections) connection.silence();
  }

  /** Ends {@link TenantStream.silence}. */
  unsilence(): void {
    this.#silent = false;
    for (const connection of this.#connections) connection.unsilence();
  }

  /**
   * Resolves as soon as so many connections are open at once; one by default.
   *
   * @throws `AbortError` when `signal` is aborted first.
   */
  async waitForConnections(count = 1, options: WaitOptions = {}): Promise<readonly TenantConnection[]> {
    if (this.connections.length < count) {
      const opened = Promise.withResolvers<undefined>();
      const waiter: ConnectionWaiter = { count, resolve: () => opened.resolve(undefined) };
      this.#waiters.add(waiter);
      try {
        await abortable(opened.promise, options.signal);
      } finally {
        this.#waiters.delete(waiter);
      }
    }
    return this.connections;
  }

  /**
   * Resolves when everything sent has left for the network. A client that has stopped reading holds this up.
   *
   * @throws `AbortError` when `signal` is aborted first.
   */
  async flushed(options: WaitOptions = {}): Promise<void> {
    await abortable(Promise.all([...this.#connections].map((connection) => connection.flushed())), options.signal);
  }

  /** @internal */
  accept(request: IncomingMessage, rawSocket: Duplex, head: Buffer, upgrade: AcceptedUpgrade): void {
    this.#server.handleUpgrade(request, rawSocket, head, (socket) => {
      this.#total += 1;
      const facts = { ...upgrade, id: this.#total, headers: request.headers, openedAt: this.#clock.now() };
      const connection = new TenantConnection(socket, rawSocket, facts, () => this.#clock.now());
      if (this.#silent) connection.silence();
      this.opened?.(connection);
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
      const open = this.connections.length;
      this.#most = Math.max(this.#most, open);
      for (const waiter of [...this.#waiters]) if (open >= waiter.count) waiter.resolve();
    });
  }

  /** @internal */
  close(): void {
    if (this.#heartbeat !== undefined) this.#clock.clearTimeout(this.#heartbeat);
    this.terminateAll();
    this.#server.close();
  }

  #scheduleHeartbeat(): void {
    if (this.#heartbeatMs === Infinity) return;
    this.#heartbeat = this.#clock.setTimeout(() => {
      this.send({ type: 'HEARTBEAT' });
      this.#scheduleHeartbeat();
    }, this.#heartbeatMs);
  }
}
