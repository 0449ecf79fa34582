import { ConfigurationError, RequestValidationError } from '../../errors.js';
import { withoutSecrets } from '../../http/internal.js';
import { isRecord, toJson } from '../../json.js';
import { checkOptions, required } from '../../options.js';
import type { ProtocolLink, ProtocolSession } from '../../stream/index.js';
import type {
  FlowErrorEvent,
  FlowOutputEvent,
  FlowProtocol,
  FlowProtocolOptions,
  FlowStreamEvents,
  FlowStreamInput,
} from './types.js';
import { checkedUrlToken } from './schemas.js';
import { ackFrame, eventFrame, parsePacket, type SocketIoPacket } from './socket-io.js';

/**
 * The Socket.IO endpoint of a Cognigy.AI flow as a protocol of `AssistStream`. Outputs, typing, errors and ends of runs
 * are events; `send` sends an input to the flow. One stream is one conversation.
 *
 * - The stream is open when the endpoint is ready (`endpoint-ready`, Cognigy.AI 4.79 and later). Inputs sent before
 *   that wait.
 * - The server does not acknowledge inputs, and the stream never sends an input twice: if the connection ends before
 *   its run, `INPUT_UNCONFIRMED` lists it.
 * - Outputs are acknowledged after the listeners were called. A server that resends unacknowledged outputs after a
 *   reconnection causes duplicates.
 *
 * `streamUrl` is that of `cognigyAi(…)`, or `https://endpoint-….cognigy.ai`, with or without `/socket.io/`. Only the
 * WebSocket transport is used.
 *
 * @throws `ConfigurationError` for an option that is missing, unknown or invalid.
 *
 * @example
 * ```ts
 * import { AssistStream } from 'agent-assist-sdk';
 * import { cognigyAi, flowProtocol } from 'agent-assist-sdk/cognigy';
 *
 * await using stream = new AssistStream({
 *   platform: cognigyAi({ environment: 'trial' }),
 *   protocol: flowProtocol({ urlToken: process.env['COGNIGY_URL_TOKEN'] ?? '', userId: 'customer-1', sessionId: 'call-1' }),
 * });
 * stream.on('OUTPUT', ({ text }) => console.log(text));
 * stream.on('FLOW_ERROR', ({ message }) => console.error(message));
 * await stream.connect();
 * stream.send({ text: 'I want a refund' });
 * ```
 */
export function flowProtocol(options: FlowProtocolOptions): FlowProtocol {
  checkOptions('flowProtocol', options, {
    urlToken: 'a string',
    userId: 'a string',
    sessionId: 'a string',
    eio: true,
    handshake: true,
    testMode: 'a boolean',
    channel: 'a string',
  });
  const { eio = 3, handshake = 'query', testMode = false, channel = 'socket-client' } = options;
  const urlToken = checkedUrlToken(options.urlToken);
  const userId = required('userId', options.userId);
  const sessionId = required('sessionId', options.sessionId);
  if (![3, 4].includes(eio)) throw new ConfigurationError('eio: expected 3 or 4');
  if (!['query', 'message'].includes(handshake)) {
    throw new ConfigurationError("handshake: expected 'query' or 'message'");
  }
  const identity = { userId, sessionId, urlToken, testMode, emitWithAck: true };
  return {
    events: { OUTPUT: true, TYPING: true, FLOW_ERROR: true, FINAL_PING: true, INPUT_UNCONFIRMED: true },
    token: 'none',
    secrets: () => [urlToken],
    checkMessage,
    url: (base) => {
      base.pathname = socketPath(base.pathname, urlToken);
      const query = handshake === 'query' ? identity : { handshake: true };
      for (const [name, value] of Object.entries(query)) {
        // The server decodes the query twice.
        base.searchParams.set(name, encodeURIComponent(String(value)));
      }
      base.searchParams.set('EIO', String(eio));
      base.searchParams.set('transport', 'websocket');
      return base;
    },
    open: (link) => new FlowSession(link, { eio, identity, channel }),
  };
}

/** The endpoint's URL, as for the vendor's web chat, ends with the token. */
function socketPath(path: string, urlToken: string): string {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== encodeURIComponent(urlToken));
  return `/${(segments.at(-1) === 'socket.io' ? segments : [...segments, 'socket.io']).join('/')}/`;
}

function checkMessage(input: FlowStreamInput): void {
  const { text, data } = isRecord(input) ? input : {};
  const issues = [
    ...(text === undefined && data === undefined ? [{ path: '', message: 'expected text or data' }] : []),
    ...(text === undefined || typeof text === 'string' ? [] : [{ path: 'text', message: 'expected string' }]),
    ...(data === undefined || isRecord(data) ? [] : [{ path: 'data', message: 'expected object' }]),
  ];
  if (issues.length > 0) throw new RequestValidationError('input', issues);
  toJson(data ?? {}, 'input');
}

interface FlowSettings {
  readonly eio: 3 | 4;
  readonly identity: { readonly userId: string; readonly sessionId: string; readonly urlToken: string };
  readonly channel: string;
}

/** Limit of remembered inputs whose run has not ended. */
const UNCONFIRMED_CAPACITY = 100;

class FlowSession implements ProtocolSession<FlowStreamInput> {
  readonly #link: ProtocolLink<FlowStreamEvents>;
  readonly #settings: FlowSettings;
  #ping: { readonly intervalMs: number; readonly timeoutMs: number } | undefined;
  /** What the server said before the connection was ready, e.g. that the endpoint does not exist. */
  #exception: string | undefined;
  #isReady = false;
  /** Inputs whose run has not ended. */
  #unconfirmed: FlowStreamInput[] = [];

