import { StreamError } from '../../errors.js';
import {
  adviceOn,
  checkResult,
  connectionFailure,
  parseRetryAfter,
  redact,
  rememberToken,
  startTimer,
  type ConnectionFailure,
} from '../../http/internal.js';
import { Conversation, type ConnectionHandlers } from './conversation.js';
import { describe } from './failure-text.js';
import type { StreamSettings } from '../options.js';
import type { ProtocolRefusal } from '../protocol.js';
import type { ConnectionEnd } from './reconnect.js';
import type { OpenSocket, Socket, SocketHandlers } from './socket.js';

/** How long the peer may take to answer our close frame, in ms. */
const CLOSE_TIMEOUT_MS = 2000;

/** What each connection of a stream begins with. */
interface Upgrade {
  readonly open: OpenSocket;
  /** Empty if the protocol uses none. */
  readonly token: string;
  /** The last tokens of the stream. */
  readonly tokens: Set<string>;
  readonly topics: ReadonlySet<string>;
  /** Time left until the connection must be open, in ms. */
  readonly timeoutMs: number;
}

/** One socket, from the upgrade until it is closed. */
export class Connection {
  readonly #ended = Promise.withResolvers<ConnectionEnd>();
  /** Resolves when the socket is closed, so that connections never overlap. */
  readonly ended: Promise<ConnectionEnd> = this.#ended.promise;
  readonly #settings: StreamSettings;
  /** The stream's topics, which it subscribes to before it is open. */
  readonly topics: ReadonlySet<string>;
  /** The conversation on the socket. */
  readonly conversation: Conversation;
  readonly #tokens: Set<string>;
  /** The token that was sent last; empty if the protocol uses none. */
  token: string;
  #socket: Socket | undefined;
  #stopTimer: (() => void) | undefined;
  #isUpgraded = false;
  isPaused = false;
  isClosing = false;
  /** Neither end has begun to close the socket. */
  isUsable = true;
  /** The reason for the end, if it is not a close frame. */
  #cause: string | undefined;
  #failure: ConnectionFailure | undefined;
  #isReplaced = false;
  #refusal: { status: number | undefined; retryAfterMs: number | undefined; what: string } | undefined;

