/** How many ids are kept. */
const CAPACITY = 10_000;

/** Detects duplicates among the last events. */
export class Repeats {
  readonly #ids = new Set<string>();

  /** Adds `id` and returns whether it was already known. */
  isRepeat(id: string): boolean {
    if (this.#ids.has(id)) return true;
    this.#ids.add(id);
    if (this.#ids.size > CAPACITY) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return false;
  }
}
