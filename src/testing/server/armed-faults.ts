import { ConfigurationError } from '../../errors.js';
import { checkCounts } from '../../options.js';
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
  readonly #skip: number;
  #seen = 0;
  #hits = 0;
  #removed = false;

  constructor(matches: (candidate: T) => boolean, { fault, times, every, skip = 0 }: Arming<F>) {
    checkCounts({ every, times: times === Infinity ? undefined : times });
    this.#fault = fault;
    this.#matches = matches;
    this.#every = every ?? 1;
    this.#times = times ?? (every === undefined ? 1 : Infinity);
    this.#skip = skip;
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
    this.#seen += 1;
    const counted = this.#seen - this.#skip;
    return counted > 0 && counted % this.#every === 0;
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
