/** Options of {@link Lanes}. */
export interface LanesOptions<T> {
  /** Returns the lane of an event. */
  readonly laneOf: (event: T) => string;
  /** An event replaces a waiting event of its lane that has the same key. */
  readonly latestBy: (event: T) => string | undefined;
  readonly handle: (event: T) => void | Promise<void>;
  readonly onError: (error: unknown, event: T) => unknown;
  /** How many events are handled at the same time. */
  readonly concurrency: number;
  /** `isFull` is true when this many events are held, waiting or being handled. */
  readonly capacity: number;
}

interface Waiting<T> {
  readonly event: T;
  readonly key: string | undefined;
}

/** One lane for each interaction with events in progress. Each lane handles one event at a time. */
export class Lanes<T> {
  readonly #options: LanesOptions<T>;
  /** Waiting events by interaction. An empty lane stays while its last event is being handled. */
  readonly #waiting = new Map<string, Waiting<T>[]>();
  /** Interactions with a waiting event and none being handled, in order of their turn. */
  readonly #ready: string[] = [];
  #working = 0;
  #held = 0;
  #watchers: { readonly until: () => boolean; readonly resolve: () => void }[] = [];
  #reporterFailure: { readonly error: unknown } | undefined;

  constructor(options: LanesOptions<T>) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#held >= this.#options.capacity;
  }

  add(event: T): void {
    const interaction = this.#options.laneOf(event);
    const key = this.#options.latestBy(event);
    const lane = this.#waiting.get(interaction);
    this.#held += 1;
    if (lane === undefined) {
      this.#waiting.set(interaction, [{ event, key }]);
      this.#ready.push(interaction);
      this.#start();
      return;
    }
    const overtaken = key === undefined ? -1 : lane.findIndex((waiting) => waiting.key === key);
    if (overtaken >= 0) this.#held -= lane.splice(overtaken, 1).length;
    lane.push({ event, key });
  }

  /** Drops the waiting events. */
  dropWaiting(): void {
    this.#ready.length = 0;
    for (const lane of this.#waiting.values()) this.#held -= lane.splice(0).length;
  }

  /** Resolves when there is room. */
  room(): Promise<void> {
    return this.#when(() => !this.isFull);
  }

  /** Resolves when no event is held. Rejects with the first failure of `onError`, if any. */
  async idle(): Promise<void> {
    await this.#when(() => this.#held === 0);
    if (this.#reporterFailure !== undefined) throw this.#reporterFailure.error;
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
    const lane = this.#waiting.get(interaction) ?? [];
    const next = lane.shift();
    if (next !== undefined) await this.#handle(next.event);
    this.#working -= 1;
    this.#held -= 1;
    if (lane.length === 0) this.#waiting.delete(interaction);
    else this.#ready.push(interaction);
    this.#notify();
    this.#start();
  }

  async #handle(event: T): Promise<void> {
    try {
      await this.#options.handle(event);
    } catch (error) {
      try {
        await this.#options.onError(error, event);
      } catch (failure) {
        this.#reporterFailure ??= { error: failure };
      }
    }
  }

  async #when(until: () => boolean): Promise<void> {
    if (until()) return;
    await new Promise<void>((resolve) => {
      this.#watchers.push({ until, resolve });
    });
  }

  #notify(): void {
    if (this.#watchers.length === 0) return;
    const met = this.#watchers.filter(({ until }) => until());
    this.#watchers = this.#watchers.filter((watcher) => !met.includes(watcher));
    for (const { resolve } of met) resolve();
  }
}
