import { TimeoutError } from '../errors.js';
import { withinLimit } from '../http/internal.js';
import type { EnrichmentTime } from './enrich.js';

const { setImmediate } = globalThis as { readonly setImmediate?: ((callback: () => void) => unknown) | undefined };

/** Workers have no `setImmediate`, but a server of their own for each request. */
const nextTurn = async (): Promise<void> =>
  new Promise((resolve) => {
    if (setImmediate === undefined) resolve();
    else setImmediate(resolve);
  });

/**
 * Begins work in the order of the calls, one in a turn of the event loop.
 *
 * Node accepts one new connection a turn. If a turn handled as many requests as have arrived, new connections to a busy
 * server would wait for seconds, where no deadline of the server sees them.
 */
export class Turns {
  #free: Promise<void> = Promise.resolve();

  /**
   * Runs `work` in a turn in which no other begins. At the end of its time it runs at once, to report that. The end of
   * `work` asks for the next turn again: a runtime that lost one would otherwise stop all that follow.
   */
  async run<T>(work: () => Promise<T>, { clock, endsAt, signal }: EnrichmentTime): Promise<T> {
    const free = this.#free;
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
    this.#free = free.then(async () => Promise.race([nextTurn(), ended.then(nextTurn)]));
    const timeoutMs = Math.max(0, endsAt - clock.monotonic());
    const timeoutError = (): Error => new TimeoutError('No turn in time', timeoutMs);
    try {
      await withinLimit(async () => free, { clock, timeoutMs, timeoutError, signal }).catch(() => undefined);
      return await work();
    } finally {
      end(undefined);
    }
  }
}
