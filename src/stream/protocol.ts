import type { Issue } from '../errors.js';
import type { CloseAction } from './connection/close-codes.js';
import type { HeartbeatEvent, InteractionEvents, UnknownEvent } from './events.js';

/**
 * The messages of an {@link AssistStream} on its socket. The stream does everything else: it reconnects with backoff
 * and a current token, enforces time limits, keeps topics and order, limits buffers, reports gaps and redacts secrets.
 * `agentAssistProtocol` is the default.
 *
 * Several streams may share a protocol, so keep the state of a connection in the session that `open` returns.
 *
 * @typeParam Events - events by name. Each has a `type`, which distinguishes events in iterations.
 * @typeParam Message - what `AssistStream.send` takes.
 */
export interface StreamProtocol<Events extends object = InteractionEvents, Message = never> {
  /** Names of the events, other than those of every stream such as `error`. */
  readonly events: Readonly<Record<keyof Events, true>>;
  /**
   * Where the token is sent: with the upgrade, as the option `streamToken` says; by the protocol's `url` and `open`,
   * which get it; or nowhere, in which case the option `auth` is not used.
   */
  readonly token: 'upgrade' | 'protocol' | 'none';
  /** Scopes that a 403 names, e.g. `agentassist:read`. */
  readonly scopes?: string | undefined;
  /** Entries of the table of close codes that differ for its servers. The option `closeCodes` replaces them. */
  readonly closeCodes?: Readonly<Record<number, CloseAction>> | undefined;
  /** Checks a topic. Throws for an invalid one. Absent if the protocol has no topics. */
  checkTopic?(topic: string): void;
  /** Checks a message. Throws for an invalid one. Absent if the protocol has no messages. */
  checkMessage?(message: Message): void;
  /** Secrets other than the token. No error or log shows them. */
  secrets?(): readonly string[];
  /** Returns the URL of the next connection. `base` is a copy. Errors and logs name host and path of `base` only. */
  url?(base: URL, token: string | undefined): URL;
  /** Called when the WebSocket is open. Sends the handshake, and returns the session that reads the frames. */
  open(link: ProtocolLink<Events>): ProtocolSession<Message>;
}

/**
 * Reads the frames of one connection, and writes to it. If it throws, the frame becomes the event `invalid`. The event
 * has the place of the error but not its message, except for an error of this package such as `ConfigurationError`.
 */
export interface ProtocolSession<Message = never> {
  /** Reads a text frame, which `maxFrameBytes` limits. */
  receive(text: string): void;
  /** Reads a binary frame. Without this method, a binary frame becomes the event `invalid`. */
  receiveBinary?(bytes: Uint8Array): void;
  /**
   * Subscribes to a topic. Called on each connection after `link.connected()`, and for topics that are added later.
   *
   * @param token - the current token, which may be newer than that of the connection; empty without `auth`.
   */
  subscribe?(topic: string, token: string): void;
  /** Ends the subscription to a topic. */
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
   * Call it when the server has accepted the connection. The stream then subscribes to its topics. It is open when the
   * server has confirmed each topic, or immediately if there are no topics. `connectTimeoutMs` limits all of this.
   *
   * @param liveness - default: WebSocket pings, or silence in runtimes that cannot ping.
   */
  readonly connected: (liveness?: Liveness) => void;
  /** Call it when the server has confirmed a topic. If the server confirms none, call it after you have sent the topic. */
  readonly subscribed: (topic: string) => void;
  /**
   * Delivers an event to listeners and iterations.
   *
   * @param omitted - optional fields that could not be read and are not part of `event`.
   */
  readonly emit: <K extends keyof Events>(name: K, event: Events[K], omitted?: readonly Issue[]) => void;
  /** Reports a heartbeat, i.e. the response to a beat of {@link Liveness}. Emits `HEARTBEAT`. */
  readonly heartbeat: (event: HeartbeatEvent) => void;
  /** Reports a well-formed event of another type. */
  readonly unknown: (event: UnknownEvent) => void;
  /** Reports a frame that cannot be read. The issues quote nothing of it. */
  readonly invalid: (issues: readonly Issue[]) => void;
  /**
   * Call it when the server refuses this client. It ends the connection, and the stream decides as for a refused upgrade:
   * 401 drops the token and reconnects, but only once if the server never accepted a token; 403 is final; 408, 425, 429
   * and 5xx reconnect; anything else, or no status, is final unless the stream has been open before.
   */
  readonly refuse: (refusal: ProtocolRefusal) => void;
  /**
   * Call it when the server refuses something, usually a topic, without naming it. Returns whether the connection
   * continues. An open connection continues, except after a 401. A connection that is still subscribing continues only
   * if the stream has been open before. It then opens without as many topics as the server refused. In that phase, 408,
   * 425, 429 and 5xx end it, and so does a 401, unless its token has just replaced a refused one. It ends as with
   * `refuse`.
   */
  readonly refuseTopic: (refusal: ProtocolRefusal) => boolean;
  /** Ends an unusable connection. The stream reconnects with backoff. In `ended`, it adds its reason to the error. */
  readonly fail: (reason: string) => void;
}

/** A refusal in a message from the server. */
export interface ProtocolRefusal {
  /** Status as in HTTP. */
  readonly status?: number | undefined;
  /** The server's reason. The stream removes secrets and control characters. */
  readonly reason?: string | undefined;
}

/**
 * How the stream notices that an open connection is dead. It does not decide while reading is paused, or just after the
 * process was blocked.
 *
 * - `websocket` – WebSocket pings, by `pingIntervalMs` and `pongTimeoutMs` of the stream. In runtimes that cannot
 *   ping, `frame` is sent instead, and silence of `idleTimeoutMs` ends the connection.
 * - `beat` – sends `frame` at the interval. Anything that arrives within `timeoutMs` counts as a response.
 * - `acknowledged` – sends `frame` at the interval. Only `link.heartbeat()` counts as a response; if `maxMissed` beats
 *   in a row get none, the next interval ends the connection.
 * - `silence` – the server beats; silence of `timeoutMs` ends the connection.
 */
export type Liveness =
  | { readonly kind: 'websocket'; readonly frame?: string | undefined }
  | { readonly kind: 'beat'; readonly frame: string; readonly intervalMs: number; readonly timeoutMs: number }
  | { readonly kind: 'acknowledged'; readonly frame: string; readonly intervalMs: number; readonly maxMissed: number }
  | { readonly kind: 'silence'; readonly timeoutMs: number };
