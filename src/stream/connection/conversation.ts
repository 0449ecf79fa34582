import type { Issue } from '../../errors.js';
import { attempt, checkResult } from '../../http/internal.js';
import { isLarger, protocolFailure, tooLarge } from './failure-text.js';
import { startHeartbeat, type Heartbeat, type Watched } from './heartbeat.js';
import type { Listeners } from '../delivery/listeners.js';
import type { StreamSettings } from '../options.js';
import type { ProtocolLink, ProtocolRefusal, ProtocolSession } from '../protocol.js';
import type { Opened } from './reconnect.js';

/** What a connection reports and asks, until it is closed by this side. */
export interface ConnectionHandlers {
  readonly opened: () => void;
  readonly event: (name: string, event: object, omitted?: readonly Issue[]) => void;
  readonly invalid: (issues: readonly Issue[]) => void;
  readonly emit: Listeners['emit'];
  /** Asks whether a connection that is still subscribing can do without a topic that was refused with this status. */
  readonly canLoseTopic: (status: number | undefined, token: string) => boolean;
}

/** The connection of a conversation. */
interface Host extends Watched {
  readonly token: string;
  /** The stream's topics, which it subscribes to before it is open. */
  readonly topics: ReadonlySet<string>;
  readonly isClosing: boolean;
  /** Whether neither end has begun to close the socket, which may still deliver frames of the same packet. */
  readonly isUsable: boolean;
  /** Called when the server has accepted the connection and confirmed all topics. */
  opened(): void;
  refuse(refusal: ProtocolRefusal): void;
}

/** The conversation on one socket, in terms of the protocol. */
export class Conversation {
  readonly #settings: StreamSettings;
  readonly #host: Host;
  readonly #handlers: ConnectionHandlers;
  #session: ProtocolSession<unknown> | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Whether any frame is a sign of life. */
  #countsFrames = true;
  /** Topics that the server has yet to confirm; known once it has accepted the connection. */
  #unconfirmed: Set<string> | undefined;
  /** How many of them the server has refused; it does not say which. */
  #refusedTopics = 0;
  #openedAt: number | undefined;
  #heard = false;
  /** Frames that wait for {@link Conversation.release}. */
  #held: (() => void)[] | undefined;

  constructor(settings: StreamSettings, host: Host, handlers: ConnectionHandlers) {
    this.#settings = settings;
    this.#host = host;
    this.#handlers = handlers;
  }

  /** Whether the server has accepted the connection, so that topics can be subscribed to. */
  get isAccepted(): boolean {
    return this.#unconfirmed !== undefined && !this.#host.isClosing;
  }

