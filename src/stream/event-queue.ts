import { AbortError, StreamError } from '../errors.js';
import { namingCaller } from '../http/index.js';

/**
 * What happens when an iteration's buffer is full: the socket is paused, so that the server has to wait; the oldest
 * event is dropped and counted; or the iteration fails.
 */
export type Overflow = 'pause' | 'drop-oldest' | 'fail';

/** Options of `AssistStream.events`. */
export interface EventsOptions {
  /** How many events are buffered. Default 1,000. */
  readonly limit?: number | undefined;
  /**
   * What happens when the buffer is full. Default: `pause` where the WebSocket class can pause, else `fail`.
   *
   * `pause` loses nothing: reading stops when the buffer is full and goes on when it is half empty. Frames that had
   * been read from the socket by then (one read: 64 KiB under Node and Deno, 512 KiB under Bun) still enter the buffer. All listeners and other
   * iterations wait along.
   *
   * `fail` hands out what is buffered and then rejects with a `StreamError`; the stream itself goes on.
   */
  readonly overflow?: Overflow | undefined;
  /** Ends the iteration with an `AbortError`; what is buffered is dropped. */
  readonly signal?: AbortSignal | undefined;
}

/** An iteration over events. It begins where it was asked for, not at its first `next()`. */
export interface EventIteration<T> extends AsyncIterator<T, undefined, undefined>, AsyncDisposable {
  /** Itself, so that `for await` takes it. */
  [Symbol.asyncIterator](): EventIteration<T>;
  /** Events that were dropped so far, by the policy `drop-oldest`. */
  readonly dropped: number;
  /** Events that are buffered now. */
  readonly size: number;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

/** What an {@link EventQueue} is made with. */
export interface EventQueueOptions<T> {
  readonly limit: number;
  readonly overflow: Overflow;
  readonly signal?: AbortSignal | undefined;
  /** Called under `pause` when the buffer becomes full (true) and when there is room again (false). */
  onPressure(isFull: boolean): void;
  /** Called once, when the queue takes no more events. */
  onDone(queue: EventQueue<T>): void;
}

/** A bounded buffer between the stream, which pushes, and one consumer, who iterates. */
export class EventQueue<T> implements EventIteration<T> {
  readonly #options: EventQueueOptions<T>;
  #items: (T | undefined)[] = [];
  #head = 0;
  #waiters: Waiter<T>[] = [];
  #dropped = 0;
  #isFull = false;
  #isDone = false;
  #error: Error | undefined;

  constructor(options: EventQueueOptions<T>) {
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** Whether it takes no more events. */
  get isDone(): boolean {
    return this.#isDone;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Hands an event to the consumer, or keeps it for them. */
  push(item: T): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: item });
      return;
    }
    const { limit, overflow } = this.#options;
    if (this.size >= limit && overflow === 'fail') {
      this.end(new StreamError(`The consumer is too slow: its buffer of ${limit} events is full`));
      return;
    }
    this.#items.push(item);
    if (this.size > limit && overflow === 'drop-oldest') {
      this.#take();
      this.#dropped += 1;
    }
    if (this.size >= limit) this.#setFull(overflow === 'pause');
  }

  /** Takes no more events: what is buffered is handed out, then the iteration ends, or rejects with `error` once. */
  end(error?: Error): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#error = error;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#setFull(false);
    for (const waiter of this.#waiters.splice(0)) this.#settleEnded(waiter);
    this.#options.onDone(this);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) {
      const value = this.#take();
      if (this.size <= this.#options.limit / 2) this.#setFull(false);
      return Promise.resolve({ done: false, value });
    }
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<T, undefined>>();
    if (this.#isDone) this.#settleEnded({ resolve, reject });
    else this.#waiters.push({ resolve, reject });
    return namingCaller(promise);
  }

  /** Ends the iteration, as a `break` does; what is buffered is dropped. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#clear();
    this.end();
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #onAbort = (): void => {
    this.#clear();
    this.end(new AbortError(this.#options.signal?.reason));
  };

  #take(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Moving what is left down only when it is the smaller half keeps taking cheap however long the queue is.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    this.#options.onPressure(isFull);
  }

  #settleEnded(waiter: Waiter<T>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }
}
