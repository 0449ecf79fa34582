import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { LinkedMap } from '../../../linked-map.js';
import type { ServerParts } from '../../server/http-listener.js';
import { KEPT } from '../../server/kept.js';
import type { TenantConnection } from '../../stream/connection.js';
import type { CognigyEndpoint, CognigyEndpoints } from '../flows/endpoints.js';
import type { CognigyOutput } from '../flows/flow.js';
import type { CognigySessions } from '../flows/sessions.js';
import { readPacket, writeEvent, type ClientPacket } from './framing.js';

/** Identity of a socket, as its client sent it. */
export interface CognigySocketIdentity {
  readonly userId: string;
  readonly sessionId: string;
  readonly urlToken: string;
  /** Whether its inputs are tests. */
  readonly testMode: boolean;
  /** Whether the client acknowledges outputs. */
  readonly emitWithAck: boolean;
}

/** Events that the socket endpoint can withhold. */
export type CognigySocketEvent = 'handshake' | 'endpoint-ready' | 'output' | 'typingStatus' | 'finalPing';

/** @internal What a socket works with. */
export interface SocketServices extends Pick<ServerParts, 'clock' | 'closing'> {
  readonly endpoints: CognigyEndpoints;
  readonly sessions: CognigySessions;
  readonly pingIntervalMs: number;
}

const id = z.string().check(z.minLength(1));
const inputSchema = z.strictObject({
  URLToken: id,
  userId: id,
  sessionId: id,
  channel: z.optional(z.string()),
  source: z.optional(z.string()),
  passthroughIP: z.nullish(z.string()),
  resetFlow: z.optional(z.boolean()),
  text: z.nullish(z.string()),
  data: z.nullish(z.record(z.string(), z.unknown())),
});
const identitySchema = z.object({
  userId: id,
  sessionId: id,
  urlToken: id,
  testMode: z.union([z.boolean(), z.stringbool()]),
  emitWithAck: z.union([z.boolean(), z.stringbool()]),
});

/** Limit of the wait for a client's response to a ping, in ms. */
const PING_TIMEOUT_MS = 20_000;

/** One client of the Socket.IO endpoint. */
export class CognigySocket {
  /** The underlying WebSocket, with its frames and faults. */
  readonly connection: TenantConnection;
  /** Version of Engine.IO that the client requested. */
  readonly engine: 3 | 4;

  readonly #services: SocketServices;
  readonly #isWithheld: (event: CognigySocketEvent) => boolean;
  readonly #unacknowledged = new LinkedMap<number, string>(KEPT);
  readonly #query: URLSearchParams;
  #identity: CognigySocketIdentity | undefined;
  #endpoint: CognigyEndpoint | undefined;
  #handshakeId: number | undefined;
  #isReady = false;
  #isConnected = false;
  #lastAckId = 0;
  #lostInputs = 0;
  #acknowledged = 0;
  #timer: unknown;

