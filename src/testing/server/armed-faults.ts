import { ConfigurationError } from '../../errors.js';
import { checkCounts } from '../../options.js';

/** How often a fault occurs. */
export interface FaultTimes {
  /** Number of hits. @defaultValue 1; unlimited with `every` */
  readonly times?: number | undefined;
  /** Hits only every n-th match: 2 hits the second, the fourth … */
  readonly every?: number | undefined;
  /** Number of matches before the first hit. @defaultValue 0 */
  readonly skip?: number | undefined;
}

/** An injected fault. */
export interface InjectedFault extends Disposable {
  readonly hits: number;
  /** Whether it can still hit a request. */
  readonly active: boolean;
  /** Removes the fault; the same as the end of a `using` block. */
  remove(): void;
}

/** An injected fault that waits for candidates to match. */
interface ArmedFault<T, F> extends InjectedFault {
  /** Counts the candidate if it matches; returns whether it is the fault's turn. */
  wants(candidate: T): boolean;
  strike(): F;
}

/** @internal Injected faults `F` of what comes by, each a `T`. Of those whose turn it is, the oldest is used. */
export class ArmedFaults<T, F extends { readonly kind: string }> {
  #armed: ArmedFault<T, F>[] = [];

  /** @throws `ConfigurationError` if the fault is of another kind, or a number is out of range. */
  add(
    matches: (candidate: T) => boolean,
    { fault, every, times = every === undefined ? 1 : Infinity, skip = 0 }: FaultTimes & { readonly fault: F },
    kinds: Readonly<Record<F['kind'], true>>,
  ): InjectedFault {
    if (!Object.hasOwn(kinds, fault.kind))
      throw new ConfigurationError(`fault.kind: expected one of ${Object.keys(kinds).join(', ')}`);
    checkCounts({ every, times: times === Infinity ? undefined : times });
    let [seen, hits, isRemoved] = [0, 0, false];
    const remove = (): void => void (isRemoved = true);
    const armed: ArmedFault<T, F> = {
      get hits() {
        return hits;
      },
      get active() {
        return !isRemoved && hits < times;
      },
      wants(candidate) {
        if (!armed.active || !matches(candidate)) return false;
        seen += 1;
        return seen > skip && (seen - skip) % (every ?? 1) === 0;
      },
      strike() {
        hits += 1;
        return fault;
      },
      remove,
      [Symbol.dispose]: remove,
    };
    this.#armed = [...this.#armed.filter(({ active }) => active), armed];
    return armed;
  }

  /** Returns the fault of a candidate, and counts the candidate for all faults. */
  pick(candidate: T): F | undefined {
    const wanting = this.#armed.filter((armed) => armed.wants(candidate));
    return wanting[0]?.strike();
  }

  clear(): void {
    for (const armed of this.#armed.splice(0)) armed.remove();
  }
}
