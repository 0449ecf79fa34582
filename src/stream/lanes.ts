import { ConfigurationError } from '../errors.js';
import { LinkedMap } from '../linked-map.js';

/** Options of {@link Lanes}. */
export interface LanesOptions<T> {
  /** Returns the lane of an event. */
  readonly laneOf: (event: T) => string | undefined;
  /** An event replaces a waiting event of its lane that has the same key. */
  readonly latestBy: (event: T) => string | undefined;
  readonly handle: (event: T) => void | Promise<void>;
  readonly onError: (error: unknown, event: T) => unknown;
  /** How many events are handled at the same time. */
  readonly concurrency: number;
  /** `isFull` is true when this many events are held, waiting or being handled. */
  readonly capacity: number;
}

/** Waiting events by their key of `latestBy`; those without one have a key of their own. */
type Lane<T> = LinkedMap<string | symbol, { readonly event: T }>;

/** One lane for each interaction with events in progress. Each lane handles one event at a time. */
export class Lanes<T> {
  readonly #options: LanesOptions<T>;
  /** Lanes by interaction. An empty one stays while its last event is being handled. */
  readonly #lanes = new Map<string, Lane<T>>();
  /** Interactions with a waiting event and none being handled, in order of their turn. */
  readonly #ready = new LinkedMap<string, string>();
  #working = 0;
  #held = 0;
  /** Resolved when the next event is handled, if anyone waits for it. */
  #handled: PromiseWithResolvers<void> | undefined;
  #reporterFailure: { readonly error: unknown } | undefined;

  constructor(options: LanesOptions<T>) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#held >= this.#options.capacity;
  }

  add(event: T): void {
    let interaction: string;
    let key: string | symbol;
    try {
      interaction = this.#laneOf(event);
      key = this.#options.latestBy(event) ?? Symbol('unique');
    } catch (error) {
      this.#held += 1;
      void this.#report(error, event).then(() => this.#release());
      return;
    }
    let lane = this.#lanes.get(interaction);
    const isIdle = lane === undefined;
    if (lane === undefined) this.#lanes.set(interaction, (lane = new LinkedMap()));
    this.#held -= lane.size;
    lane.set(key, { event });
    this.#held += lane.size;
    if (!isIdle) return;
    this.#ready.set(interaction, interaction);
    this.#start();
  }

  /** Drops the waiting events. */
  dropWaiting(): void {
    this.#ready.clear();
    for (const lane of this.#lanes.values()) {
      this.#held -= lane.size;
      lane.clear();
    }
  }

  /** Resolves when there is room. */
  room(): Promise<void> {
    return this.#until(() => !this.isFull);
  }

  /** Resolves when no event is held. Rejects with the first failure of `onError`, if any. */
  async idle(): Promise<void> {
    await this.#until(() => this.#held === 0);
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
    const lane = this.#lanes.get(interaction);
    const next = lane?.shift();
    if (next !== undefined) await this.#handle(next.event);
    this.#working -= 1;
    if (lane === undefined || lane.size === 0) this.#lanes.delete(interaction);
    else this.#ready.set(interaction, interaction);
    this.#release();
    this.#start();
  }

  #release(): void {
    this.#held -= 1;
    this.#handled?.resolve();
    this.#handled = undefined;
  }

  /** @throws {@link ConfigurationError} for no key, e.g. of an event without an id: such a lane would never have its turn. */
  #laneOf(event: T): string {
    const interaction = this.#options.laneOf(event);
    if (interaction === undefined) throw new ConfigurationError('keyOf: expected a string');
    return interaction;
  }

  async #handle(event: T): Promise<void> {
    try {
      await this.#options.handle(event);
    } catch (error) {
      await this.#report(error, event);
    }
  }

  async #report(error: unknown, event: T): Promise<void> {
    try {
      await this.#options.onError(error, event);
    } catch (failure) {
      this.#reporterFailure ??= { error: failure };
    }
  }

  async #until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await (this.#handled ??= Promise.withResolvers()).promise;
  }
}