  /** @internal */
  constructor(
    connection: TenantConnection,
    query: URLSearchParams,
    services: SocketServices,
    isWithheld: (event: CognigySocketEvent) => boolean,
  ) {
    this.connection = connection;
    this.engine = query.get('EIO') === '3' ? 3 : 4;
    this.#query = query;
    this.#services = services;
    this.#isWithheld = isWithheld;
    connection.listen(({ text, binary }) => {
      if (!binary) this.#receive(readPacket(text));
    });
    void connection.closed.then(() => this.#stopTimer());
    const { pingIntervalMs: pingInterval } = services;
    connection.sendRaw(
      `0${JSON.stringify({ sid: createSid(), upgrades: [], pingInterval, pingTimeout: PING_TIMEOUT_MS, ...(this.engine === 4 && { maxPayload: 1e6 }) })}`,
    );
    this.#watch();
    // With Engine.IO 3, the server opens the default namespace on its own.
    if (this.engine === 3) this.#connected('40');
  }

  /** Identity of the client; absent before the inner handshake. */
  get identity(): CognigySocketIdentity | undefined {
    return this.#identity;
  }

  /** Whether `endpoint-ready` was sent; earlier inputs are lost. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Number of inputs that were lost because they arrived before `endpoint-ready`. */
  get lostInputs(): number {
    return this.#lostInputs;
  }

  /** Number of emissions that the client acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Names of the latest 10,000 emissions that the client has not acknowledged. */
  get unacknowledged(): readonly string[] {
    return Array.from(this.#unacknowledged, ([, name]) => name);
  }

  /**
   * Emits an event. Asks for an acknowledgement if the client supports it and the event is an output or a final ping.
   */
  emit(name: string, ...args: readonly unknown[]): void {
    const wantsAck = this.#identity?.emitWithAck === true && (name === 'output' || name === 'finalPing');
    this.connection.sendRaw(writeEvent(name, args, wantsAck ? this.#nextAckId(name) : undefined));
  }

  /** Leaves the namespace, like a server that ends a session; the connection stays open. */
  disconnect(): void {
    this.connection.sendRaw('41');
  }

  /** Closes the transport with a packet of Engine.IO. */
  closeTransport(): void {
    this.connection.sendRaw('1');
    this.connection.close(1005);
  }

  /** @internal Emits the outputs of a run of the flow. */
  async say(run: () => Promise<readonly CognigyOutput[]>): Promise<void> {
    this.#emitUnlessWithheld('typingStatus', { status: 'typingOn' });
    try {
      for (const data of await run()) this.#emitUnlessWithheld('output', { type: 'output', data });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#emitUnlessWithheld('output', { type: 'error', data: { error: { message } } });
    }
    this.#emitUnlessWithheld('typingStatus', { status: 'typingOff' });
    this.#emitUnlessWithheld('finalPing', { type: 'regular' });
  }

  #receive(packet: ClientPacket): void {
    if (packet.kind === 'ping') this.connection.sendRaw(`3${packet.probe}`);
    if (packet.kind !== 'pong' || this.engine === 4) this.#watch();
    if (packet.kind === 'connect' && this.engine === 4) this.#connected(`40${JSON.stringify({ sid: createSid() })}`);
    else if (packet.kind === 'close' || packet.kind === 'malformed') this.connection.close(1005);
    else if (packet.kind === 'ack') this.#acknowledge(packet.ackId, packet.args[0]);
    else if (packet.kind === 'event') this.#process(packet.name, packet.args[0]);
  }

  #connected(answer: string): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.connection.sendRaw(answer);
    if (this.#query.get('handshake') !== 'true') {
      this.#identify(Object.fromEntries([...this.#query].map(([name, value]) => [name, decodedOnceMore(value)])));
    } else if (!this.#isWithheld('handshake')) {
      this.#handshakeId = this.#nextAckId('handshake');
      this.connection.sendRaw(writeEvent('handshake', [], this.#handshakeId));
    }
  }

  #identify(shown: unknown): void {
    const read = identitySchema.safeParse(shown);
    this.#endpoint = read.success ? this.#services.endpoints.find(read.data.urlToken) : undefined;
    if (!read.success || this.#endpoint?.channel !== 'socket') {
      this.emit('exception', { message: 'no such endpoint, or userId, sessionId or urlToken is missing' });
      this.disconnect();
      return;
    }
    this.#identity = read.data;
    this.#services.sessions.open(read.data.userId, read.data.sessionId);
    if (this.#isWithheld('endpoint-ready')) return;
    this.#isReady = true;
    this.connection.sendRaw(writeEvent('endpoint-ready', []));
  }

  #acknowledge(ackId: number, argument: unknown): void {
    if (!this.#unacknowledged.delete(ackId)) return;
    if (ackId !== this.#handshakeId) this.#acknowledged += 1;
    else this.#identify(argument);
  }

  #process(name: string, payload: unknown): void {
    if (name !== 'processInput') return;
    const endpoint = this.#endpoint;
    if (!this.#isReady || endpoint === undefined) {
      this.#lostInputs += 1;
      return;
    }
    const read = inputSchema.safeParse(payload);
    if (!read.success || (read.data.text ?? read.data.data ?? undefined) === undefined) {
      this.emit('exception', { message: 'processInput: not an input' });
      return;
    }
    const { userId, sessionId } = read.data;
    const text = read.data.text ?? undefined;
    const data = read.data.data ?? undefined;
    const isTest = this.#identity?.testMode === true;
    void this.say(async () => this.#services.sessions.run(endpoint.flow, { userId, sessionId, text, data, isTest }));
  }

  #emitUnlessWithheld(name: CognigySocketEvent, payload: object): void {
    if (!this.#isWithheld(name)) this.emit(name, payload);
  }

  #nextAckId(name: string): number {
    this.#lastAckId += 1;
    this.#unacknowledged.set(this.#lastAckId, name);
    return this.#lastAckId;
  }

  /** Ends a connection that shows no life: with Engine.IO 4 the server pings, with 3 the client does. */
  #watch(): void {
    this.#stopTimer();
    const { clock, pingIntervalMs } = this.#services;
    const end = (): void => this.connection.close(1005);
    if (this.engine === 3) {
      this.#timer = clock.setTimeout(end, pingIntervalMs + PING_TIMEOUT_MS);
      return;
    }
    this.#timer = clock.setTimeout(() => {
      this.connection.sendRaw('2');
      this.#timer = clock.setTimeout(end, PING_TIMEOUT_MS);
    }, pingIntervalMs);
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#services.clock.clearTimeout(this.#timer);
  }
}

/** Values of the query are encoded twice: the URL's own encoding is already decoded. */
function decodedOnceMore(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function createSid(): string {
  return randomBytes(15).toString('base64url');
}
