import { abortable, checkCallbacks } from '../http/index.js';
import { checkCounts } from '../limits.js';
import type { InteractionEvent } from './events.js';
import { Lanes } from './lanes.js';

/** What a handler of {@link handleInOrder} is given beside the event. */
export interface HandlerContext {
  /** Aborted when {@link handleInOrder} is. */
  readonly signal: AbortSignal | undefined;
}

/** Handles one event; the next one of the same interaction waits until its promise settles. */
export type EventHandler = (event: InteractionEvent, context: HandlerContext) => void | Promise<void>;

/** Options of {@link handleInOrder}. */
export interface HandleInOrderOptions {
  /** Called with what the handler threw, and its event. Handling goes on. */
  readonly onError: (error: unknown, event: InteractionEvent) => unknown;
  /** How many events are handled at the same time, each of another interaction. Default 8. */
  readonly concurrency?: number | undefined;
  /**
   * How many events are held here, waiting or at work. At the limit no further ones are taken from the source, whose
   * own policy then holds. Default 1,000.
   */
  readonly limit?: number | undefined;
  /** Stops at once: no further event is taken or handled; the handlers at work are waited for. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Handles events in their order within an interaction, and in parallel across interactions (protocol 5). Resolves when
 * the source has ended and everything taken from it is handled. An interaction occupies memory only while it has
 * events here.
 *
 * @param source - a stream, `stream.events(…)`, or any other iterable of events.
 * @throws (as rejection) `AbortError` by `signal`; what the source rejects with, when all events before that are
 *   handled; what `onError` throws or rejects with, at the end; `ConfigurationError` for a limit that is no positive integer.
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
export async function handleInOrder(
  source: AsyncIterable<InteractionEvent>,
  handler: EventHandler,
  options: HandleInOrderOptions,
): Promise<void> {
  const { concurrency = 8, limit = 1000, signal, onError } = options;
  checkCallbacks({ handler, onError });
  checkCounts({ concurrency, limit });
  const context = { signal };
  const lanes = new Lanes({ handle: (event) => handler(event, context), onError, concurrency, limit });
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
