import {
  CALLBACK_TIMEOUT_MS,
  Callbacks,
  abortable,
  callbackLimit,
  checkResult,
  systemClock,
  type Clock,
} from '../../http/internal.js';
import { LinkedMap } from '../../linked-map.js';
import { checkCounts, checkKind, checkOptions, checkTimeLimits, signalKind } from '../../options.js';
import { interactionIdOf, type StreamItem } from '../events.js';

/** Second argument of a handler of {@link handleInOrder}. */
export interface HandlerContext {
  /** Aborted with {@link handleInOrder}, and when the event's time limit is reached. */
  readonly signal: AbortSignal;
}

/** Handles one event. The next event of the same interaction waits until its promise settles. */
export type EventHandler<T = StreamItem> = (event: T, context: HandlerContext) => void | Promise<void>;

/** Options of {@link handleInOrder}. */
export interface HandleInOrderOptions<T = StreamItem> {
  /**
   * Called with the error of a handler, of `keyOf` or of `latestBy`, and its event. Handling continues after the promise
   * that it returned, or after 300,000 ms.
   */
  readonly onError: (error: unknown, event: T) => unknown;
  /**
   * Events with the same key are handled one after the other.
   *
   * @defaultValue the interaction of a stream's event; gaps share a key of their own
   */
  readonly keyOf?: ((event: T) => string) | undefined;
  /**
   * Returns a key for an event if only the latest one matters: a waiting event is skipped when another event of the
   * same interaction arrives with the same key. Events with the key `undefined` are never skipped.
   *
   * @defaultValue `undefined` for each event
   */
  readonly latestBy?: ((event: T) => string | undefined) | undefined;
  /**
   * Time limit for one event in ms. When it expires, `onError` gets a `TimeoutError`, the handler's signal is aborted,
   * and the next event of the interaction is handled even if the handler does not end.
   *
   * @defaultValue 300,000
   */
  readonly timeoutMs?: number | undefined;
  /** How many events are handled at the same time, each of a different interaction. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /**
   * How many events may wait or be in progress. At this limit, no more events are taken from the source, whose own
   * overflow policy then applies.
   *
   * @defaultValue 1,000
   */
  readonly capacity?: number | undefined;
  /** Stops the handling: no further event is taken or handled, but running handlers are awaited. */
  readonly signal?: AbortSignal | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

const keyOfItem = (item: StreamItem): string => (item.type === 'GAP' ? '' : `:${interactionIdOf(item)}`);

/**
 * Handles the events of an interaction in order, and different interactions in parallel (protocol 5). Resolves when the
 * source has ended and all its events are handled. An interaction uses memory only while it has events in progress.
 *
 * @param source - a stream, `stream.events(…)`, or any other async iterable; `keyOf` is required for items of other
 * types.
 * @throws (as rejection) `AbortError` on `signal`; the error of the source, after the events before it are handled; the
 * first error that `onError` throws or rejects with, at the end; `ConfigurationError` for an option that is unknown or
 * out of range.
 *
 * @example
 * ```ts
 * import { handleInOrder } from 'agent-assist-sdk';
 *
 * await handleInOrder(stream, async (event) => {
 *   if (event.type === 'INTERACTION_UPDATE') console.log(await suggestions.suggest(event.payload));
 * }, { concurrency: 4, onError: (error) => console.error(error) });
 * ```
 */
export async function handleInOrder<T>(
  source: AsyncIterable<T>,
  handler: EventHandler<T>,
  options: HandleInOrderOptions<T> & (T extends StreamItem ? unknown : { readonly keyOf: (event: T) => string }),
): Promise<void> {
  checkOptions<HandleInOrderOptions<T>>('handleInOrder', options, {
    onError: 'a function',
    keyOf: 'a function',
    latestBy: 'a function',
    timeoutMs: true,
    concurrency: true,
    capacity: true,
    signal: signalKind,
    clock: 'a clock with monotonic()',
  });
  const {
    concurrency = 8,
    capacity = 1000,
    timeoutMs = CALLBACK_TIMEOUT_MS,
    clock = systemClock,
    signal,
    onError,
  } = options;
  // The type demands `keyOf` for everything else.
  const { keyOf: laneOf = keyOfItem as unknown as (event: T) => string, latestBy = () => undefined } = options;
  checkKind('handler', handler, 'a function');
  checkKind('onError', onError, 'a function');
  checkCounts({ concurrency, capacity });
  checkTimeLimits({ timeoutMs });
  const iterate = (source as Partial<typeof source> | undefined)?.[Symbol.asyncIterator];
  checkKind('source', iterate, 'a function', 'a stream, its events() or another async iterable');
  const callbacks = new Callbacks<T>(onError, callbackLimit('Event was not handled', clock, timeoutMs));
  const lanes = new Lanes<T>({ laneOf, latestBy, handler, callbacks, concurrency, capacity, signal });
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      if (lanes.isFull) await abortable(lanes.room(), signal);
      const next = await abortable(iterator.next(), signal);
      if (next.done === true) break;
      lanes.add(next.value);
    }
  } catch (error) {
    if (signal?.aborted === true) {
      lanes.dropWaiting();
      // Not awaited: an iterator with a pending `next()` may settle late or never.
      iterator.return?.().catch(() => undefined);
    }
    await lanes.idle();
    throw error;
  }
  await lanes.idle();
}

