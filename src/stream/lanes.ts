/** What {@link Lanes} work with. */
export interface LanesOptions<T> {
  /** The lane of an event. */
  readonly laneOf: (event: T) => string;
  /** An event takes the place of one of its lane that waits and has the same key. */
  readonly latestBy: (event: T) => string | undefined;
  readonly handle: (event: T) => void | Promise<void>;
  readonly onError: (error: unknown, event: T) => unknown;
  /** How many events are at work at the same time. */
  readonly concurrency: number;
  /** How many events are held, waiting or at work, when `isFull` becomes true. */
  readonly capacity: number;
}

interface Waiting<T> {
  readonly event: T;
  readonly key: string | undefined;
}

/** A lane for each interaction that has events here. Of one lane, one event at a time is at work. */
export class Lanes<T> {
  readonly #options: LanesOptions<T>;
  /** Events that wait, by interaction. A lane without any is there as long as its last event is at work. */
  readonly #waiting = new Map<string, Waiting<T>[]>();
  /** Interactions with an event that waits and none at work, in the order of their turns. */
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

  /** Forgets the events that are not at work yet. */
  dropWaiting(): void {
    this.#ready.length = 0;
    for (const lane of this.#waiting.values()) this.#held -= lane.splice(0).length;
  }

  /** Resolves when it is no longer full. */
  room(): Promise<void> {
    return this.#when(() => !this.isFull);
  }

  /** Resolves when nothing is held; rejects with the first failure of `onError`, if it had one. */
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
