import { interactionIdOf, type InteractionEvent } from './events.js';

/** What {@link Lanes} work with. */
export interface LanesOptions {
  readonly handle: (event: InteractionEvent) => void | Promise<void>;
  readonly onError: (error: unknown, event: InteractionEvent) => unknown;
  /** How many events are at work at the same time. */
  readonly concurrency: number;
  /** How many events are held, waiting or at work, when `isFull` becomes true. */
  readonly limit: number;
}

/** A lane for each interaction that has events here. Of one lane, one event at a time is at work. */
export class Lanes {
  readonly #options: LanesOptions;
  /** Events that wait, by interaction. A lane without any is there as long as its last event is at work. */
  readonly #waiting = new Map<string, InteractionEvent[]>();
  /** Interactions with an event that waits and none at work, in the order of their turns. */
  readonly #ready: string[] = [];
  #working = 0;
  #held = 0;
  #watchers: { readonly until: () => boolean; readonly resolve: () => void }[] = [];
  #reporterFailure: { readonly error: unknown } | undefined;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#held >= this.#options.limit;
  }

  add(event: InteractionEvent): void {
    const interaction = interactionIdOf(event);
    const lane = this.#waiting.get(interaction);
    this.#held += 1;
    if (lane === undefined) {
      this.#waiting.set(interaction, [event]);
      this.#ready.push(interaction);
      this.#start();
    } else {
      lane.push(event);
    }
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
    const event = lane.shift();
    if (event !== undefined) await this.#handle(event);
    this.#working -= 1;
    this.#held -= 1;
    if (lane.length === 0) this.#waiting.delete(interaction);
    else this.#ready.push(interaction);
    this.#notify();
    this.#start();
  }

  async #handle(event: InteractionEvent): Promise<void> {
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