interface LanesOptions<T> extends Pick<HandleInOrderOptions<T>, 'signal'> {
  readonly laneOf: (event: T) => string;
  /** An event replaces a waiting event of its lane that has the same key. */
  readonly latestBy: (event: T) => string | undefined;
  readonly handler: EventHandler<T>;
  readonly callbacks: Callbacks<T>;
  readonly concurrency: number;
  readonly capacity: number;
}

/** Waiting events by their key of `latestBy`; those without one have a key of their own. */
type Lane<T> = LinkedMap<string | symbol, { readonly event: T }>;

/** One lane for each interaction with events in progress. Each lane handles one event at a time. */
class Lanes<T> {
  readonly #options: LanesOptions<T>;
  /** Lanes by interaction. An empty one stays while its last event is being handled. */
  readonly #lanes = new Map<string, Lane<T>>();
  /** Interactions with a waiting event and none being handled, in order of their turn. */
  readonly #ready = new LinkedMap<string, string>();
  #working = 0;
  #held = 0;
  /** Resolved when the next event is handled, if anyone waits for it. */
  #handled: PromiseWithResolvers<void> | undefined;

  constructor(options: LanesOptions<T>) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#held >= this.#options.capacity;
  }

  add(event: T): void {
    let interaction: string;
    let key: string | symbol;
    try {
      interaction = this.#options.laneOf(event);
      // A promise would be another key for each event, and the lane of `undefined` would never have its turn.
      checkResult('keyOf', interaction, 'a number or a string', 'a string');
      const latest = this.#options.latestBy(event) ?? undefined;
      if (latest !== undefined) checkResult('latestBy', latest, 'a number or a string', 'a string');
      key = latest ?? Symbol('unique');
    } catch (error) {
      this.#held += 1;
      void this.#options.callbacks.report(error, event).then(() => this.#release());
      return;
    }
    let lane = this.#lanes.get(interaction);
    const isIdle = lane === undefined;
    if (lane === undefined) this.#lanes.set(interaction, (lane = new LinkedMap()));
    this.#held -= lane.size;
    lane.set(key, { event });
    this.#held += lane.size;
    if (!isIdle) return;
    this.#ready.set(interaction, interaction);
    this.#start();
  }

  /** Drops the waiting events. */
  dropWaiting(): void {
    this.#ready.clear();
    for (const lane of this.#lanes.values()) {
      this.#held -= lane.size;
      lane.clear();
    }
  }

  /** Resolves when there is room. */
  room(): Promise<void> {
    return this.#until(() => !this.isFull);
  }

  /** Resolves when no event is held. Rejects with the first failure of `onError`, if any. */
  async idle(): Promise<void> {
    await this.#until(() => this.#held === 0);
    await this.#options.callbacks.settled();
  }

  #start(): void {
    while (this.#working < this.#options.concurrency) {
      const interaction = this.#ready.shift();
      if (interaction === undefined) return;
      this.#working += 1;
      void this.#work(interaction);
    }
  }

  async #work(interaction: string): Promise<void> {
    const lane = this.#lanes.get(interaction);
    const next = lane?.shift();
    if (next !== undefined) {
      const { handler, callbacks, signal } = this.#options;
      await callbacks.run((limited) => handler(next.event, { signal: limited }), next.event, signal);
    }
    this.#working -= 1;
    if (lane === undefined || lane.size === 0) this.#lanes.delete(interaction);
    else this.#ready.set(interaction, interaction);
    this.#release();
    this.#start();
  }

  #release(): void {
    this.#held -= 1;
    this.#handled?.resolve();
    this.#handled = undefined;
  }

  async #until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await (this.#handled ??= Promise.withResolvers()).promise;
  }
}
