interface Link<K, V> {
  readonly key: K;
  value: V;
  before: Link<K, V> | undefined;
  after: Link<K, V> | undefined;
}

/**
 * A map in order, also for use as a queue: every operation takes constant time. A `Map` keeps a hole for each deleted
 * entry until it is rebuilt, so that finding its first entry takes longer the more entries it has; `Array.shift` moves
 * all items of a long array.
 */
export class LinkedMap<K, V> {
  readonly #capacity: number;
  readonly #links = new Map<K, Link<K, V>>();
  #first: Link<K, V> | undefined;
  #last: Link<K, V> | undefined;

  /** Above `capacity` entries, each new one replaces the first. */
  constructor(capacity?: number) {
    this.#capacity = capacity ?? Infinity;
  }

  get size(): number {
    return this.#links.size;
  }

  /** The value that was set least recently. */
  get first(): V | undefined {
    return this.#first?.value;
  }

  /** The value that was set most recently. */
  get last(): V | undefined {
    return this.#last?.value;
  }

  get(key: K): V | undefined {
    return this.#links.get(key)?.value;
  }

  /** Sets a value and moves its entry to the end. */
  set(key: K, value: V): void {
    let link = this.#links.get(key);
    if (link === undefined) {
      link = { key, value, before: undefined, after: undefined };
      this.#links.set(key, link);
    } else {
      link.value = value;
      if (link === this.#last) return;
      this.#unlink(link);
    }
    link.before = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    if (this.size > this.#capacity) this.shift();
  }

  /** Deletes an entry and returns whether there was one. */
  delete(key: K): boolean {
    const link = this.#links.get(key);
    if (link === undefined) return false;
    this.#links.delete(key);
    this.#unlink(link);
    return true;
  }

  /** Deletes the first entry and returns its value. */
  shift(): V | undefined {
    const link = this.#first;
    if (link !== undefined) this.delete(link.key);
    return link?.value;
  }

  clear(): void {
    this.#links.clear();
    this.#first = this.#last = undefined;
  }

  /** Yields the entries in order. The map must not change meanwhile. */
  *[Symbol.iterator](): Generator<[K, V], void> {
    for (let link = this.#first; link !== undefined; link = link.after) yield [link.key, link.value];
  }

  #unlink(link: Link<K, V>): void {
    if (link.before === undefined) this.#first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) this.#last = link.before;
    else link.after.before = link.before;
    // A deleted entry would otherwise keep its neighbours from a quick garbage collection.
    link.before = link.after = undefined;
  }
}