  constructor(settings: StreamSettings, upgrade: Upgrade, handlers: ConnectionHandlers) {
    this.#settings = settings;
    this.token = upgrade.token;
    this.#tokens = upgrade.tokens;
    rememberToken(this.#tokens, this.token);
    this.topics = upgrade.topics;
    this.conversation = new Conversation(settings, this, handlers);
    try {
      this.#socket = this.#openSocket(upgrade.open);
      this.#stopTimer = startTimer({ clock: settings.clock, timeoutMs: upgrade.timeoutMs }, () => {
        const limit = `did not open within ${settings.connectTimeoutMs} ms`;
        this.cut(this.missing === undefined ? limit : `${limit}: ${this.missing}`);
      });
    } catch (error) {
      const what = describe(error, this.secrets) ?? 'the WebSocket could not be created';
      this.#ended.resolve({ kind: 'not-created', error: this.#error(what) });
    }
  }

  /** Whether a message can be sent. */
  get canSend(): boolean {
    return this.isUsable && this.conversation.opened !== undefined;
  }

  /** What the connection still waits for; `undefined` before its upgrade. */
  get missing(): string | undefined {
    return this.#isUpgraded ? this.conversation.missing : undefined;
  }

  /** Called when the conversation is open. */
  opened(): void {
    this.#stopTimer?.();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Sends a WebSocket ping. Returns false if the runtime cannot. */
  ping(): boolean {
    this.#socket?.ping?.();
    return this.#socket?.ping !== undefined;
  }

  /** Stops reading, if the runtime can, so that the server must wait. */
  pause(): void {
    this.isPaused = true;
    this.#socket?.pause?.();
  }

  resume(): void {
    this.isPaused = false;
    // Frames that arrived during the pause are still unread.
    this.conversation.heard();
    this.#socket?.resume?.();
  }

  /** Tells the server about a topic that was added or removed, with a token that may be newer. */
  changeTopic(action: 'subscribe' | 'unsubscribe', topic: string, token: string): void {
    this.token = token;
    rememberToken(this.#tokens, token);
    this.conversation[action](topic, token);
  }

  /** Starts the closing handshake. No further frames are delivered. */
  close(): void {
    this.isClosing = true;
    this.#beginClose();
  }

  /** Starts the closing handshake before a reconnection. Frames are delivered until the server closes the socket. */
  replace(): void {
    this.#isReplaced = true;
    this.#cause ??= 'reconnect() was called';
    this.#beginClose();
  }

  #beginClose(): void {
    if (this.#socket === undefined) return;
    this.#stopTimers();
    const limit = { clock: this.#settings.clock, timeoutMs: CLOSE_TIMEOUT_MS };
    this.#stopTimer = startTimer(limit, () => this.#socket?.terminate());
    // The peer's close frame would stay unread in a paused socket.
    this.#socket.resume?.();
    this.#socket.close();
  }

  #openSocket(open: OpenSocket): Socket {
    const { abilities, auth, streamToken, maxFrameBytes, protocol } = this.#settings;
    const handlers = this.#socketHandlers();
    const base = new URL(this.#settings.url);
    const url = new URL(protocol.url?.(base, this.token) ?? base);
    const headers: Record<string, string> = {};
    if (protocol.token === 'upgrade' && auth !== undefined) {
      const usesHeader = abilities.isWs && streamToken === 'header';
      const header = usesHeader ? auth.header(this.token) : (['', ''] as const);
      checkResult('header()', header, 'a list of strings');
      const [name, value] = header;
      if (usesHeader) headers[name] = value;
      else url.searchParams.set('access_token', this.token);
    }
    return open(url.href, { headers, maxFrameBytes }, handlers);
  }

  #socketHandlers(): SocketHandlers {
    const { clock } = this.#settings;
    const conversation = this.conversation;
    return {
      opened: () => {
        this.#isUpgraded = true;
        if (!this.isClosing) conversation.start();
      },
      text: (text) => conversation.text(text),
      binary: (bytes) => conversation.binary(bytes),
      heard: () => conversation.heard(),
      invalid: (message) => conversation.invalid(message),
      refused: (status, headers) => {
        const known = new Headers();
        for (const name of ['retry-after', 'date'])
          if (typeof headers[name] === 'string') known.set(name, headers[name]);
        const retryAfterMs = parseRetryAfter(known, clock.now());
        this.#refusal = { status, retryAfterMs, what: `the server responded to the upgrade with ${status}` };
      },
      failed: (error) => {
        this.#cause ??= describe(error, this.secrets);
        // Browsers give no reason, which says nothing about the next attempt.
        if (error !== undefined) this.#failure ??= connectionFailure(error, this.secrets);
      },
      closed: (code, reason) => {
        this.#stopTimers();
        this.#socket = undefined;
        const wasCut = this.#cause !== undefined;
        // The protocol may say why the server closed it.
        if (!this.isClosing) conversation.end();
        this.#ended.resolve(this.#describeEnd(code, redact(reason, this.secrets), wasCut));
      },
    };
  }

  refuse({ status, reason = '' }: ProtocolRefusal): void {
    const detail = this.#clean(reason);
    const what = `refused${status === undefined ? '' : ` with ${status}`}${detail === '' ? '' : ` (${detail})`}`;
    this.#refusal ??= { status, retryAfterMs: undefined, what };
    this.cut(what);
  }

  /** A server's words could be long, and quote the token. */
  #clean(words: string): string {
    return redact(words, this.secrets).slice(0, 300);
  }

  /** The last tokens of the stream and the secrets of the protocol. */
  get secrets(): readonly string[] {
    return [...this.#tokens, ...this.#settings.secrets];
  }

  cut(cause: string): void {
    this.#cause ??= this.#clean(cause);
    this.#stopTimers();
    this.#socket?.terminate();
  }

  #stopTimers(): void {
    this.isUsable = false;
    this.#stopTimer?.();
    this.conversation.stop();
  }

  #describeEnd(code: number, reason: string, wasCut: boolean): ConnectionEnd {
    const { opened } = this.conversation;
    if (this.#refusal !== undefined) {
      const { status, retryAfterMs, what } = this.#refusal;
      const error = this.#error(`${what}${this.#hint(status)}`, { status });
      return { kind: 'refused', status, retryAfterMs, opened, code, reason, error };
    }
    if (opened === undefined && (!this.#isUpgraded || wasCut)) {
      const mayBeRefusal = !this.#settings.abilities.isWs && !this.#isUpgraded;
      const failure = this.#failure;
      const error = this.#error(
        `${this.#cause ?? 'no connection'}${adviceOn(failure?.systemCode, failure?.message ?? '')}`,
      );
      return { kind: 'failed', failure, mayBeRefusal, error };
    }
    const detail = this.#cause ?? reason;
    const error = this.#error(`closed with code ${code}${detail === '' ? '' : ` (${detail})`}`, { closeCode: code });
    return { kind: 'closed', opened, code, reason, isReplaced: this.#isReplaced, error };
  }

  #hint(status: number | undefined): string {
    const { scopes } = this.#settings;
    if (status === 403 && scopes !== undefined) return `; the stream needs the scope ${scopes}`;
    if (this.#isUpgraded) return '';
    if (status === 404) return '; check tenant, host and streamUrl';
    const isNoUpgrade = status !== undefined && (status < 400 || status === 426);
    return isNoUpgrade ? '; check streamUrl, and that every proxy forwards WebSocket upgrades' : '';
  }

  #error(what: string, details?: { status?: number | undefined; closeCode?: number }): StreamError {
    return new StreamError(`Stream ${this.#settings.name}: ${what}`, details);
  }
}
