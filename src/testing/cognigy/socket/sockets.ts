import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../../server/problem.js';
import type { RecordedRequest } from '../../server/recorded-request.js';
import type { AcceptUpgrade } from '../../server/upgrade-listener.js';
import type { TenantConnection } from '../../stream/connection.js';
import { ConnectionPool } from '../../stream/connection-pool.js';
import type { CognigyFlow } from '../flows/flow.js';
import type { SessionInput } from '../flows/sessions.js';
import { CognigySocket, type CognigySocketEvent, type SocketServices } from './socket.js';

/** Frames that are not packets, or packets without an event. */
const garbagePackets: readonly (string | Uint8Array)[] = [
  '',
  'x',
  '4',
  '42',
  '42{"output":1}',
  '42["output"',
  '42[7]',
  '42[]',
  '49["output",{}]',
  '42["output",null]',
  '42["output",{"type":"output"}]',
  '42["unheard-of",{}]',
  new Uint8Array([4, 2, 0xff]),
];

/** The Socket.IO endpoint, for clients of Engine.IO 3 and 4, with its faults. */
export class CognigySockets extends ConnectionPool {
  /** Supported versions of Engine.IO; both at first. A client that requests another gets a 400. */
  engines: readonly (3 | 4)[] = [3, 4];

  readonly #services: SocketServices;
  readonly #sockets = new Map<TenantConnection, CognigySocket>();
  #withheld: readonly CognigySocketEvent[] = [];

  /** @internal */
  constructor(services: SocketServices) {
    super(services);
    this.#services = services;
  }

  /** The open sockets, oldest first. */
  get sockets(): readonly CognigySocket[] {
    return this.connections.flatMap((connection) => this.#sockets.get(connection) ?? []);
  }

  /** Withholds these events from now on; without arguments, none. */
  withhold(...events: readonly CognigySocketEvent[]): void {
    this.#withheld = events;
  }

  /** Emits an event to every socket. */
  emit(name: string, ...args: readonly unknown[]): void {
    for (const socket of this.sockets) socket.emit(name, ...args);
  }

  /** @internal */
  protected override readonly garbage: readonly (string | Uint8Array)[] = garbagePackets;

  /** @internal Lets a WebSocket of Engine.IO in. */
  admit({ path, query }: RecordedRequest): AcceptUpgrade {
    if (path !== '/socket.io/') throw new HttpProblem(404, 'not_found', 'there is no such stream');
    const version = Number(query.get('EIO'));
    if (!this.engines.some((engine) => engine === version)) {
      throw new HttpProblem(400, '5', 'Unsupported protocol version');
    }
    if (query.get('transport') !== 'websocket') throw new HttpProblem(400, '0', 'Transport unknown');
    const tokenIn = query.get('handshake') === 'true' ? 'frame' : 'query';
    return (request, socket, head) =>
      this.accept(request, socket, head, { path, tokenIn, clientId: query.get('userId') ?? '' });
  }

  /** @internal Runs the flow with an input that no client sent, and sends its outputs to the clients of the session. */
  async inject(flow: CognigyFlow, input: Omit<SessionInput, 'isTest'>): Promise<void> {
    const running = this.#services.sessions.run(flow, { ...input, isTest: false });
    const sockets = this.#of(input.userId, input.sessionId);
    await (sockets.length === 0
      ? running
      : Promise.all(sockets.map(async (socket) => socket.say(async () => running))));
  }

  /** @internal Sends an output that no run of the flow made to the clients of the session. */
  notify({ userId, sessionId, text = '', data = {} }: Omit<SessionInput, 'isTest'>): void {
    const output = { text, data, traceId: 'notify', disableSensitiveLogging: false, source: 'bot' };
    for (const socket of this.#of(userId, sessionId)) socket.emit('output', { type: 'output', data: output });
  }

  /** @internal */
  protected override readonly opened = (connection: TenantConnection, request: IncomingMessage): void => {
    const query = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams;
    const isWithheld = (event: CognigySocketEvent): boolean => this.#withheld.includes(event);
    this.#sockets.set(connection, new CognigySocket(connection, query, this.#services, isWithheld));
    void connection.closed.then(() => this.#sockets.delete(connection));
  };

  #of(userId: string, sessionId: string): readonly CognigySocket[] {
    return this.sockets.filter(({ identity }) => identity?.userId === userId && identity.sessionId === sessionId);
  }
}
