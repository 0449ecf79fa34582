import { AbortError, AgentAssistError, ClosedError, ConfigurationError, StreamError } from '../errors.js';
import { errorText, namingCaller, sleep, withinLimit } from '../http/internal.js';
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
 * What an `AssistStream` is doing. While it is `paused`, a slow consumer holds up reading, so that nobody can say whether
 * the connection still stands. `closed` and `terminated` are final.
 */
export type AssistStreamState = 'idle' | 'connecting' | 'open' | 'paused' | 'reconnecting' | 'closed' | 'terminated';

/**
 * The event stream of a tenant (protocol 5). It holds one connection at a time, each with a current token. When that
 * ends it connects again, after 1 s and a random time on top whose limit doubles from 1 s with each attempt, 30 s in all
 * at most. Where repeating cannot help, it ends with an error: a 403 at the handshake, a second 401 in a row, a token
 * endpoint that refuses the client, a close code of the table of close codes that says so. Each event that arrives
 * is delivered once, in order.
 *
 * Receive events with listeners (`on`), which are called as frames arrive and are not waited for, or by iterating over
 * the stream, which buffers up to a limit. To handle events of one interaction strictly one after the other, and those
 * of several interactions side by side, use {@link handleInOrder}.
 *
 * A stream that has ended stays that way; make a new one to connect again.
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
  /** Iterations whose buffer is full. */
  #fullQueues = 0;
  #running: Promise<void> | undefined;
  /** Calls of `connect` that wait for the first connection. */
  #waiting = 0;
  /** Why the last attempt failed. */
  #lastFailure: AgentAssistError | undefined;
  readonly #repeats = new Repeats();
  /** Why the stream ended, where it was not by `close()`. */
  #error: AgentAssistError | undefined;

  /** @throws `ConfigurationError` when an option makes no sense, or the runtime has no WebSocket. */
  constructor(options: AssistStreamOptions) {
    this.#settings = resolveOptions(options);
    this.#listeners = new Listeners(this.#settings.logger);
    this.#policy = new ReconnectPolicy(this.#settings);
    this.#firstOpen.promise.catch(() => undefined);
    const { signal } = this.#settings;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** What the stream is doing. */
  get state(): AssistStreamState {
    return this.#state === 'open' && this.#fullQueues > 0 ? 'paused' : this.#state;
  }

  /**
   * Starts the stream, once; resolves when it has been open for the first time. Until then it tries again as it does
   * later. When this wait ends first, and no other `connect()` waits, the stream is closed with it.
   *
   * @param options.totalTimeoutMs - longest wait in ms. Default 30,000.
   * @param options.signal - ends the wait.
   * @throws (as rejection) what ended the stream: a `StreamError`, an error of the token endpoint such as `OAuthError`,
   *   a `ClosedError`; a `StreamError` after `totalTimeoutMs`, or an `AbortError` by either signal. The `cause` of these two
   *   is why the last attempt failed.
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
      const reason =
        isOurs && error instanceof AbortError && this.#lastFailure
          ? new AbortError(error.reason, this.#lastFailure)
          : error;
      if (isOurs && this.#waiting === 1) this.#end('closed', reason as AgentAssistError);
      await namingCaller(Promise.reject(reason as Error));
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Replaces the connection, e.g. when the server asks for it by a message: ends it in order, waits as before any
   * reconnection, so that many clients do not come at once, and connects again. Does nothing while none is open.
   */
  reconnect(): void {
    if (this.#state === 'open') this.#connection?.replace();
  }

  /**
   * Ends the stream: no listener is called with an event from here on, and iterations end when they have handed out
   * what they hold. Resolves when the socket is gone; a server that does not answer the close frame is waited for 2 s.
   */
  async close(): Promise<void> {
    this.#end('closed', undefined);
    await this.#running;
  }

  /** Ends the stream, as `close()` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Calls `listener` at each event of that name. What it throws, or rejects with, becomes an `error` event.
   *
   * @throws `ConfigurationError` for a name that is none of {@link AssistStreamEvents}.
   */
  on<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.on(name, listener);
    return this;
  }

  /** Calls `listener` at the next event of that name only. */
  once<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.once(name, listener);
    return this;
  }

  /** Removes a listener that `on` or `once` added; of one that was added several times, the last. */
  off<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.off(name, listener);
    return this;
  }

  /**
   * Buffers the events of all interactions from now on, for one consumer to iterate over. Several iterations each get
   * all of them. Its first `next()` connects a stream that is not connected yet. It ends when the stream is closed, and rejects with the stream's error when that is terminated.
   *
   * @throws `ConfigurationError` for an option that is unknown or out of range, or for `pause` with a WebSocket class that
   *   cannot pause.
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

  /** Iterates with the defaults of {@link AssistStream.events}. */
  [Symbol.asyncIterator](): EventIteration<StreamItem> {
    return this.events();
  }

  #start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'connecting';
    // What a callback of the caller throws here, such as `random`, ends the stream instead of the process.
    this.#running = this.#run().catch((error: unknown) => this.#end('terminated', asAgentAssistError(error)));
  }

  #notOpen(totalTimeoutMs: number): StreamError {
    const { host, pathname } = this.#settings.url;
    const last = this.#lastFailure;
    const why = last === undefined ? 'the server does not answer; check host, proxy and firewall' : last.message;
    return new StreamError(`Stream ${host}${pathname}: not open within ${totalTimeoutMs} ms: ${why}`, { cause: last });
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
      logger.warn(`${end.error.message}; connecting again in ${delayMs} ms`, { attempt });
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
      token = await this.#withDeadline((signal) => auth.getToken({ signal }));
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
   * Many streams may have waited for the same token, and would all connect at one instant. A first connection is held up
   * only when its token took so long that its request must have been repeated.
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

  /** Limits a provider's work to `connectTimeoutMs`, and to the life of the stream. */
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
  /** Longest wait for the first connection in ms, over all attempts. Default 30,000. */
  readonly totalTimeoutMs?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

const eventsOptions: Readonly<Record<keyof EventsOptions, true>> = {
  capacity: true,
  overflow: true,
  maxPauseMs: true,
  signal: true,
};

const replaced: StreamGap = { type: 'GAP', reason: 'reconnect' };

/** A first token that takes longer than this in ms was most likely waited for by others as well. */
const SHARED_WAIT_MS = 1000;

/** Over how many ms streams spread at most that waited for the same token. */
const MAX_SPREAD_MS = 5000;

/** A provider of one's own may throw anything, credentials included, so only the kind of a foreign error is told. */
function asAgentAssistError(error: unknown): AgentAssistError {
  if (error instanceof AgentAssistError) return error;
  return new StreamError(`No token: ${error instanceof Error ? error.name : typeof error}`);
}
