import { ConfigurationError } from '../../errors.js';
import type { FaultTimes, InjectedFault } from './faults.js';

/** @internal A fault that waits for its turn: the fault `F`, tried on each `T` that comes by. */
export class ArmedFault<T, F> implements InjectedFault {
  readonly #fault: F;
  readonly #matches: (candidate: T) => boolean;
  readonly #times: number;
  readonly #every: number;
  #toSkip: number;
  #seen = 0;
  #hits = 0;
  #removed = false;

  constructor(matches: (candidate: T) => boolean, { fault, times, every, skip }: FaultTimes & { readonly fault: F }) {
    this.#fault = fault;
    this.#matches = matches;
    this.#every = positiveInteger('every', every ?? 1);
    this.#times = times ?? (every === undefined ? 1 : Infinity);
    if (this.#times !== Infinity) positiveInteger('times', this.#times);
    this.#toSkip = skip ?? 0;
  }

  get hits(): number {
    return this.#hits;
  }

  get active(): boolean {
    return !this.#removed && this.#hits < this.#times;
  }

  /** Counts the candidate if it matches; returns whether it is the fault's turn. */
  wants(candidate: T): boolean {
    if (!this.active || !this.#matches(candidate)) return false;
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      return false;
    }
    this.#seen += 1;
    return this.#seen % this.#every === 0;
  }

  strike(): F {
    this.#hits += 1;
    return this.#fault;
  }

  remove(): void {
    this.#removed = true;
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}

function positiveInteger(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new ConfigurationError(`${name} must be a positive integer`);
  return value;
}
