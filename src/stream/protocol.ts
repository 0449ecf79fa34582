import type { Issue } from '../errors.js';
import type { HeartbeatEvent, InteractionEvents, UnknownEvent } from './events.js';

/**
 * What an {@link AssistStream} says and understands on its socket. The stream keeps everything else: reconnection with
 * a current token, backoff, time limits, topics, order, bounded buffers, gaps, redaction. `agentAssistProtocol` is the
 * default.
 *
 * A protocol may be shared by several streams, so it keeps the state of a connection in what `open` returns.
 *
 * @typeParam Events - event by its name. Each has a `type`, by which iterations tell events apart.
 * @typeParam Message - what `AssistStream.send` takes.
 */
export interface StreamProtocol<Events extends object = InteractionEvents, Message = never> {
  /** Names of the events. */
  readonly events: Readonly<Record<keyof Events, true>>;
  /**
   * Where the token goes: on the upgrade, as the option `streamToken` says; to `url` and `open` of the protocol; or
   * nowhere, in which case the option `auth` is not used.
   */
  readonly token: 'upgrade' | 'protocol' | 'none';
  /** Scopes that a 403 names, e.g. `agentassist:read`. */
  readonly scopes?: string | undefined;
  /** Topics can be subscribed to. Throws for an invalid one. */
  checkTopic?(topic: string): void;
  /** Messages can be sent. Throws for an invalid one. */
  checkMessage?(message: Message): void;
  /** Secrets besides the token, which no error or log shows. */
  secrets?(): readonly string[];
  /** Returns the URL of the next connection. `base` is a copy. Errors and logs name host and path of `base` only. */
  url?(base: URL, token: string | undefined): URL;
  /** Called when the WebSocket is open. Sends the handshake, and returns the session that reads the frames. */
  open(link: ProtocolLink<Events>): ProtocolSession<Message>;
}

/**
 * Reads the frames of one connection, and writes to it. What it throws becomes the event `invalid`, without content.
 */
export interface ProtocolSession<Message = never> {
  /** Reads a text frame, which `maxFrameBytes` limits. */
  receive(text: string): void;
  /** Reads a binary frame. Without it a binary frame is the event `invalid`. */
  receiveBinary?(bytes: Uint8Array): void;
  /**
   * Asks for a topic: on each connection after `link.connected()`, and for topics that are added later.
   *
   * @param token - the current token, which may be newer than that of the connection; empty without `auth`.
   */
  subscribe?(topic: string, token: string): void;
  /** Asks for a topic no longer. */
  unsubscribe?(topic: string, token: string): void;
  /** Sends a message. Only called while the connection is open. */
  send?(message: Message): void;
  /** The connection has ended, but not by `AssistStream.close()`. */
  ended?(): void;
}

/**
 * A connection, as its protocol sees it. An object literal that does not use `this`, so it can be spread and wrapped.
 */
export interface ProtocolLink<Events extends object = InteractionEvents> {
  /** Token of this connection. Empty without `auth`. */
  readonly token: string;
  /** Sends a text frame. */
  readonly send: (text: string) => void;
  /**
   * The server has accepted the connection. The stream now subscribes to its topics, and is open when each is
   * confirmed, or at once if there are none. `connectTimeoutMs` limits all of it.
   *
   * @param liveness - default: WebSocket pings, or silence in runtimes that cannot ping.
   */
  readonly connected: (liveness?: Liveness) => void;
  /** The server has confirmed a topic. If it confirms none, call it after sending. */
  readonly subscribed: (topic: string) => void;
  /**
   * Delivers an event to listeners and iterations.
   *
   * @param omitted - optional fields that could not be read and are not part of `event`.
   */
  readonly emit: <K extends keyof Events>(name: K, event: Events[K], omitted?: readonly Issue[]) => void;
  /** Reports a sign of life; the answer to a beat of {@link Liveness}. Emits `HEARTBEAT`. */
  readonly heartbeat: (event: HeartbeatEvent) => void;
  /** Reports a well-formed event of another type. */
  readonly unknown: (event: UnknownEvent) => void;
  /** Reports a frame that cannot be read. The issues quote nothing of it. */
  readonly invalid: (issues: readonly Issue[]) => void;
  /**
   * The server refuses this client, which ends the connection. Same decisions as for a refused upgrade: 401 drops the
   * token and reconnects, only once if the server never accepted a token; 403 is final; 408, 425, 429 and 5xx
   * reconnect; anything else, or no status, is final unless the stream has been open before.
   */
  readonly refuse: (refusal: ProtocolRefusal) => void;
  /** The connection is of no further use. Ends it; the stream reconnects with backoff. */
  readonly fail: (reason: string) => void;
}

/** A refusal in a message of the server. */
export interface ProtocolRefusal {
  /** Status as in HTTP. */
  readonly status?: number | undefined;
  /** The server's reason. The stream removes secrets and control characters. */
  readonly reason?: string | undefined;
}

/**
 * How the stream learns that an open connection is dead. No verdict is given while reading is paused or after the
 * process was blocked.
 *
 * - `websocket` – WebSocket pings, by `pingIntervalMs` and `pongTimeoutMs` of the stream. In runtimes that cannot
 *   ping, `frame` is sent instead, and silence of `idleTimeoutMs` ends the connection.
 * - `beat` – sends `frame` at the interval. Anything that arrives within `timeoutMs` is an answer.
 * - `acknowledged` – sends `frame` at the interval. Only `link.heartbeat()` is an answer; if `maxMissed` beats in a
 *   row get none, the next interval ends the connection.
 * - `silence` – the server beats; silence of `timeoutMs` ends the connection.
 */
export type Liveness =
  | { readonly kind: 'websocket'; readonly frame?: string | undefined }
  | { readonly kind: 'beat'; readonly frame: string; readonly intervalMs: number; readonly timeoutMs: number }
  | { readonly kind: 'acknowledged'; readonly frame: string; readonly intervalMs: number; readonly maxMissed: number }
  | { readonly kind: 'silence'; readonly timeoutMs: number };
