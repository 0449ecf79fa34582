import { AbortError, AgentAssistError, ClosedError, ConfigurationError, StreamError } from '../errors.js';
import { errorText, lastFailure, namingCaller, sleep, withinLimit } from '../http/internal.js';
import { checkCounts, checkOptions, checkTimeLimits } from '../options.js';
import { Connection } from './connection.js';
import { EventQueue, type EventIteration, type EventsOptions } from './event-queue.js';
import type { AssistStreamEvents, InteractionEvent, InvalidFrame, StreamGap, StreamItem } from './events.js';
import { Listeners, type StreamListener } from './listeners.js';
import { resolveOptions, type AssistStreamOptions, type StreamSettings } from './options.js';
import { Repeats } from './repeats.js';
import { ReconnectPolicy, type ConnectionEnd } from './reconnect.js';
import { parseFrame } from './schemas.js';

/**
 * State of an `AssistStream`. In `paused`, a slow consumer has stopped reading, so a broken connection goes unnoticed.
 * `closed` and `terminated` are final.
 */
export type AssistStreamState = 'idle' | 'connecting' | 'open' | 'paused' | 'reconnecting' | 'closed' | 'terminated';

/**
 * The event stream of a tenant (protocol 5). It keeps one connection open, each with a current token, and reconnects with
 * exponential backoff and full jitter, 1 s to 30 s. It ends with an error where a retry cannot help: a 403 at the
 * handshake, a second 401 in a row, a token endpoint that refuses the client, or a final close code (protocol 5). Each
 * event that arrives is delivered once, in order.
 *
 * Receive events with listeners (`on`), which are called as frames arrive and are not awaited, or iterate over the stream,
 * which buffers up to a fixed capacity. To process each interaction in order and several interactions in parallel, use
 * {@link handleInOrder}.
 *
 * A stream that has ended cannot be restarted; create a new one.
 *
 * | Event | Emitted when |
 * |---|---|
 * | `INTERACTION_UPDATE` | the state of an interaction changed |
 * | `TRANSCRIPT_FRAGMENT` | something was said |
 * | `DIALOG_STATE` | someone fell silent, or a turn ended |
 * | `INSIGHT_ACCEPTED`, `INSIGHT_REJECTED` | the agent used or dismissed an insight |
 * | `HEARTBEAT` | the server sent a sign of life |
 * | `unknown` | a well-formed event has a type that this version does not know |
 * | `invalid` | a frame, or an optional field of one, could not be read |
 * | `open` | a connection was established |
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
export class AssistStream implements AsyncDisposable, AsyncIterable<StreamItem> {
  readonly #settings: StreamSettings;
  readonly #listeners: Listeners;
  readonly #policy: ReconnectPolicy;
  readonly #queues = new Set<EventQueue>();
  readonly #stop = new AbortController();
  readonly #firstOpen = Promise.withResolvers<undefined>();
  #state: AssistStreamState = 'idle';
  #connection: Connection | undefined;
  #connections = 0;
  #fullQueues = 0;
  #running: Promise<void> | undefined;
  /** Pending calls of `connect`. */
  #waiting = 0;
  /** Why the last attempt failed. */
  #lastFailure: AgentAssistError | undefined;
  /** The wait for a token that is under way; what fails in it is noted on its signal. */
  #tokenWait: AbortSignal | undefined;
  readonly #repeats = new Repeats();
  /** Why the stream ended, where it was not by `close()`. */
  #error: AgentAssistError | undefined;

  /** @throws `ConfigurationError` for an option that is unknown or invalid, or a runtime without WebSocket. */
  constructor(options: AssistStreamOptions) {
    this.#settings = resolveOptions(options);
    this.#listeners = new Listeners(this.#settings.logger);
    this.#policy = new ReconnectPolicy(this.#settings);
    this.#firstOpen.promise.catch(() => undefined);
    const { signal } = this.#settings;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** The current state. */
  get state(): AssistStreamState {
    return this.#state === 'open' && this.#fullQueues > 0 ? 'paused' : this.#state;
  }

  /**
   * Starts the stream and resolves when it is open for the first time. Failed attempts are retried with backoff. A timeout
   * or an abort closes the stream, unless another `connect()` is waiting.
   *
   * @param options.totalTimeoutMs - time limit in ms over all attempts. Default 30,000.
   * @param options.signal - aborts the wait.
   * @throws (as rejection) the error that ended the stream: a `StreamError`, a `ClosedError`, or an error of the token
   *   endpoint such as `OAuthError`. After `totalTimeoutMs` a `StreamError`, and on abort an `AbortError`; their `cause` is
   *   the failure of the last attempt.
   */
  async connect(options: ConnectOptions = {}): Promise<void> {
    checkOptions<ConnectOptions>('connect', options, { totalTimeoutMs: true, signal: true });
    const { signal, totalTimeoutMs = 30_000 } = options;
    checkTimeLimits({ totalTimeoutMs });
    if (this.#hasEnded()) return namingCaller(Promise.reject(this.#error ?? new ClosedError('stream')));
    if (signal?.aborted === true && this.#state === 'idle') throw new AbortError(signal.reason);
    this.#start();
    const { clock } = this.#settings;
    const timeoutError = (): StreamError => this.#notOpen(totalTimeoutMs);
    this.#waiting += 1;
    try {
      await withinLimit(() => this.#firstOpen.promise, { clock, timeoutMs: totalTimeoutMs, timeoutError, signal });
    } catch (error) {
      const isOurs = error instanceof AgentAssistError && !this.#hasEnded();
      const reason = isOurs && error instanceof AbortError ? new AbortError(error.reason, this.#whyNotOpen()) : error;
      if (isOurs && this.#waiting === 1) this.#end('closed', reason as AgentAssistError);
      await namingCaller(Promise.reject(reason as Error));
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Replaces the open connection, e.g. when a message of the server asks for it: closes it, waits for the backoff, and
   * connects again. Does nothing while no connection is open.
   */
  reconnect(): void {
    if (this.#state === 'open') this.#connection?.replace();
  }

  /**
   * Closes the stream. No further events are emitted, and iterations end after their buffered events. Resolves when the
   * socket is closed, at most 2 s after a close frame that the server does not answer.
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
   * Adds a listener. If it throws or rejects, the stream emits `error`.
   *
   * @throws `ConfigurationError` for an unknown event name.
   */
  on<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.on(name, listener);
    return this;
  }

  /** Adds a listener for the next event of that name only. */
  once<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.once(name, listener);
    return this;
  }

  /** Removes a listener. One that was added several times is removed once. */
  off<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.off(name, listener);
    return this;
  }

  /**
   * Buffers all events from now on for one consumer to iterate over. Each iteration gets every event. The first `next()`
   * connects an idle stream. The iteration ends when the stream is closed, and rejects when the stream is terminated.
   *
   * @throws `ConfigurationError` for an option that is unknown or out of range, or for `pause` with a WebSocket class
   *   that cannot pause.
   *
   * @example
   * ```ts
   * const events = stream.events({ capacity: 100, overflow: 'drop-oldest' });
   * for await (const event of events) console.log(event.type, events.dropped);
   * ```
   */
  events(options: EventsOptions = {}): EventIteration<StreamItem> {
    checkOptions('events', options, eventsOptions);
    const { canPause } = this.#settings.abilities;
    const { capacity = 1000, overflow = canPause ? 'pause' : 'fail', maxPauseMs = 30_000, signal } = options;
    checkCounts({ capacity });
    checkTimeLimits({ maxPauseMs });
    if (!['pause', 'drop-oldest', 'fail'].includes(overflow)) {
      throw new ConfigurationError("overflow: expected 'pause', 'drop-oldest' or 'fail'");
    }
    if (overflow === 'pause' && !canPause)
      throw new ConfigurationError("overflow: this WebSocket class cannot 'pause'");
    const queue = new EventQueue({
      capacity,
      overflow,
      maxPauseMs,
      clock: this.#settings.clock,
      signal,
      onNext: () => this.#start(),
      onLoss: () => this.#listeners.emit('gap', { type: 'GAP', reason: 'overflow' }),
      onPressure: (isFull) => this.#onPressure(isFull),
      onDone: (done) => this.#queues.delete(done),
    });
    if (this.#hasEnded()) queue.end(this.#error);
    else if (!queue.isDone) this.#queues.add(queue);
    return queue;
  }

  /** Calls `events()` with the defaults. */
  [Symbol.asyncIterator](): EventIteration<StreamItem> {
    return this.events();
  }

  #start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'connecting';
    // An error thrown by a callback of the caller, such as `random`, ends the stream and not the process.
    this.#running = this.#run().catch((error: unknown) => this.#end('terminated', asAgentAssistError(error)));
  }

  #notOpen(totalTimeoutMs: number): StreamError {
    const { host, pathname } = this.#settings.url;
    const last = this.#whyNotOpen();
    const why = last === undefined ? 'no answer from the server; check host, proxy and firewall' : last.message;
    return new StreamError(`Stream ${host}${pathname}: not open within ${totalTimeoutMs} ms: ${why}`, { cause: last });
  }

  #whyNotOpen(): Error | undefined {
    return (this.#tokenWait && lastFailure(this.#tokenWait)) ?? this.#lastFailure;
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#settings;
    for (;;) {
      const { token, end } = await this.#connectOnce();
      if (this.#hasEnded()) return;
      this.#lastFailure = end.error;
      const decision = this.#policy.decide(end);
      if (decision.dropToken && token !== undefined) await this.#invalidate(token);
      if (decision.action === 'terminate') {
        this.#end('terminated', end.error);
        return;
      }
      const { attempt, delayMs } = decision;
      this.#state = this.#connections === 0 ? 'connecting' : 'reconnecting';
      logger.warn(`${end.error.message}; reconnecting in ${delayMs} ms`, { attempt });
      this.#listeners.emit('reconnecting', { attempt, delayMs, error: end.error });
      // An end meanwhile keeps the next attempt from beginning.
      if (delayMs > 0) await sleep(clock, delayMs, this.#stop.signal).catch(() => undefined);
    }
  }

  #hasEnded(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Fetches a token, opens a socket and waits until that is gone. */
  async #connectOnce(): Promise<{ token: string | undefined; end: ConnectionEnd }> {
    const { auth, clock, connectTimeoutMs } = this.#settings;
    const startedAt = clock.monotonic();
    let token: string;
    try {
      token = await this.#withDeadline((signal) => {
        this.#tokenWait = signal;
        return auth.getToken({ signal });
      });
      this.#tokenWait = undefined;
    } catch (error) {
      return { token: undefined, end: { kind: 'no-token', error: asAgentAssistError(error) } };
    }
    const waitedMs = clock.monotonic() - startedAt;
    const leftMs = Math.max(1, connectTimeoutMs - waitedMs);
    await this.#spread(waitedMs);
    const connection = new Connection(this.#settings, token, leftMs, {
      opened: () => this.#onOpened(),
      text: (text) => this.#onText(text),
      invalid: (issues) => this.#onInvalid({ issues }),
    });
    this.#connection = connection;
    // Where the stream was ended while the token was on its way.
    if (this.#hasEnded()) connection.close();
    const end = await connection.ended;
    this.#connection = undefined;
    if (end.kind === 'closed') {
      this.#settings.logger.info('Stream closed', { code: end.code });
      this.#listeners.emit('close', { code: end.code, reason: end.reason });
    }
    return { token, end };
  }

  /**
   * Streams that waited for the same token would all connect at the same time. A first connection is delayed only if its
   * token took so long that the request must have been retried.
   */
  async #spread(waitedMs: number): Promise<void> {
    const { clock, random } = this.#settings;
    const isFirst = this.#lastFailure === undefined && this.#connections === 0;
    const delayMs = isFirst && waitedMs < SHARED_WAIT_MS ? 0 : Math.round(random() * Math.min(waitedMs, MAX_SPREAD_MS));
    if (delayMs > 0) await sleep(clock, delayMs, this.#stop.signal).catch(() => undefined);
  }

  async #invalidate(token: string): Promise<void> {
    try {
      await this.#withDeadline(async () => this.#settings.auth.invalidate(token));
    } catch {
      this.#settings.logger.warn('The refused token could not be invalidated');
    }
  }

  /** Limits a call of the auth provider to `connectTimeoutMs` and to the life of the stream. */
  #withDeadline<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, connectTimeoutMs: timeoutMs } = this.#settings;
    const timeoutError = (): Error => new StreamError(`No token within ${timeoutMs} ms`);
    return withinLimit(work, { clock, timeoutMs, timeoutError, signal: this.#stop.signal });
  }

  #onOpened(): void {
    this.#connections += 1;
    this.#state = 'open';
    const connection = this.#connection;
    if (this.#fullQueues > 0) connection?.pause();
    else if (this.#connections === 1) {
      // Frames that came along with the handshake wait for listeners that are added after `await connect()`.
      connection?.pause();
      this.#settings.clock.setTimeout(() => {
        if (this.#fullQueues === 0) connection?.resume();
      }, 0);
    }
    this.#settings.logger.info('Stream open', { connection: this.#connections });
    this.#firstOpen.resolve(undefined);
    this.#listeners.emit('open', { connection: this.#connections });
    if (this.#connections === 1) return;
    for (const queue of this.#queues) queue.pushGap(replaced);
    this.#listeners.emit('gap', replaced);
  }

  #onText(text: string): void {
    const frame = parseFrame(text);
    switch (frame.kind) {
      case 'event':
        if (this.#isRepeat(frame.event)) break;
        for (const queue of this.#queues) queue.push(frame.event);
        this.#listeners.emit(frame.type, frame.event);
        if (frame.omitted !== undefined) this.#onInvalid({ issues: frame.omitted, event: frame.event });
        break;
      case 'heartbeat':
        this.#listeners.emit('HEARTBEAT', frame.event);
        break;
      case 'unknown':
        this.#listeners.emit('unknown', frame.event);
        break;
      case 'invalid':
        this.#onInvalid({ issues: frame.issues });
        break;
    }
  }

  #isRepeat(event: InteractionEvent): boolean {
    const { idOf, logger } = this.#settings;
    if (idOf === undefined) return false;
    try {
      const id: unknown = idOf(event);
      return typeof id === 'string' && this.#repeats.isRepeat(id);
    } catch (error) {
      logger.error(`idOf failed: ${errorText(error)}`, { error });
      return false;
    }
  }

  #onInvalid(frame: InvalidFrame): void {
    const { issues, event } = frame;
    this.#settings.logger.warn(event === undefined ? 'Invalid frame' : `Invalid fields of ${event.type}`, { issues });
    this.#listeners.emit('invalid', frame);
  }

  #onPressure(isFull: boolean): void {
    const before = this.#fullQueues;
    this.#fullQueues += isFull ? 1 : -1;
    if (before === 0) this.#connection?.pause();
    else if (this.#fullQueues === 0) this.#connection?.resume();
  }

  readonly #onAbort = (): void => {
    this.#end('closed', new AbortError(this.#settings.signal?.reason));
  };

  #end(state: 'closed' | 'terminated', error: AgentAssistError | undefined): void {
    if (this.#hasEnded()) return;
    this.#state = state;
    this.#error = error;
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    this.#stop.abort();
    this.#connection?.close();
    this.#firstOpen.reject(error ?? new ClosedError('stream'));
    for (const queue of this.#queues) queue.end(error);
    if (state === 'terminated' && error !== undefined) {
      this.#settings.logger.error(`Stream terminated: ${error.message}`);
      this.#listeners.emit('terminated', { error });
    }
  }
}

/** Options of `AssistStream.connect`. */
export interface ConnectOptions {
  /**
   * Time limit for the first connection over all attempts, in ms.
   *
   * @defaultValue 30,000
   */
  readonly totalTimeoutMs?: number | undefined;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
}

const eventsOptions: Readonly<Record<keyof EventsOptions, true>> = {
  capacity: true,
  overflow: true,
  maxPauseMs: true,
  signal: true,
};

const replaced: StreamGap = { type: 'GAP', reason: 'reconnect' };

/** If the first token takes longer than this, other streams are probably waiting for it too. */
const SHARED_WAIT_MS = 1000;

/** Upper limit of the random delay of streams that waited for the same token. */
const MAX_SPREAD_MS = 5000;

/** A custom provider may throw an error that contains credentials, so only the name of a foreign error is kept. */
function asAgentAssistError(error: unknown): AgentAssistError {
  if (error instanceof AgentAssistError) return error;
  return new StreamError(`No token: ${error instanceof Error ? error.name : typeof error}`);
}
