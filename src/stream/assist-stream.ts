import { AbortError, AgentAssistError, ClosedError } from '../errors.js';
import { namingCaller, systemClock, withinLimit } from '../http/internal.js';
import { checkOptions, checkTimeLimits, signalKind } from '../options.js';
import { asAgentAssistError, ConnectionLoop } from './connection/connection-loop.js';
import { Delivery } from './delivery/delivery.js';
import type { EventIteration, EventsOptions } from './delivery/event-queue.js';
import type { AssistStreamEvents, InteractionEvents, StreamItem } from './events.js';
import { Listeners, type StreamListener } from './delivery/listeners.js';
import {
  resolveOptions,
  type AssistStreamOptions,
  type ConnectOptions,
  type StreamSettings,
  type TokenlessStreamOptions,
} from './options.js';

/**
 * State of an `AssistStream`. In `paused`, a slow consumer has stopped reading, so a broken connection goes unnoticed.
 * `closed` and `terminated` are final.
 */
export type AssistStreamState = 'idle' | 'connecting' | 'open' | 'paused' | 'reconnecting' | 'closed' | 'terminated';

/**
 * The event stream of a tenant (protocol 5, or the option `protocol`). It keeps one connection open. When the connection
 * ends, the stream gets a current token and reconnects with exponential backoff and full jitter, 1 s to 30 s. Each
 * event that arrives is delivered once, in order.
 *
 * The stream ends with an error if a retry cannot help: an untrusted certificate, a 403 at the handshake, a
 * second 401 in a row if the server never accepted a token, a token endpoint that refuses the client, or a final close
 * code. Before the first connection, an unknown host and most other 4xx end it too (protocol 5).
 *
 * There are two ways to receive events. The stream calls listeners (`on`) as frames arrive, and does not await them. An
 * iteration over the stream buffers events up to its capacity. To handle each interaction in order and several
 * interactions in parallel, use {@link handleInOrder}.
 *
 * You cannot restart a stream that has ended. Create a new one.
 *
 * The first five events are those of the default protocol; another protocol has its own.
 *
 * | Event | Emitted when |
 * |---|---|
 * | `INTERACTION_UPDATE` | the state of an interaction changed |
 * | `TRANSCRIPT_FRAGMENT` | something was said |
 * | `DIALOG_STATE` | someone fell silent, or a turn ended |
 * | `INSIGHT_ACCEPTED`, `INSIGHT_REJECTED` | the agent used or dismissed an insight |
 * | `HEARTBEAT` | the server sent a heartbeat |
 * | `unknown` | a well-formed event has a type that this version does not recognize |
 * | `invalid` | a frame, or an optional field of one, could not be read |
 * | `open` | a connection was established |
 * | `subscribed` | the server confirmed a topic |
 * | `close` | an open connection ended |
 * | `reconnecting` | the stream waits before the next attempt |
 * | `gap` | events may have been lost |
 * | `error` | a listener threw or rejected |
 * | `terminated` | the stream ended with an error |
 *
 * @example
 * ```ts
 * import { AssistStream, cognigy } from 'agent-assist-sdk';
 *
 * await using stream = new AssistStream({ platform: cognigy({ tenant: 'acme' }), auth });
 * stream.on('INTERACTION_UPDATE', ({ payload }) => console.log(payload.interactionId, payload.transcript));
 * stream.on('reconnecting', ({ delayMs, error }) => console.warn(error.message, delayMs));
 * await stream.connect({ signal: AbortSignal.timeout(30_000) });
 * ```
 */