  constructor(link: ProtocolLink<FlowStreamEvents>, settings: FlowSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  receive(text: string): void {
    const { urlToken } = this.#settings.identity;
    // If the server quotes the token, it must not enter an event.
    const packet = parsePacket(withoutSecrets(text, [urlToken]));
    const link = this.#link;
    switch (packet.kind) {
      case 'event':
        this.#onEvent(packet);
        break;
      case 'ping':
        link.send(`3${packet.data}`);
        link.heartbeat({ type: 'HEARTBEAT' });
        break;
      case 'pong':
        link.heartbeat({ type: 'HEARTBEAT' });
        break;
      case 'opened':
        this.#ping = { intervalMs: packet.pingIntervalMs, timeoutMs: packet.pingTimeoutMs };
        // With Engine.IO 3 the server opens the namespace itself.
        if (this.#settings.eio === 4) link.send('40');
        break;
      case 'closed':
        if (this.#exception === undefined) link.fail('the server ended the session');
        else link.refuse({ reason: this.#exception });
        break;
      case 'refused':
        link.refuse({ reason: packet.reason });
        break;
      case 'invalid':
        link.invalid([{ path: '', message: packet.message }]);
        break;
      case 'connected':
        if (this.#settings.eio === 4 && !packet.hasId) link.refuse({ reason: 'the endpoint speaks Engine.IO 3' });
        break;
      case 'ignored':
        break;
    }
  }

  send({ text, data }: FlowStreamInput): void {
    const { identity, channel } = this.#settings;
    const { urlToken: URLToken, userId, sessionId } = identity;
    const ids = { URLToken, userId, sessionId, channel, source: 'device', passthroughIP: null, resetFlow: false };
    this.#link.send(eventFrame('processInput', { ...ids, text, data }));
    this.#unconfirmed.push({ text, data });
    if (this.#unconfirmed.length > UNCONFIRMED_CAPACITY) this.#unconfirmed.shift();
  }

  ended(): void {
    if (this.#exception !== undefined && this.#exception !== '') this.#link.fail(this.#exception);
    const inputs = this.#unconfirmed.splice(0);
    if (inputs.length > 0) this.#link.emit('INPUT_UNCONFIRMED', { type: 'INPUT_UNCONFIRMED', inputs });
  }

  #onEvent({ name, args, ackId }: Extract<SocketIoPacket, { kind: 'event' }>): void {
    const [payload] = args;
    switch (name) {
      case 'handshake':
        if (ackId !== undefined) this.#link.send(ackFrame(ackId, this.#settings.identity));
        return;
      case 'endpoint-ready':
        this.#onReady();
        break;
      case 'output':
        this.#onOutput(payload);
        break;
      case 'finalPing':
        this.#onFinalPing(payload);
        break;
      case 'typingStatus':
        this.#onTyping(payload);
        break;
      case 'exception':
        this.#onError('exception', payload);
        break;
      default:
        this.#link.unknown({ type: name, args });
    }
    if (ackId !== undefined) this.#link.send(ackFrame(ackId));
  }

  #onReady(): void {
    this.#isReady = true;
    this.#exception = undefined;
    if (this.#ping === undefined) this.#link.fail('the server skipped the handshake of Engine.IO');
    else if (this.#settings.eio === 3) this.#link.connected({ kind: 'beat', frame: '2', ...this.#ping });
    else this.#link.connected({ kind: 'silence', timeoutMs: this.#ping.intervalMs + this.#ping.timeoutMs });
  }

  #onOutput(payload: unknown): void {
    const { type, data } = isRecord(payload) ? payload : {};
    if (type === 'finalPing') this.#onFinalPing(data);
    else if (type === 'error') this.#onError('output', isRecord(data) ? data['error'] : data);
    else if (type !== 'output') this.#invalid('type', "expected 'output', 'error' or 'finalPing'");
    else if (!isRecord(data)) this.#invalid('data', 'expected object');
    else this.#emitOutput(data);
  }

  #emitOutput(entry: Readonly<Record<string, unknown>>): void {
    const texts = ['text', 'traceId', 'source'].map((field) => [field, entry[field]] as const);
    const wrong = texts.filter(([, value]) => typeof value !== 'string' && value !== undefined && value !== null);
    const omitted = wrong.map(([field]) => ({ path: field, message: 'expected string' }));
    const known = texts.map(([field, value]) => [field, typeof value === 'string' ? value : undefined] as const);
    const event = { ...entry, ...Object.fromEntries(known), type: 'OUTPUT' } satisfies FlowOutputEvent;
    this.#link.emit('OUTPUT', event, omitted.length > 0 ? omitted : undefined);
  }

  #onFinalPing(payload: unknown): void {
    this.#unconfirmed.shift();
    this.#link.emit('FINAL_PING', { type: 'FINAL_PING', payload });
  }

  #onTyping(payload: unknown): void {
    const status = isRecord(payload) ? payload['status'] : undefined;
    if (typeof status !== 'string') this.#invalid('status', 'expected string');
    else this.#link.emit('TYPING', { type: 'TYPING', isTyping: status === 'typingOn', status });
  }

  #onError(origin: FlowErrorEvent['origin'], error: unknown): void {
    const reason = isRecord(error) ? error['message'] : error;
    const message = typeof reason === 'string' ? reason : '';
    if (!this.#isReady) this.#exception = message;
    this.#link.emit('FLOW_ERROR', { type: 'FLOW_ERROR', message, origin, error });
  }

  #invalid(path: string, message: string): void {
    this.#link.invalid([{ path, message }]);
  }
}
