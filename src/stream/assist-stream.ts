import { AbortError, AgentAssistError, ClosedError, ConfigurationError, StreamError } from '../errors.js';
import { abortable, sleep, withinLimit } from '../http/index.js';
import { checkCounts } from '../limits.js';
import { Connection } from './connection.js';
import { EventQueue, type EventIteration, type EventsOptions } from './event-queue.js';
import type { AssistStreamEvents, InteractionEvent, InvalidFrame } from './events.js';
import { Listeners, type StreamListener } from './listeners.js';
import { resolveOptions, type AssistStreamOptions, type StreamSettings } from './options.js';
import { ReconnectPolicy, type ConnectionEnd } from './reconnect.js';
import { parseFrame } from './schemas.js';

/** What an `AssistStream` is doing. `closed` and `terminated` are final. */
export type AssistStreamState = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'closed' | 'terminated';

/**
 * The event stream of a tenant (protocol 5). It holds one connection at a time, each with a current token. When that
 * ends it connects again, after 1 s and a random time on top whose limit doubles from 1 s with each attempt, 30 s in all
 * at most. Where repeating cannot help, it ends with an error: a 403 at the handshake, a second 401 in a row, a token
 * endpoint that refuses the client, a close code of the table {@link closeCodes} that says so. Each event that arrives
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
 * await using stream = new AssistStream({ ...cognigy({ tenant: 'acme' }), auth });
 * stream.on('INTERACTION_UPDATE', ({ payload }) => console.log(payload.interactionId, payload.transcript));
 * stream.on('reconnecting', ({ delayMs, error }) => console.warn(error.message, delayMs));
 * await stream.connect({ signal: AbortSignal.timeout(30_000) });
 * ```
 */
export class AssistStream implements AsyncDisposable, AsyncIterable<InteractionEvent> {
  readonly #settings: StreamSettings;
  readonly #listeners: Listeners;
  readonly #policy: ReconnectPolicy;
  readonly #queues = new Set<EventQueue<InteractionEvent>>();
  readonly #stop = new AbortController();
  readonly #firstOpen = Promise.withResolvers<undefined>();
  #state: AssistStreamState = 'idle';
  #connection: Connection | undefined;
  #connections = 0;
  /** Iterations whose buffer is full. */
  #fullQueues = 0;
  #running: Promise<void> | undefined;
  /** Why the stream ended, where it was not by `close()`. */
  #error: AgentAssistError | undefined;

  /** @throws `ConfigurationError` when an option makes no sense, or the runtime has no WebSocket. */
  constructor(options: AssistStreamOptions) {
    this.#settings = resolveOptions(options);
    this.#listeners = new Listeners(this.#settings.logger);
    this.#policy = new ReconnectPolicy(this.#settings, this.#settings.random);
    this.#firstOpen.promise.catch(() => undefined);
    const { signal } = this.#settings;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** What the stream is doing. */
  get state(): AssistStreamState {
    return this.#state;
  }

  /**
   * Starts the stream, once; resolves when it has been open for the first time. Until then it tries again as it does
   * later, so give a `signal` where the wait must have an end.
   *
   * @param options.signal - ends this wait only; the stream goes on until it is closed.
   * @throws (as rejection) what ended the stream: a `StreamError`, an error of the token endpoint such as `OAuthError`,
   *   a `ClosedError`, or an `AbortError` by either signal.
   */
  connect(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#hasEnded()) return Promise.reject(this.#error ?? new ClosedError('stream'));
    if (this.#state === 'idle') {
      this.#state = 'connecting';
      // Only code of the caller can fail here, e.g. `random` or a clock.
      this.#running = this.#run().catch((error: unknown) => this.#end('terminated', asAgentAssistError(error)));
    }
    return abortable(this.#firstOpen.promise, options.signal);
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

  /** Calls `listener` at each event of that name. What it throws, or rejects with, becomes an `error` event. */
  on<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.on(name, listener);
    return this;
  }

  /** Calls `listener` at the next event of that name only. */
  once<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.once(name, listener);
    return this;
  }

  /** Removes a listener that `on` or `once` added. */
  off<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): this {
    this.#listeners.off(name, listener);
    return this;
  }

  /**
   * Buffers the events of all interactions from now on, for one consumer to iterate over. Several iterations each get
   * all of them. It ends when the stream is closed, and rejects with the stream's error when that is terminated.
   *
   * @throws `ConfigurationError` for a limit that is no positive integer, or for `pause` with a WebSocket class that
   *   cannot pause.
   *
   * @example
   * ```ts
   * const events = stream.events({ limit: 100, overflow: 'drop-oldest' });
   * for await (const event of events) console.log(event.type, events.dropped);
   * ```
   */
  events(options: EventsOptions = {}): EventIteration<InteractionEvent> {
    const { canPause } = this.#settings.abilities;
    const { limit = 1000, overflow = canPause ? 'pause' : 'fail', signal } = options;
    checkCounts({ limit });
    if (!['pause', 'drop-oldest', 'fail'].includes(overflow)) {
      throw new ConfigurationError("overflow: expected 'pause', 'drop-oldest' or 'fail'");
    }
    if (overflow === 'pause' && !canPause)
      throw new ConfigurationError("overflow: this WebSocket class cannot 'pause'");
    const queue = new EventQueue<InteractionEvent>({
      limit,
      overflow,
      signal,
      onPressure: (isFull) => this.#onPressure(isFull),
      onDone: (done) => this.#queues.delete(done),
    });
    if (this.#hasEnded()) queue.end(this.#error);
    else if (!queue.isDone) this.#queues.add(queue);
    return queue;
  }

  /** Iterates with the defaults of {@link AssistStream.events}. */
  [Symbol.asyncIterator](): EventIteration<InteractionEvent> {
    return this.events();
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#settings;
    for (;;) {
      const { token, end } = await this.#connectOnce();
      if (this.#hasEnded()) return;
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
    const leftMs = Math.max(1, connectTimeoutMs - (clock.monotonic() - startedAt));
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
    if (this.#fullQueues > 0) this.#connection?.pause();
    this.#settings.logger.info('Stream open', { connection: this.#connections });
    this.#firstOpen.resolve(undefined);
    this.#listeners.emit('open', { connection: this.#connections });
  }

  #onText(text: string): void {
    const frame = parseFrame(text);
    switch (frame.kind) {
      case 'event':
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

/** A provider of one's own may throw anything, credentials included, so only the kind of a foreign error is told. */
function asAgentAssistError(error: unknown): AgentAssistError {
  if (error instanceof AgentAssistError) return error;
  return new StreamError(`No token: ${error instanceof Error ? error.name : typeof error}`);
}