export class AssistStream<Events extends object = InteractionEvents, Message = never>
  implements AsyncDisposable, AsyncIterable<StreamItem<Events[keyof Events]>>
{
  readonly #settings: StreamSettings;
  readonly #listeners: Listeners;
  readonly #delivery: Delivery;
  readonly #loop: ConnectionLoop;
  readonly #stop = new AbortController();
  readonly #firstOpen = Promise.withResolvers<undefined>();
  #state: AssistStreamState = 'idle';
  #recordedState: AssistStreamState | undefined;
  #running: Promise<void> | undefined;
  /** Pending calls of `connect`. */
  #waiting = 0;
  /** Why the stream ended, if not by `close()`. */
  #error: AgentAssistError | undefined;

  /** @throws `ConfigurationError` for an option that is unknown or invalid, or a runtime without WebSocket. */
  constructor(options: AssistStreamOptions<Events, Message> | TokenlessStreamOptions<Events, Message>) {
    this.#settings = resolveOptions(options);
    const { protocol, logger, instruments, signal } = this.#settings;
    this.#listeners = new Listeners(protocol.events, logger, instruments);
    const delivery = new Delivery(this.#settings, this.#listeners, {
      onNext: () => this.#start(),
      onPressure: (isFull) => {
        if (isFull) this.#loop.connection?.pause();
        else this.#loop.connection?.resume();
        this.#setState(this.#state);
      },
    });
    this.#delivery = delivery;
    this.#loop = new ConnectionLoop(this.#settings, this.#stop.signal, {
      opened: () => this.#onOpened(),
      event: (name, event, omitted) => delivery.event(name, event, omitted),
      invalid: (issues) => delivery.invalid({ issues }),
      emit: (name, event) => this.#listeners.emit(name, event),
      reconnecting: (event) => {
        this.#setState(this.#loop.connections === 0 ? 'connecting' : 'reconnecting');
        instruments?.record({ type: 'stream_reconnect', delayMs: event.delayMs, error: event.error });
        this.#listeners.emit('reconnecting', event);
      },
    });
    this.#firstOpen.promise.catch(() => undefined);
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** The current state. */
  get state(): AssistStreamState {
    return this.#state === 'open' && this.#delivery.isFull ? 'paused' : this.#state;
  }

  /** Names of the protocol's events, and `unknown`, the name of events of other types. */
  get eventNames(): readonly (keyof AssistStreamEvents<Events> & string)[] {
    return [...Object.keys(this.#settings.protocol.events), 'unknown'] as (keyof AssistStreamEvents<Events> & string)[];
  }

  /** @internal What no recording may contain; a method, which no inspection of the stream shows. */
  secrets(): readonly string[] {
    return this.#loop.secrets;
  }

  /**
   * Starts the stream and resolves when it is open for the first time. The stream retries failed attempts with backoff.
   * A timeout or an abort closes the stream, unless another `connect()` is still waiting.
   *
   * @param options.totalTimeoutMs - time limit in ms over all attempts. Default 30,000.
   * @param options.signal - aborts the wait.
   * @throws (as rejection) the error that ended the stream: a `StreamError`, a `ClosedError`, or an error of the token
   * endpoint such as `OAuthError`. After `totalTimeoutMs` a `StreamError`, and on abort an `AbortError`; their `cause`
   * is the failure of the last attempt.
   */
  async connect(options: ConnectOptions = {}): Promise<void> {
    checkOptions<ConnectOptions>('connect', options, {
      totalTimeoutMs: true,
      signal: signalKind,
    });
    const { signal, totalTimeoutMs = 30_000 } = options;
    checkTimeLimits({ totalTimeoutMs });
    if (this.#hasEnded()) return namingCaller(Promise.reject(this.#error ?? new ClosedError('stream')));
    if (signal?.aborted === true && this.#state === 'idle') throw new AbortError(signal.reason);
    this.#start();
    const { clock } = this.#settings;
    const timeoutError = (): Error => this.#loop.notOpen(totalTimeoutMs);
    this.#waiting += 1;
    try {
      await withinLimit(() => this.#firstOpen.promise, { clock, timeoutMs: totalTimeoutMs, timeoutError, signal });
    } catch (error) {
      const isOurs = error instanceof AgentAssistError && !this.#hasEnded();
      const reason =
        isOurs && error instanceof AbortError ? new AbortError(error.reason, this.#loop.lastFailure) : error;
      if (isOurs && this.#waiting === 1) this.#end('closed', reason as AgentAssistError);
      await namingCaller(Promise.reject(reason as Error));
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Replaces the open connection, e.g. when a message from the server asks for it: closes it, waits for the backoff,
   * and connects again. Does nothing while no connection is open.
   */
  reconnect(): void {
    if (this.#state === 'open') this.#loop.connection?.replace();
  }

  /**
   * Closes the stream. No further events are emitted, and iterations end after their buffered events. Resolves when the
   * socket is closed. If the server does not answer the close frame, this takes at most 2 s.
   */
  async close(): Promise<void> {
    this.#end('closed', undefined);
    await this.#running;
  }

  /** Calls `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Adds a topic. The stream subscribes to it now, if a connection is open, and on each later connection. The event
   * `subscribed` shows that the server has confirmed it.
   *
   * @throws `ConfigurationError` if the protocol has no topics, `ClosedError` after the end, and what the protocol
   * throws for an invalid topic.
   */
  subscribe(topic: string): void {
    if (this.#hasEnded()) throw new ClosedError('stream');
    this.#loop.subscribe(topic);
  }

  /** Removes a topic. Its events may still arrive for a moment. */
  unsubscribe(topic: string): void {
    this.#loop.unsubscribe(topic);
  }

  /**
   * Sends a message of the protocol. While no connection is open, up to 100 messages wait for the next one. The stream
   * writes a message at most once, even if the connection breaks before the server reads it.
   *
   * @throws `ConfigurationError` if the protocol has no messages, `QueueFullError` if 100 wait, `ClosedError` after the
   *   end, and what the protocol throws for an invalid message.
   */
  send(message: Message): void {
    if (this.#hasEnded()) throw new ClosedError('stream');
    this.#loop.send(message);
  }

  /**
   * Adds a listener. If it throws or rejects, the stream emits `error`.
   *
   * @throws `ConfigurationError` for an unknown event name.
   */
  on<K extends keyof AssistStreamEvents<Events> & string>(name: K, listener: StreamListener<K, Events>): this {
    this.#listeners.on(name, listener);
    return this;
  }

  /** Adds a listener for the next event of that name only. */
  once<K extends keyof AssistStreamEvents<Events> & string>(name: K, listener: StreamListener<K, Events>): this {
    this.#listeners.once(name, listener);
    return this;
  }

  /** Removes a listener. If it was added several times, only one registration is removed. */
  off<K extends keyof AssistStreamEvents<Events> & string>(name: K, listener: StreamListener<K, Events>): this {
    this.#listeners.off(name, listener);
    return this;
  }

  /**
   * Buffers all events from now on for one consumer to iterate over. Each iteration gets every event. The first
   * `next()` connects an idle stream. The iteration ends when the stream is closed, and rejects when the stream is
   * terminated.
   *
   * @throws `ConfigurationError` for an option that is unknown or out of range, or for `pause` with a WebSocket class
   * that cannot pause.
   *
   * @example
   * ```ts
   * const events = stream.events({ capacity: 100, overflow: 'drop-oldest' });
   * for await (const event of events) console.log(event.type, events.dropped);
   * ```
   */
  events(options: EventsOptions = {}): EventIteration<StreamItem<Events[keyof Events]>> {
    const queue = this.#delivery.iterate(options);
    if (this.#hasEnded()) queue.end(this.#error);
    // The queue holds what the protocol emits.
    return queue as unknown as EventIteration<StreamItem<Events[keyof Events]>>;
  }

  /** Calls `events()` with the defaults. */
  [Symbol.asyncIterator](): EventIteration<StreamItem<Events[keyof Events]>> {
    return this.events();
  }

  #start(): void {
    if (this.#state !== 'idle') return;
    this.#setState('connecting');
    // An error thrown by a callback of the caller, such as `random`, ends the stream and not the process.
    this.#running = this.#loop
      .run()
      .catch(asAgentAssistError)
      .then((error) => {
        if (error !== undefined) this.#end('terminated', error);
      });
  }

  #setState(state: AssistStreamState): void {
    this.#state = state;
    const from = this.#recordedState;
    const to = this.state;
    if (from === to) return;
    this.#recordedState = to;
    this.#settings.instruments?.record({ type: 'stream_state', from, to });
  }

  #hasEnded(): boolean {
    return this.#stop.signal.aborted;
  }

  #onOpened(): void {
    const { connection, connections } = this.#loop;
    const { clock } = this.#settings;
    this.#setState('open');
    if (this.#delivery.isFull) connection?.pause();
    else if (connections === 1) {
      // Frames that came along with the last one of the handshake wait for listeners that are added after
      // `await connect()`. A pause would not hold back those that are already read from the socket.
      connection?.conversation.hold();
      const release = (): void => connection?.conversation.release();
      clock.setTimeout(release, 0);
      // The clock of a test may stand still.
      if (clock !== systemClock) systemClock.setTimeout(release, 0);
    }
    this.#settings.logger.info('Stream open', { connection: connections });
    this.#loop.sendWaiting();
    this.#firstOpen.resolve(undefined);
    this.#listeners.emit('open', { connection: connections });
    if (connections > 1) this.#delivery.gap();
  }

  readonly #onAbort = (): void => {
    const failure = this.#state === 'open' ? undefined : this.#loop.lastFailure;
    this.#end('closed', new AbortError(this.#settings.signal?.reason, failure));
  };

  #end(state: 'closed' | 'terminated', error: AgentAssistError | undefined): void {
    if (this.#hasEnded()) return;
    this.#setState(state);
    this.#error = error;
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    this.#stop.abort();
    this.#loop.connection?.close();
    this.#firstOpen.reject(error ?? new ClosedError('stream'));
    this.#delivery.end(error);
    if (state === 'terminated' && error !== undefined) {
      this.#settings.logger.error(`Stream terminated: ${error.message}`);
      this.#listeners.emit('terminated', { error });
    }
  }
}
