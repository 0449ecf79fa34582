import { StreamError, type Issue } from '../errors.js';
import {
  connectionFailure,
  parseRetryAfter,
  redact,
  type ConnectionFailure,
  type TimerHandle,
} from '../http/internal.js';
import { IdleHeartbeat, PingHeartbeat, type Heartbeat, type HeartbeatTarget } from './heartbeat.js';
import type { StreamSettings } from './options.js';
import type { ConnectionEnd } from './reconnect.js';
import { openNativeSocket, openWsSocket, type Socket, type SocketHandlers } from './socket.js';

/** Callbacks of a connection. */
export interface ConnectionHandlers {
  opened(): void;
  text(text: string): void;
  invalid(issues: readonly Issue[]): void;
}

/** How long the peer may take to answer our close frame, in ms. */
const CLOSE_TIMEOUT_MS = 2000;

/** Scopes for the stream (protocol 2) if no platform is given. */
const SCOPES = 'streaming:subscribe on Cognigy.AI, agentassist:read on CXone';

const encoder = new TextEncoder();

/** One socket, from the upgrade until it is closed. */
export class Connection {
  /** Resolves when the socket is closed, so that connections never overlap. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #settings: StreamSettings;
  readonly #handlers: ConnectionHandlers;
  readonly #token: string;
  readonly #resolve: (end: ConnectionEnd) => void;
  #socket: Socket | undefined;
  #heartbeat: Heartbeat | undefined;
  #timer: TimerHandle;
  #openedAt: number | undefined;
  #heard = false;
  #isPaused = false;
  #isClosing = false;
  /** The reason for the end, if it is not a close frame. */
  #cause: string | undefined;
  #failure: ConnectionFailure | undefined;
  #isReplaced = false;
  #refusal: { status: number; retryAfterMs: number | undefined } | undefined;

