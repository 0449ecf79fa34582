import { ConfigurationError } from '../../errors.js';
import type { FaultTimes, InjectedFault } from './faults.js';

/** A fault and how often it occurs. */
type Arming<F> = FaultTimes & { readonly fault: F };

/** @internal Injected faults `F` of what comes by, each a `T`. Of those whose turn it is, the oldest is used. */
export class ArmedFaults<T, F extends { readonly kind: string }> {
  #armed: ArmedFault<T, F>[] = [];

  /** @throws `ConfigurationError` if the fault is of another kind, or a number is out of range. */
  add(matches: (candidate: T) => boolean, arming: Arming<F>, kinds: readonly F['kind'][]): InjectedFault {
    if (!kinds.includes(arming.fault.kind))
      throw new ConfigurationError(`fault.kind: expected one of ${kinds.join(', ')}`);
    const armed = new ArmedFault(matches, arming);
    this.#armed = [...this.#armed.filter(({ active }) => active), armed];
    return armed;
  }

  /** Returns the fault of a candidate, and counts the candidate for all faults. */
  pick(candidate: T): F | undefined {
    const wanting = this.#armed.filter((armed) => armed.wants(candidate));
    return wanting[0]?.strike();
  }

  clear(): void {
    for (const armed of this.#armed) armed.remove();
    this.#armed = [];
  }
}

class ArmedFault<T, F> implements InjectedFault {
  readonly #fault: F;
  readonly #matches: (candidate: T) => boolean;
  readonly #times: number;
  readonly #every: number;
  #toSkip: number;
  #seen = 0;
  #hits = 0;
  #removed = false;

  constructor(matches: (candidate: T) => boolean, { fault, times, every, skip }: Arming<F>) {
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
