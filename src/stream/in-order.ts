import { TimeoutError } from '../errors.js';
import { abortable, isThenable, systemClock, withinLimit, type Clock } from '../http/internal.js';
import { checkCounts, checkKind, checkOptions, checkTimeLimits } from '../options.js';
import { interactionIdOf, type StreamItem } from './events.js';
import { Lanes } from './lanes.js';

/** Second argument of a handler of {@link handleInOrder}. */
export interface HandlerContext {
  /** Aborted with {@link handleInOrder}, and when the event's time limit is reached. */
  readonly signal: AbortSignal;
}

/** Handles one event. The next event of the same interaction waits until its promise settles. */
export type EventHandler<T = StreamItem> = (event: T, context: HandlerContext) => void | Promise<void>;

/** Options of {@link handleInOrder}. */
export interface HandleInOrderOptions<T = StreamItem> {
  /** Called with the error of a handler, of `keyOf` or of `latestBy`, and its event. Handling continues. */
  readonly onError: (error: unknown, event: T) => unknown;
  /**
   * Events with the same key are handled one after the other.
   *
   * @defaultValue the interaction of a stream's event; gaps share a key of their own
   */
  readonly keyOf?: ((event: T) => string) | undefined;
  /**
   * Key of events of which only the latest counts: a waiting event is skipped when another one of the same interaction
   * arrives with the same key. Events with the key `undefined` are never skipped.
   *
   * @defaultValue `undefined` for each event
   */
  readonly latestBy?: ((event: T) => string | undefined) | undefined;
  /**
   * Time limit for one event in ms. After it `onError` gets a `TimeoutError`, the handler's signal is aborted, and the
   * next event of the interaction is handled even if the handler does not end.
   *
   * @defaultValue 300,000
   */
  readonly timeoutMs?: number | undefined;
  /** How many events are handled at the same time, each of a different interaction. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /**
   * How many events may be held, waiting or being handled. When that many are held, no more are taken from the source,
   * whose own overflow policy then applies.
   *
   * @defaultValue 1,000
   */
  readonly capacity?: number | undefined;
  /** Stops: no further event is taken or handled, but running handlers are awaited. */
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
    signal: 'an AbortSignal with addEventListener()',
    clock: 'a clock with monotonic()',
  });
  const { concurrency = 8, capacity = 1000, timeoutMs = 300_000, clock = systemClock, signal, onError } = options;
  // The type demands `keyOf` for everything else.
  const { keyOf: laneOf = keyOfItem as unknown as (event: T) => string, latestBy = () => undefined } = options;
  checkKind('handler', handler, 'a function');
  checkKind('onError', onError, 'a function');
  checkCounts({ concurrency, capacity });
  checkTimeLimits({ timeoutMs });
  const iterate = (source as Partial<typeof source> | undefined)?.[Symbol.asyncIterator];
  checkKind('source', iterate, 'a function', 'a stream, its events() or another async iterable');
  const timeoutError = (): Error => new TimeoutError(`Event was not handled within ${timeoutMs} ms`, timeoutMs);
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
      // Not awaited: an iterator with a pending `next()` may settle late or never.
      iterator.return?.().catch(() => undefined);
    }
    await lanes.idle();
    throw error;
  }
  await lanes.idle();
}