  constructor(settings: StreamSettings, token: string, deadlineMs: number, handlers: ConnectionHandlers) {
    this.#settings = settings;
    this.#handlers = handlers;
    this.#token = token;
    const { promise, resolve } = Promise.withResolvers<ConnectionEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    try {
      this.#socket = this.#openSocket();
      this.#timer = settings.clock.setTimeout(() => {
        this.#cut(`not open within ${settings.connectTimeoutMs} ms`);
      }, deadlineMs);
    } catch (error) {
      resolve({
        kind: 'not-created',
        error: this.#error(describe(error, token) ?? 'the WebSocket could not be created'),
      });
    }
  }

  /** Stops reading, if the runtime can, so that the server has to wait. */
  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause?.();
  }

  resume(): void {
    this.#isPaused = false;
    // Frames that arrived during the pause are still unread, so the silence so far means nothing.
    this.#heartbeat?.heard();
    this.#socket?.resume?.();
  }

  /** Starts the closing handshake. No further frames are delivered. */
  close(): void {
    this.#isClosing = true;
    this.#beginClose();
  }

  /** Starts the closing handshake before a reconnection. Frames are delivered until the server closes the socket. */
  replace(): void {
    this.#isReplaced = true;
    this.#cause ??= 'asked to reconnect';
    this.#beginClose();
  }

  #beginClose(): void {
    if (this.#socket === undefined) return;
    this.#stopTimers();
    this.#timer = this.#settings.clock.setTimeout(() => this.#socket?.terminate(), CLOSE_TIMEOUT_MS);
    // The peer's close frame would stay unread in a paused socket.
    this.#socket.resume?.();
    this.#socket.close();
  }

  #openSocket(): Socket {
    const { WebSocket, abilities, auth, streamToken, maxFrameBytes } = this.#settings;
    const handlers = this.#socketHandlers();
    const url = new URL(this.#settings.url);
    if (abilities.isWs && streamToken === 'header') {
      const [name, value] = auth.header(this.#token);
      return openWsSocket(WebSocket, url.href, { [name]: value }, maxFrameBytes, handlers);
    }
    url.searchParams.set('access_token', this.#token);
    return abilities.isWs
      ? openWsSocket(WebSocket, url.href, {}, maxFrameBytes, handlers)
      : openNativeSocket(WebSocket, url.href, handlers);
  }

  #socketHandlers(): SocketHandlers {
    const { clock, maxFrameBytes } = this.#settings;
    return {
      opened: () => {
        if (this.#isClosing) return;
        clock.clearTimeout(this.#timer);
        this.#openedAt = clock.monotonic();
        this.#heartbeat = this.#startHeartbeat();
        this.#handlers.opened();
      },
      text: (text) => {
        this.#heard = true;
        this.#heartbeat?.heard();
        if (this.#isClosing) return;
        if (isLarger(text, maxFrameBytes)) this.#invalid(tooLarge(maxFrameBytes));
        else this.#handlers.text(text);
      },
      binary: () => {
        this.#heard = true;
        this.#heartbeat?.heard();
        this.#invalid('expected a text frame');
      },
      heard: () => this.#heartbeat?.heard(),
      refused: (status, headers) => {
        const { 'retry-after': retryAfter, date } = headers;
        const known = new Headers();
        if (typeof retryAfter === 'string') known.set('retry-after', retryAfter);
        if (typeof date === 'string') known.set('date', date);
        this.#refusal = { status, retryAfterMs: parseRetryAfter(known, clock.now()) };
      },
      failed: (error) => {
        this.#cause ??= describe(error, this.#token);
        // Browsers give no reason, which says nothing about the next attempt.
        if (error !== undefined) this.#failure ??= connectionFailure(error, [this.#token]);
        const broken = brokenFrame(error, maxFrameBytes);
        if (broken !== undefined) this.#invalid(broken);
      },
      closed: (code, reason) => {
        this.#stopTimers();
        this.#resolve(this.#describeEnd(code, redact(reason, [this.#token])));
      },
    };
  }

  #startHeartbeat(): Heartbeat {
    const { clock, pingIntervalMs, pongTimeoutMs, idleTimeoutMs } = this.#settings;
    const socket = this.#socket;
    const target: HeartbeatTarget = {
      beat: () => (socket?.ping === undefined ? socket?.send('{"type":"HEARTBEAT"}') : socket.ping()),
      isPaused: () => this.#isPaused,
      dead: (why) => this.#cut(why),
    };
    return this.#settings.abilities.isWs
      ? new PingHeartbeat(clock, target, pingIntervalMs, pongTimeoutMs)
      : new IdleHeartbeat(clock, target, pingIntervalMs, idleTimeoutMs);
  }

  #invalid(message: string): void {
    if (!this.#isClosing) this.#handlers.invalid([{ path: '', message }]);
  }

  #cut(cause: string): void {
    this.#cause ??= cause;
    this.#stopTimers();
    this.#socket?.terminate();
  }

  #stopTimers(): void {
    this.#settings.clock.clearTimeout(this.#timer);
    this.#heartbeat?.stop();
  }

  #describeEnd(code: number, reason: string): ConnectionEnd {
    if (this.#refusal !== undefined) {
      const { status } = this.#refusal;
      return {
        kind: 'refused',
        ...this.#refusal,
        error: this.#error(`the upgrade was answered by ${status}${this.#hint(status)}`, { status }),
      };
    }
    if (this.#openedAt === undefined) {
      const mayBeRefusal = !this.#settings.abilities.isWs;
      const failure = this.#failure;
      const advice = adviceOn(failure);
      const what = this.#cause ?? 'no connection';
      return {
        kind: 'failed',
        failure,
        mayBeRefusal,
        error: this.#error(advice === undefined ? what : `${what}; ${advice}`),
      };
    }
    // The server's reason could forge a line of a log.
    const detail = this.#cause ?? reason.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
    const closed = `closed with code ${code}`;
    return {
      kind: 'closed',
      code,
      reason,
      openForMs: this.#settings.clock.monotonic() - this.#openedAt,
      heard: this.#heard,
      isReplaced: this.#isReplaced,
      error: this.#error(detail === '' ? closed : `${closed} (${detail})`, { closeCode: code }),
    };
  }

  #hint(status: number): string {
    const { scope } = this.#settings;
    if (status === 403) return `; the stream needs the scope ${scope ?? SCOPES}`;
    return status === 404 ? '; check tenant, host and streamUrl' : '';
  }

  /** Names host and path only: the query may hold the token. */
  #error(what: string, details?: { status?: number; closeCode?: number }): StreamError {
    const { host, pathname } = this.#settings.url;
    return new StreamError(`Stream ${host}${pathname}: ${what}`, details);
  }
}

/** Advice for common failures of a first connection. */
function adviceOn(failure: ConnectionFailure | undefined): string | undefined {
  if (failure?.systemCode === 'ENOTFOUND') return 'no such host: check tenant, host and streamUrl';
  if (failure?.systemCode === 'EAI_AGAIN') return 'the host name cannot be resolved: check the network and its DNS';
  if (failure?.systemCode === 'ECONNREFUSED') return 'nothing listens there: check host, port and firewall';
  return failure?.permanent === true ? 'check the certificate and the protocol of streamUrl' : undefined;
}

function tooLarge(maxFrameBytes: number): string {
  return `must be at most ${maxFrameBytes} bytes`;
}

/** Counts bytes only if the number of characters does not decide it. */
function isLarger(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && (text.length > maxBytes || encoder.encode(text).length > maxBytes);
}

/** Describes a frame that `ws` rejected. `ws` then ends the connection (RFC 6455 §7.1.7). */
function brokenFrame(error: unknown, maxFrameBytes: number): string | undefined {
  const code = codeOf(error);
  if (code?.startsWith('WS_ERR_') !== true) return undefined;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return tooLarge(maxFrameBytes);
  return code === 'WS_ERR_INVALID_UTF8' ? 'expected UTF-8' : `breaks the WebSocket protocol (${code})`;
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}

/**
 * The printable part of a failure: its system code, or a message of plain words. Any other message could contain the URL
 * and with it the token, so neither it nor the error itself is passed on.
 */
function describe(error: unknown, token: string): string | undefined {
  const code = codeOf(error);
  if (code !== undefined) return code;
  if (!(error instanceof Error) || !/^[A-Za-z][A-Za-z -]{3,80}$/.test(error.message)) return undefined;
  return redact(error.message, [token]);
}
