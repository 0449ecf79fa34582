import { TimeoutError } from '../errors.js';
import { abortable, checkCallbacks, isThenable, systemClock, withinLimit, type Clock } from '../http/internal.js';
import { checkCounts, checkOptions, checkTimeLimits } from '../options.js';
import { interactionIdOf, type StreamItem } from './events.js';
import { Lanes } from './lanes.js';

/** What a handler of {@link handleInOrder} is given beside the event. */
export interface HandlerContext {
  /** Aborted when {@link handleInOrder} is, and when the time of this event is up. */
  readonly signal: AbortSignal;
}

/** Handles one event; the next one of the same interaction waits until its promise settles. */
export type EventHandler<T = StreamItem> = (event: T, context: HandlerContext) => void | Promise<void>;

/** Options of {@link handleInOrder}. */
export interface HandleInOrderOptions<T = StreamItem> {
  /** Called with what the handler threw, and its event. Handling goes on. */
  readonly onError: (error: unknown, event: T) => unknown;
  /**
   * What is kept in order: events with the same key are handled one after the other. Default: the interaction of a
   * stream's event; gaps are a line of their own.
   */
  readonly keyOf?: ((event: T) => string) | undefined;
  /**
   * Of which events only the latest counts: one that still waits is skipped when another one of the same interaction
   * arrives with the same key. Default: `undefined` for each, so that every event is handled.
   */
  readonly latestBy?: ((event: T) => string | undefined) | undefined;
  /**
   * Longest time for one event in ms. After it `onError` gets a `TimeoutError`, the handler's signal is aborted, and the next
   * event of the interaction is handled even if the handler does not end. Default 300,000.
   */
  readonly timeoutMs?: number | undefined;
  /** How many events are handled at the same time, each of another interaction. Default 8. */
  readonly concurrency?: number | undefined;
  /**
   * How many events are held here, waiting or at work. When that many are held, no more are taken from the
   * source, whose own overflow policy then applies. Default 1,000.
   */
  readonly capacity?: number | undefined;
  /** Stops at once: no further event is taken or handled; the handlers at work are waited for. */
  readonly signal?: AbortSignal | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

const known: Readonly<Record<keyof HandleInOrderOptions, true>> = {
  onError: true,
  keyOf: true,
  latestBy: true,
  timeoutMs: true,
  concurrency: true,
  capacity: true,
  signal: true,
  clock: true,
};

const keyOfItem = (item: StreamItem): string => (item.type === 'GAP' ? '' : `:${interactionIdOf(item)}`);

/**
 * Handles events in their order within an interaction, and in parallel across interactions (protocol 5). Resolves when
 * the source has ended and everything taken from it is handled. An interaction occupies memory only while it has
 * events here.
 *
 * @param source - a stream, `stream.events(…)`, or any other iterable; one of other things than a stream's needs `keyOf`.
 * @throws (as rejection) `AbortError` by `signal`; what the source rejects with, when all events before that are
 *   handled; what `onError` throws or rejects with, at the end; `ConfigurationError` for an option that is unknown or out of range.
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
  checkOptions<HandleInOrderOptions<T>>('handleInOrder', options, known);
  const { concurrency = 8, capacity = 1000, timeoutMs = 300_000, clock = systemClock, signal, onError } = options;
  // The type demands `keyOf` for everything else.
  const { keyOf: laneOf = keyOfItem as unknown as (event: T) => string, latestBy = () => undefined } = options;
  checkCallbacks({ handler, onError, keyOf: laneOf, latestBy });
  checkCounts({ concurrency, capacity });
  checkTimeLimits({ timeoutMs });
  const timeoutError = (): Error => new TimeoutError(`Event not handled within ${timeoutMs} ms`, timeoutMs);
  const handle = (event: T): Promise<void> =>
    withinLimit(
      async (limited) => {
        const result = handler(event, { signal: signal === undefined ? limited : AbortSignal.any([signal, limited]) });
        if (isThenable(result)) await result;
      },
      { clock, timeoutMs, timeoutError },
    );
  const lanes = new Lanes<T>({ laneOf, latestBy, handle, onError, concurrency, capacity });
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
      // Not awaited: an iterator in the middle of a `next()` may answer late or never.
      iterator.return?.().catch(() => undefined);
    }
    await lanes.idle();
    throw error;
  }
  await lanes.idle();
}
