import { AbortError, QueueFullError } from '../errors.js';
import { type Clock, type TimerHandle } from '../http/internal.js';
import type { InteractionEvent, StreamGap, StreamItem } from './events.js';
import { namingCaller } from '../http/internal.js';

/**
 * What happens when an iteration's buffer is full: the socket is paused, so that the server has to wait; the oldest
 * event is dropped and counted; or the iteration fails.
 */
export type Overflow = 'pause' | 'drop-oldest' | 'fail';

/** Options of `AssistStream.events`. */
export interface EventsOptions {
  /**
   * How many events the buffer holds.
   *
   * @defaultValue 1,000
   */
  readonly capacity?: number | undefined;
  /**
   * What happens when the buffer is full. Default: `pause` where the WebSocket class can pause, else `fail`.
   *
   * `pause` stops reading when the buffer is full and goes on when it is half empty. Frames that had been read from the
   * socket by then (one read: 64 KiB under Node and Deno, 512 KiB under Bun) still enter the buffer. All listeners and
   * other iterations wait along, and the server's pings are not answered: a server that loses its patience ends the
   * connection, and a {@link StreamGap} follows.
   *
   * `drop-oldest` yields a {@link StreamGap} where events are missing.
   *
   * `fail` hands out what is buffered and then rejects with a `QueueFullError`; the stream itself goes on.
   */
  readonly overflow?: Overflow | undefined;
  /**
   * Longest time in ms that reading may stop under `pause`. When the buffer is still full then, the iteration fails as
   * under `fail`, and reading goes on. Default 30,000.
   */
  readonly maxPauseMs?: number | undefined;
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

interface Waiter {
  resolve(result: IteratorResult<StreamItem, undefined>): void;
  reject(error: Error): void;
}

/** What an {@link EventQueue} is made with. */
export interface EventQueueOptions {
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly maxPauseMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Called under `pause` when the buffer becomes full (true) and when there is room again (false). */
  onPressure(isFull: boolean): void;
  /** Called before the first event is waited for. */
  onNext(): void;
  /** Called when the first event is dropped that the consumer has not been told of. */
  onLoss(): void;
  /** Called once, when the queue takes no more events. */
  onDone(queue: EventQueue): void;
}

const overflown: StreamGap = { type: 'GAP', reason: 'overflow' };

/** A bounded buffer between the stream, which pushes, and one consumer, who iterates. */
export class EventQueue implements EventIteration<StreamItem> {
  readonly #options: EventQueueOptions;
  #items: (StreamItem | undefined)[] = [];
  #head = 0;
  #waiters: Waiter[] = [];
  #dropped = 0;
  #isFull = false;
  #pauseTimer: TimerHandle;
  /** Whether events were dropped that the consumer has not been told of. */
  #hasLoss = false;
  #isDone = false;
  #error: Error | undefined;

  constructor(options: EventQueueOptions) {
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
  push(item: InteractionEvent): void {
    const { capacity, overflow } = this.#options;
    if (this.#waiters.length > 0) this.#waiters.shift()?.resolve({ done: false, value: item });
    else if (this.size < capacity - 1) this.#items.push(item);
    else if (this.size >= capacity && overflow === 'fail') this.end(new QueueFullError('event buffer', capacity));
    else {
      this.#items.push(item);
      while (this.size > capacity && overflow === 'drop-oldest') this.#drop();
      if (this.size >= capacity) this.#setFull(overflow === 'pause');
    }
  }

  /** Tells the consumer, at this place, that events may be missing. Several in a row are one, so they need no limit. */
  pushGap(gap: StreamGap): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value: gap });
    else if (this.size === 0 || this.#items.at(-1) !== gap) this.#items.push(gap);
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

  next(): Promise<IteratorResult<StreamItem, undefined>> {
    if (this.#hasLoss) {
      this.#hasLoss = false;
      return Promise.resolve({ done: false, value: overflown });
    }
    if (this.size > 0) {
      const value = this.#take();
      if (this.size <= this.#options.capacity / 2) this.#setFull(false);
      return Promise.resolve({ done: false, value });
    }
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<StreamItem, undefined>>();
    this.#options.onNext();
    if (this.#isDone) this.#settleEnded({ resolve, reject });
    else this.#waiters.push({ resolve, reject });
    return namingCaller(promise);
  }

  /** Ends the iteration, as a `break` does; what is buffered is dropped. */
  return(): Promise<IteratorResult<StreamItem, undefined>> {
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

  #take(): StreamItem {
    // Only called where there is one.
    const item = this.#items[this.#head] ?? overflown;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Moving what is left down only when it is the smaller half keeps taking cheap however long the queue is.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #drop(): void {
    // A gap that is dropped is told of all the same, by the one that says so.
    if (this.#take().type !== 'GAP') this.#dropped += 1;
    if (this.#hasLoss) return;
    this.#hasLoss = true;
    this.#options.onLoss();
  }

  #clear(): void {
    this.#hasLoss = false;
    this.#items = [];
    this.#head = 0;
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    const { clock, maxPauseMs } = this.#options;
    clock.clearTimeout(this.#pauseTimer);
    if (isFull) this.#pauseTimer = clock.setTimeout(() => this.#onLongPause(), maxPauseMs);
    this.#options.onPressure(isFull);
  }

  /** A consumer that is slow and not stuck has made some room meanwhile. */
  #onLongPause(): void {
    const { capacity } = this.#options;
    if (this.size < capacity) this.#setFull(false);
    else this.end(new QueueFullError('event buffer', capacity));
  }

  #settleEnded(waiter: Waiter): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }
}
