import * as z from '../schema.js';
import { anyString, integerFrom, validateOption } from '../http/internal.js';
import { ConfigurationError } from '../errors.js';
import { checkKind } from '../options.js';
import { wilsonInterval } from './wilson.js';
import type { AlertVerdict, EmotionCounts, Precision } from './types.js';

const VERDICTS: readonly AlertVerdict[] = ['true-positive', 'false-positive'];

const count = integerFrom(0);

export const emotionCounts: z.Schema<readonly EmotionCounts[]> = z.array(
  z.object({ emotion: anyString, truePositives: count, falsePositives: count }),
);

/** The quantile of the normal distribution that leaves 2.5 % on either side. */
const Z = 1.959963984540054;

const fourDecimals = (value: number): number => Math.round(value * 10_000) / 10_000;

function precisionOf(truePositives: number, falsePositives: number): Precision {
  const total = truePositives + falsePositives;
  if (total === 0) return { truePositives, falsePositives, precision: 0, interval: { low: 0, high: 1 } };
  const rate = truePositives / total;
  const { low, high } = wilsonInterval(rate, total, Z);
  return {
    truePositives,
    falsePositives,
    precision: fourDecimals(rate),
    interval: { low: fourDecimals(low), high: fourDecimals(high) },
  };
}

/**
 * Counts right and wrong alerts, per emotion and in total.
 *
 * @example
 * ```ts
 * import { PrecisionTracker } from 'agent-assist-sdk/calibration';
 *
 * const tracker = new PrecisionTracker();
 * tracker.record('anger', 'true-positive');
 * tracker.record('anger', 'false-positive');
 * console.log(tracker.of('anger').precision); // 0.5
 * const restored = PrecisionTracker.from(JSON.parse(JSON.stringify(tracker)));
 * ```
 */
export class PrecisionTracker {
  readonly #counts = new Map<string, EmotionCounts>();

  /**
   * Restores a tracker from the result of {@link PrecisionTracker.toJSON}. Counts of the same emotion are added up.
   *
   * @throws `ConfigurationError` for counts of another shape.
   */
  static from(counts: readonly EmotionCounts[]): PrecisionTracker {
    const tracker = new PrecisionTracker();
    for (const emotion of validateOption(emotionCounts, counts, 'counts')) tracker.#add(emotion);
    return tracker;
  }

  /** Counts one alert. @throws `ConfigurationError` for an emotion that is not a string, or an unknown verdict. */
  record(emotion: string, verdict: AlertVerdict): void {
    checkKind('emotion', emotion, 'a string');
    if (!VERDICTS.includes(verdict)) throw new ConfigurationError(`verdict: expected one of ${VERDICTS.join(', ')}`);
    const isRight = verdict === 'true-positive';
    this.#add({ emotion, truePositives: isRight ? 1 : 0, falsePositives: isRight ? 0 : 1 });
  }

  /** The counted emotions, in the order of their first alert. */
  get emotions(): readonly string[] {
    return [...this.#counts.keys()];
  }

  /** Returns the precision of one emotion's alerts. @throws `ConfigurationError` for an emotion that is not a string. */
  of(emotion: string): Precision {
    checkKind('emotion', emotion, 'a string');
    const { truePositives, falsePositives } = this.#of(emotion);
    return precisionOf(truePositives, falsePositives);
  }

  /** The precision of all alerts together. */
  get total(): Precision {
    const counts = [...this.#counts.values()];
    return precisionOf(
      counts.reduce((sum, { truePositives }) => sum + truePositives, 0),
      counts.reduce((sum, { falsePositives }) => sum + falsePositives, 0),
    );
  }

  /** Returns the counts, e.g. to save them between runs. */
  toJSON(): readonly EmotionCounts[] {
    return [...this.#counts.values()];
  }

  #of(emotion: string): EmotionCounts {
    return this.#counts.get(emotion) ?? { emotion, truePositives: 0, falsePositives: 0 };
  }

  #add({ emotion, truePositives, falsePositives }: EmotionCounts): void {
    const held = this.#of(emotion);
    this.#counts.set(emotion, {
      emotion,
      truePositives: held.truePositives + truePositives,
      falsePositives: held.falsePositives + falsePositives,
    });
  }
}
