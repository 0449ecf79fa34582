import { abortable } from '../../http/clock.js';

/** @internal Calls that wait until something that they accept comes by. */
export class Waiters<T> {
  readonly #waiting = new Set<(candidate: T) => void>();

  /**
   * Resolves with the first candidate from now on that `accepts` accepts.
   *
   * @throws `AbortError` if `signal` is aborted first; what `accepts` throws.
   */
  async wait(accepts: (candidate: T) => boolean, signal: AbortSignal | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = (candidate: T): void => {
      try {
        if (accepts(candidate)) resolve(candidate);
      } catch (error) {
        reject(error);
      }
    };
    this.#waiting.add(look);
    return abortable(promise, signal).finally(() => this.#waiting.delete(look));
  }

  offer(candidate: T): void {
    for (const look of this.#waiting) look(candidate);
  }
}
