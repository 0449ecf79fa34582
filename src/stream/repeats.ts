/** How many ids are remembered, which bounds the memory. */
const CAPACITY = 10_000;

/** Ids of the events that came last. */
export class Repeats {
  readonly #ids = new Set<string>();

  /** Whether `id` is among the last; it is from now on. */
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