  /** How long the connection has been open, and whether any frame arrived; `undefined` if it never was. */
  get opened(): Opened | undefined {
    if (this.#openedAt === undefined) return undefined;
    return { forMs: this.#settings.clock.monotonic() - this.#openedAt, heard: this.#heard };
  }

  /** What the connection still waits for. */
  get missing(): string {
    if (this.#unconfirmed === undefined) return 'the server did not accept the connection';
    return `the server did not confirm ${this.#unconfirmed.size} of ${this.#host.topics.size} topics`;
  }

  start(): void {
    this.#guard(() => {
      const session = this.#settings.protocol.open(this.#link());
      checkResult('protocol.open()', session, 'a session with receive()');
      this.#session = session;
      this.#subscribeAll();
    });
  }

  /** Keeps frames back until `release`. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const receive of held) receive();
  }

  text(text: string): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.text(text));
      return;
    }
    this.#onFrame();
    if (this.#host.isClosing) return;
    if (isLarger(text, this.#settings.maxFrameBytes)) {
      this.invalid(tooLarge(this.#settings.maxFrameBytes));
      return;
    }
    this.#guard(() => this.#session?.receive(text));
  }

  binary(bytes: Uint8Array): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.binary(bytes));
      return;
    }
    this.#onFrame();
    const session = this.#session;
    if (session?.receiveBinary === undefined) this.invalid('expected a text frame');
    else if (bytes.byteLength > this.#settings.maxFrameBytes) this.invalid(tooLarge(this.#settings.maxFrameBytes));
    else if (!this.#host.isClosing) this.#guard(() => session.receiveBinary?.(bytes));
  }

  /** Called when a ping or a pong arrived, or if the silence so far has no meaning. */
  heard(): void {
    this.#heartbeat?.heard();
  }

  subscribe(topic: string, token: string): void {
    if (this.#openedAt === undefined) this.#unconfirmed?.add(topic);
    this.#guard(() => this.#session?.subscribe?.(topic, token));
  }

  unsubscribe(topic: string, token: string): void {
    this.#guard(() => this.#session?.unsubscribe?.(topic, token));
    this.#unconfirmed?.delete(topic);
    this.#openIfConfirmed();
  }

  send(message: unknown): void {
    this.#guard(() => {
      checkResult('protocol.open()', this.#session, 'a session with send()');
      return this.#session?.send?.(message);
    });
  }

  stop(): void {
    this.#heartbeat?.stop();
  }

  /** Called when the socket is closed. */
  end(): void {
    this.release();
    this.#guard(() => this.#session?.ended?.());
  }

  invalid(message: string): void {
    if (!this.#host.isClosing) this.#handlers.invalid([{ path: '', message }]);
  }

  #onFrame(): void {
    if (this.#openedAt !== undefined) this.#heard = true;
    if (this.#countsFrames) this.#heartbeat?.heard();
  }

  #link(): ProtocolLink<Record<string, object>> {
    const host = this.#host;
    const unlessClosing =
      <Args extends readonly unknown[]>(report: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!host.isClosing) report(...args);
      };
    const emit = unlessClosing(this.#handlers.emit);
    return {
      token: host.token,
      send: unlessClosing((text) => host.send(text)),
      connected: (liveness = { kind: 'websocket' }) => {
        if (this.#unconfirmed !== undefined || !host.isUsable) return;
        this.#unconfirmed = new Set(host.topics);
        this.#countsFrames = liveness.kind !== 'acknowledged';
        this.#heartbeat = startHeartbeat(this.#settings, liveness, host);
        // A protocol that connects within `open` has yet to return its session.
        if (this.#session !== undefined) this.#subscribeAll();
      },
      subscribed: (topic) => {
        emit('subscribed', { topic });
        this.#unconfirmed?.delete(topic);
        this.#openIfConfirmed();
      },
      emit: unlessClosing(this.#handlers.event),
      heartbeat: (event) => {
        this.#heartbeat?.heard();
        emit('HEARTBEAT', event);
      },
      unknown: (event) => emit('unknown', event),
      invalid: unlessClosing(this.#handlers.invalid),
      refuse: (refusal) => host.refuse(refusal),
      refuseTopic: (refusal) => {
        const isOpen = this.#openedAt !== undefined;
        const { status } = refusal;
        const continues = isOpen ? status !== 401 : this.isAccepted && this.#handlers.canLoseTopic(status, host.token);
        if (continues) this.#refusedTopics += 1;
        else host.refuse(refusal);
        this.#openIfConfirmed();
        return continues;
      },
      fail: (reason) => host.cut(reason),
    };
  }

  #subscribeAll(): void {
    if (this.#unconfirmed === undefined) return;
    for (const topic of [...this.#unconfirmed]) this.#guard(() => this.#session?.subscribe?.(topic, this.#host.token));
    this.#openIfConfirmed();
  }

  #openIfConfirmed(): void {
    if (this.#unconfirmed === undefined || this.#session === undefined) return;
    if (this.#unconfirmed.size > this.#refusedTopics) return;
    if (this.#openedAt !== undefined || !this.#host.isUsable) return;
    this.#openedAt = this.#settings.clock.monotonic();
    this.#host.opened();
    this.#handlers.opened();
  }

  #guard(work: () => unknown): void {
    attempt(work, (error) => this.#onFailure(error));
  }

  #onFailure(error: unknown): void {
    const what = `the protocol failed: ${protocolFailure(error)}`;
    if (this.#openedAt === undefined) this.#host.cut(what);
    else this.invalid(what);
  }
}
