import * as z from '../../schema.js';
import { ConfigurationError } from '../../errors.js';
import { integerFrom, numberFrom, validateOption } from '../../http/internal.js';
import { checkOptions } from '../../options.js';

/** Options of {@link DriftDetector}. */
export interface DriftDetectorOptions {
  /** The promised precision, above 0, below 1: e.g. `promise.limit` of a result of `tuneAlerts`. */
  readonly precision: number;
  /**
   * Upper bound of the probability that the detector ever reports a drift although the promise holds; above 0, below 1.
   *
   * @defaultValue 0.05
   */
  readonly alpha?: number | undefined;
}

/** State of a {@link DriftDetector}, as JSON. */
export interface DriftDetectorState {
  readonly precision: number;
  readonly alpha: number;
  /** Number of observed outcomes. */
  readonly outcomes: number;
  /** Sum of the observed outcomes: right alerts, or shares of them. */
  readonly right: number;
  /** Highest evidence so far. */
  readonly evidence: number;
  /** Wealth of each bet, over all times at which the drift can have begun. */
  readonly wealth: readonly number[];
}

/** The odds of an alert being right are divided by these in the alternatives: 1.26 to 10. */
const ODDS_DIVISORS = Array.from({ length: 10 }, (_, index) => 10 ** ((index + 1) / 10));
/** Bounds the wealth of a long drift; far above any threshold. */
const MAX_WEALTH = 1e100;

const positive = numberFrom(0, Infinity);
const count = integerFrom(0);
/** Between 0 and 1, both excluded. */
const share = z.custom<number>(
  (value) => Number(value) > 0 && Number(value) < 1 && Number.isFinite(value),
  'must be more than 0 and less than 1',
);

const driftDetectorState: z.Schema<DriftDetectorState> = z.object({
  precision: share,
  alpha: share,
  outcomes: count,
  right: positive,
  evidence: numberFrom(1, Infinity),
  wealth: z.refine(
    z.array(numberFrom(0, MAX_WEALTH)),
    ({ length }) => length === ODDS_DIVISORS.length,
    'has the wrong number of items',
  ),
});

/**
 * Notices when the precision of alerts falls below the promised one. You may check it after every outcome, for years:
 * the probability that it ever reports a drift although the promise holds is at most `alpha`. After a drift, the state
 * remains `drifted`. After a new calibration, create a new detector.
 *
 * The test bets against the promise: each outcome multiplies a bet's wealth by a factor whose mean is at most 1 as long
 * as the precision is at least the promised one, so by Ville's inequality the wealth ever reaches 1 / `alpha` with
 * probability at most `alpha` (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting").
 * It mixes ten bets, each the best against one lower precision (Robbins 1970), and all times at which the drift can
 * have begun, with weights that add up to 1 (as Shin, Ramdas and Rinaldo 2024, "E-detectors"), so that a long good time
 * delays it only by its logarithm. Memory is constant.
 *
 * Outcomes of one conversation depend on each other, so observe one for each conversation: that of one alert, or the
 * share of its alerts that were right.
 *
 * @example
 * ```ts
 * import { DriftDetector } from 'agent-assist-sdk/conversations';
 *
 * const drift = new DriftDetector({ precision: 0.8 });
 * for (let day = 1; day <= 60 && drift.observe(day % 2 === 0) === 'ok'; day += 1);
 * console.log(drift.state, drift.outcomes, drift.right);
 * const restored = DriftDetector.from(JSON.parse(JSON.stringify(drift)));
 * ```
 */
export class DriftDetector {
  readonly #bets: readonly { readonly ifWrong: number; readonly ifRight: number }[];
  #state: DriftDetectorState;

  /** @throws `ConfigurationError` for an option that is unknown or out of range. */
  constructor(options: DriftDetectorOptions) {
    checkOptions('DriftDetector', options, { precision: true, alpha: 'a number' });
    const promised = validateOption(share, options.precision, 'precision');
    const alpha = validateOption(share, options.alpha ?? 0.05, 'alpha');
    const wealth = ODDS_DIVISORS.map(() => 0);
    this.#state = { precision: promised, alpha, outcomes: 0, right: 0, evidence: 1, wealth };
    this.#bets = ODDS_DIVISORS.map((divisor) => {
      const lower = promised / (promised + divisor * (1 - promised));
      return { ifRight: lower / promised, ifWrong: (1 - lower) / (1 - promised) };
    });
  }

  /**
   * Restores a detector from the result of {@link DriftDetector.toJSON}.
   *
   * @throws `ConfigurationError` for a state that has another shape, or that no detector can have.
   */
  static from(state: DriftDetectorState): DriftDetector {
    const held = validateOption(driftDetectorState, state, 'state');
    if (held.right > held.outcomes)
      throw new ConfigurationError('state.right: expected at most the number of outcomes');
    // The sum may have been added in another order.
    if (held.evidence < evidenceOf(held.wealth, held.outcomes) * (1 - 1e-9))
      throw new ConfigurationError('state.evidence: expected at least the evidence of the wealth');
    const detector = new DriftDetector({ precision: held.precision, alpha: held.alpha });
    detector.#state = held;
    return detector;
  }

  /**
   * Observes the next outcome.
   *
   * @param outcome - whether the alert was right, or the share of a conversation's alerts that were, 0 to 1.
   * @throws `ConfigurationError` for a number out of range, or a value that is neither a boolean nor a number.
   */
  observe(outcome: boolean | number): DriftDetector['state'] {
    const right = Number(outcome);
    // `Number` would take null and an empty text for 0.
    if (!['boolean', 'number'].includes(typeof outcome) || !(right >= 0 && right <= 1))
      throw new ConfigurationError('outcome: expected a boolean, or a number from 0 to 1');
    const outcomes = this.outcomes + 1;
    const begun = weightAfter(this.outcomes) - weightAfter(outcomes);
    const wealth = this.#bets.map(({ ifWrong, ifRight }, index) => {
      const factor = ifWrong + (ifRight - ifWrong) * right;
      return Math.min(MAX_WEALTH, ((this.#state.wealth[index] ?? 0) + begun) * factor);
    });
    const evidence = Math.max(this.evidence, evidenceOf(wealth, outcomes));
    this.#state = { ...this.#state, outcomes, right: this.right + right, evidence, wealth };
    return this.state;
  }

  /** `drifted` once the evidence has reached 1 / `alpha`. */
  get state(): 'ok' | 'drifted' {
    return this.evidence >= 1 / this.#state.alpha ? 'drifted' : 'ok';
  }

  /** The highest evidence against the promise so far, from 1; 1 / evidence is a p-value that is valid at all times. */
  get evidence(): number {
    return this.#state.evidence;
  }

  /** Number of observed outcomes. */
  get outcomes(): number {
    return this.#state.outcomes;
  }

  /** Sum of the observed outcomes: right alerts, or shares of them. */
  get right(): number {
    return this.#state.right;
  }

  /** Returns the state, e.g. to keep it across a restart. */
  toJSON(): DriftDetectorState {
    return { ...this.#state, wealth: [...this.#state.wealth] };
  }
}

/** Returns the evidence of a mixture of bets after that many outcomes. */
function evidenceOf(wealth: readonly number[], outcomes: number): number {
  return wealth.reduce((sum, one) => sum + one, 0) / wealth.length + weightAfter(outcomes);
}

/** Weight of all drifts that begin after that many outcomes. Falls slowly, so that a late drift is noticed soon. */
function weightAfter(outcomes: number): number {
  return 1 / (1 + Math.log1p(outcomes));
}
