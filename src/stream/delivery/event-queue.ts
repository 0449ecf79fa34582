import { AbortError, QueueFullError } from '../../errors.js';
import { namingCaller, type Clock } from '../../http/internal.js';
import type { StreamGap } from '../events.js';

/** What happens when an iteration's buffer is full: pause the socket, drop the oldest event, or fail the iteration. */
export type Overflow = 'pause' | 'drop-oldest' | 'fail';

/** Options of `AssistStream.events`. */
export interface EventsOptions {
  /** How many events the buffer holds. @defaultValue 1,000 */
  readonly capacity?: number | undefined;
  /**
   * What happens when the buffer is full.
   *
   * - `pause` stops reading until the buffer is half empty. Frames that were already read from the socket (up to 64
   *   KiB under Node and Deno, 512 KiB under Bun) still enter the buffer. Listeners and other iterations wait too, and
   *   the server's pings are not answered. The server may then close the connection, and a {@link StreamGap} follows.
   * - `drop-oldest` drops the oldest event and yields a {@link StreamGap} in its place.
   * - `fail` yields the buffered events and then rejects with a `QueueFullError`. The stream itself continues.
   *
   * @defaultValue `'pause'` if the WebSocket class can pause, else `'fail'`
   */
  readonly overflow?: Overflow | undefined;
  /**
   * Longest pause in ms. If the buffer is still full after it, the iteration fails as with `fail`, and reading
   * resumes.
   *
   * @defaultValue 30,000
   */
  readonly maxPauseMs?: number | undefined;
  /** Ends the iteration with an `AbortError` and drops the buffered events. */
  readonly signal?: AbortSignal | undefined;
}

/** An iteration over events. It buffers from the call of `events()`, not from its first `next()`. */
export interface EventIteration<T> extends AsyncIterator<T, undefined, undefined>, AsyncDisposable {
  /** Returns itself. */
  [Symbol.asyncIterator](): EventIteration<T>;
  /** Number of events that `drop-oldest` has dropped. */
  readonly dropped: number;
  /** Number of buffered events. */
  readonly size: number;
}

/** An event of a protocol, or a gap. */
export interface Item {
  readonly type: string;
}

type Waiter = PromiseWithResolvers<IteratorResult<Item, undefined>>;

interface EventQueueOptions {
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly maxPauseMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Called under `pause` when the buffer becomes full (true) and when it has room again (false). */
  onPressure(isFull: boolean): void;
  /** Called before the first event is waited for. */
  onNext(): void;
  /** Called for each event that is dropped. */
  onDrop(): void;
  /** Called when the first event is dropped since the consumer last learned of a loss. */
  onLoss(): void;
  /** Called once, when the queue accepts no more events. */
  onDone(queue: EventQueue): void;
}

const overflown: StreamGap = { type: 'GAP', reason: 'overflow' };

/** A bounded buffer between the stream, which pushes, and one consumer, who iterates. */
export class EventQueue implements EventIteration<Item> {
  readonly #options: EventQueueOptions;
  #items: (Item | undefined)[] = [];
  #head = 0;
  #waiters: Waiter[] = [];
  #dropped = 0;
  #isFull = false;
  #pauseTimer: unknown;
  /** Whether the consumer has yet to learn of dropped events. */
  #hasLoss = false;
  #isDone = false;
  #error: Error | undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** Whether the queue accepts no more events. */
  get isDone(): boolean {
    return this.#isDone;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Passes an event to a waiting consumer, or buffers it. */
  push(item: Item): void {
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

  /**
   * Marks a place where events may be missing. Consecutive gaps are merged, so they cannot exceed the capacity by more
   * than one.
   */
  pushGap(gap: StreamGap): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value: gap });
    else if (this.size === 0 || this.#items.at(-1) !== gap) this.#items.push(gap);
  }

  /** Accepts no more events. After the buffered ones the iteration ends, or rejects with `error` once. */
  end(error?: Error): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#error = error;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#setFull(false);
    for (const waiter of this.#waiters.splice(0)) this.#settleEnded(waiter);
    this.#options.onDone(this);
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#hasLoss) {
      this.#hasLoss = false;
      return Promise.resolve({ done: false, value: overflown });
    }
    if (this.size > 0) {
      const value = this.#take();
      if (this.size <= this.#options.capacity / 2) this.#setFull(false);
      return Promise.resolve({ done: false, value });
    }
    const waiter: Waiter = Promise.withResolvers();
    this.#options.onNext();
    if (this.#isDone) this.#settleEnded(waiter);
    else this.#waiters.push(waiter);
    return namingCaller(waiter.promise);
  }

  /** Ends the iteration, as `break` does, and drops the buffered events. */
  return(): Promise<IteratorResult<Item, undefined>> {
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

  #take(): Item {
    // Only called with a buffered item.
    const item = this.#items[this.#head] ?? overflown;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Compacting only when at least half is taken keeps the cost of an item constant.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #drop(): void {
    // The gap that reports the loss also stands for a dropped gap.
    if (this.#take().type !== 'GAP') {
      this.#dropped += 1;
      this.#options.onDrop();
    }
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

  /** A consumer that is slow but not stuck has made room by now. */
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
