import { LinkedMap } from '../linked-map.js';

/** How many ids are kept. */
const CAPACITY = 10_000;

/** Detects duplicates among the last events. */
export class Repeats {
  readonly #ids = new LinkedMap<string, true>(CAPACITY);

  /** Adds `id` and returns whether it was already known. */
  isRepeat(id: string): boolean {
    if (this.#ids.get(id) === true) return true;
    this.#ids.set(id, true);
    return false;
  }
}
