import { wilsonInterval } from '../../calibration/wilson.js';
import { accumulate, countAlerts, weightedSum, type Counts, type FamilyTable, type Sample } from './sample.js';
import { createDraw, createUrn, quantile } from './statistics.js';

/** Number of bootstrap samples. The confidence is at most 0.99, so that ten of them are beyond a bound. */
export const RESAMPLES = 1000;
const FUTURES = 1000;
/** A precision needs alerts from at least this many conversations. With fewer, their variation is unknown. */
export const MIN_CONVERSATIONS = 20;
/** At least this many alerts must be expected in the unseen conversations. The precision of fewer is luck. */
export const MIN_UNSEEN_ALERTS = 10;

/** What a promise is about: the precision, or the share of updates without an alert. */
export type Share = 'precision' | 'quiet';

/** A share at each cut of a table. */
interface ShareCurve {
  readonly share: Float64Array;
  /** Number of independent observations with the same variance; NaN where the share is unknown. */
  readonly effectiveSize: Float64Array;
  /** Observations of one conversation more, see {@link shareCurve}. */
  readonly size: Float64Array;
}

/**
 * Returns a share and its effective sample size at each cut: the number of observations divided by the design effect,
 * the variance between conversations (linearized ratio estimator, Cochran 1977, section 6.4) over that of independent
 * updates (Kish 1965). A design effect below 1 counts as 1.
 */
function shareCurve(table: FamilyTable, { updates }: Sample, share: Share, unseenConversations: number): ShareCurve {
  const least = share === 'precision' ? (MIN_UNSEEN_ALERTS * updates.length) / unseenConversations : 0;
  const sums = shareSums(table, updates, share);
  // No conversation consists of alerts.
  const size = Float64Array.from(sums, ({ n, conversations }) =>
    share === 'precision' ? n / Math.max(1, conversations) : 1,
  );
  return {
    size,
    share: Float64Array.from(sums, ({ k, n }) => (n === 0 ? 0 : k / n)),
    effectiveSize: Float64Array.from(sums, (sum, at) => {
      if (sum.conversations < MIN_CONVERSATIONS || sum.n < least) return NaN;
      // One conversation more that is all right and one that is all wrong, since a share of 0 or 1 has no variance. If
      // all alerts are right, nothing tells whether those of a conversation would be wrong together. At the mean size,
      // each conversation then counts as one alert.
      const more = size[at] ?? 1;
      const conversations = sum.conversations + 2;
      const n = sum.n + 2 * more;
      const mid = (sum.k + more) / n;
      const squares = sum.kk + more * more - 2 * mid * (sum.kn + more * more) + mid * mid * (sum.nn + 2 * more * more);
      const designEffect = ((squares / n) * (conversations / (conversations - 1))) / (mid * (1 - mid));
      return sum.n / Math.max(1, designEffect);
    }),
  };
}

/** Sums over the conversations with observations: right ones `k`, all `n`, and their products. */
interface ShareSums {
  readonly k: number;
  readonly n: number;
  readonly kk: number;
  readonly kn: number;
  readonly nn: number;
  readonly conversations: number;
}

/** Returns the sums at each cut. Between two of its entries, what a conversation adds is the same, so only steps are added. */
function shareSums(
  { cuts, entries, starts }: FamilyTable,
  updates: readonly number[],
  share: Share,
): readonly ShareSums[] {
  const newSum = (): Float64Array => new Float64Array(cuts.length);
  const [ks, ns, kks, kns, nns, conversations] = [newSum(), newSum(), newSum(), newSum(), newSum(), newSum()];
  const step = (at: number, k: number, n: number, nextK: number, nextN: number): void => {
    ks[at] = (ks[at] ?? 0) + nextK - k;
    ns[at] = (ns[at] ?? 0) + nextN - n;
    kks[at] = (kks[at] ?? 0) + nextK * nextK - k * k;
    kns[at] = (kns[at] ?? 0) + nextK * nextN - k * n;
    nns[at] = (nns[at] ?? 0) + nextN * nextN - n * n;
    if (n === 0) conversations[at] = (conversations[at] ?? 0) + 1;
  };
  for (const [conversation, all] of updates.entries()) {
    let [k, n] = [0, 0];
    if (share === 'quiet' && cuts.length > 0) step(0, 0, 0, (k = all), (n = all));
    for (let at = starts[conversation] ?? 0; at < (starts[conversation + 1] ?? 0); at += 3) {
      const alerts = entries[at + 1] ?? 0;
      const [nextK, nextN] = share === 'precision' ? [k + (entries[at + 2] ?? 0), n + alerts] : [k - alerts, n];
      step(entries[at] ?? 0, k, n, nextK, nextN);
      [k, n] = [nextK, nextN];
    }
  }
  for (const sums of [ks, ns, kks, kns, nns, conversations]) accumulate(sums);
  return cuts.map((_, at) => ({
    k: ks[at] ?? 0,
    n: ns[at] ?? 0,
    kk: kks[at] ?? 0,
    kn: kns[at] ?? 0,
    nn: nns[at] ?? 0,
    conversations: conversations[at] ?? 0,
  }));
}

/** Lower bounds of a share that hold together, see {@link bandOf}. */
export interface Band {
  readonly share: Share;
  /** How far the bounds are below the share, in standard deviations, by table and cut. */
  readonly critical: readonly Float64Array[];
  readonly unseenConversations: number;
  /** Bounds in the sample of the band, by table and cut; NaN where they are unknown. */
  readonly bounds: readonly Float64Array[];
}

/** How bootstrap samples are drawn and judged. */
export interface Resampling {
  readonly confidence: number;
  readonly unseenConversations: number;
  readonly seed: number;
}

export function bandOf(sample: Sample, share: Share, resampling: Resampling): Band {
  const { unseenConversations } = resampling;
  const band = { share, unseenConversations, critical: criticalValues(sample, share, resampling) };
  return { ...band, bounds: lowerBounds(sample, band) };
}

/** Returns the lower bounds in a sample, also another one than that of the band, by table and cut; NaN where they are unknown. */
export function lowerBounds(
  sample: Sample,
  { share, critical, unseenConversations }: Omit<Band, 'bounds'>,
): readonly Float64Array[] {
  const widening = 1 + sample.updates.length / unseenConversations;
  return sample.tables.map((table, index) => {
    const { share: shares, effectiveSize } = shareCurve(table, sample, share, unseenConversations);
    return effectiveSize.map(
      (size, at) => wilsonInterval(shares[at] ?? 0, size / widening, critical[index]?.[at] ?? NaN).low,
    );
  });
}

/**
 * Returns how many standard deviations below the observed share the bounds must be, so that with the given confidence
 * none of them, at no cut of no table, is above the share in the unseen conversations: the quantile of the largest
 * standardized difference between two bootstrap samples of conversations, one as large as the labelled part and one as
 * large as the unseen (max-T; Romano and Wolf 2005). Because all bounds hold together, the choice among them is free.
 * Where a cut's own prediction is lower than that bound, it is the bound: few alerts do not vary like a normal
 * distribution.
 */
function criticalValues(sample: Sample, share: Share, resampling: Resampling): readonly Float64Array[] {
  const { confidence, unseenConversations, seed } = resampling;
  const curves = sample.tables.map((table) => shareCurve(table, sample, share, unseenConversations));
  const draw = createDraw(seed);
  const labelled = sample.updates.length;
  const widening = 1 + labelled / unseenConversations;
  const scales = curves.map(({ share: shares, effectiveSize }) =>
    effectiveSize.map((size, at) => {
      // Two successes and two failures more (Agresti and Coull 1998), since a share of 0 or 1 has no variance.
      const mid = ((shares[at] ?? 0) * size + 2) / (size + 4);
      return Math.sqrt(((mid * (1 - mid)) / size) * widening);
    }),
  );
  const maxima = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    const seen = draw(labelled, labelled);
    const unseen = unseenConversations === Infinity ? undefined : draw(labelled, unseenConversations);
    const seenUpdates = weightedSum(sample.updates, seen);
    const unseenUpdates = weightedSum(sample.updates, unseen);
    let maximum = 0;
    sample.tables.forEach((table, index) => {
      const [a, b] = [countAlerts(table, seen), countAlerts(table, unseen)];
      const scale = scales[index] ?? new Float64Array();
      for (let at = 0; at < scale.length; at += 1) {
        const deviation =
          (shareAt(a, at, seenUpdates, share) - shareAt(b, at, unseenUpdates, share)) / (scale[at] ?? NaN);
        // False for NaN, which stands for unknown.
        if (deviation > maximum) maximum = deviation;
      }
    });
    maxima[resample] = maximum;
  }
  const together = quantile(maxima, confidence);
  const sizes = curves.map(({ size }) => size);
  return predictedShares(sample, share, sizes, resampling).map((predicted, index) =>
    predicted.map((low, at) => {
      const { share: shares, effectiveSize } = curves[index] ?? { share: [], effectiveSize: [] };
      return Math.max(together, wilsonScore(shares[at] ?? 0, (effectiveSize[at] ?? NaN) / widening, low));
    }),
  );
}

/** Returns the quantile at which Wilson's interval begins at `low`. */
function wilsonScore(share: number, size: number, low: number): number {
  // At 0 and 1 it would be infinite.
  const bound = Math.min(Math.max(low, 1e-9), 1 - 1e-9);
  return (share - bound) / Math.sqrt((bound * (1 - bound)) / size);
}

/** NaN for the precision without alerts. */
function shareAt({ alerts, truePositives }: Counts, at: number, updates: number, share: Share): number {
  const raised = alerts[at] ?? 0;
  return share === 'precision' ? (truePositives[at] ?? 0) / raised : 1 - raised / updates;
}

/**
 * Returns the share that the unseen conversations keep at each cut, by the Pólya urn of the labelled ones (finite
 * population Bayesian bootstrap; Lo 1988): the lower end of the two-sided prediction interval. Unlike a standard
 * deviation, this sees what few conversations do: if 8 of 200 have all the right alerts, 50 further ones may have none.
 *
 * The urn holds one conversation more, whose alerts are all wrong: the skeptical prior, beta with 0 and 1, for which such
 * a prediction of independent alerts is exact (Thatcher 1964). Without it, what was always right could never go wrong.
 *
 * @param sizes - alerts of that conversation, by table and cut.
 */
export function predictedShares(
  { tables, updates }: Sample,
  share: Share,
  sizes: readonly Float64Array[],
  { confidence, unseenConversations, seed }: Resampling,
): readonly Float64Array[] {
  const draw = createUrn(seed);
  const futures = tables.map(({ cuts }) => cuts.map(() => new Float64Array(FUTURES)));
  for (let future = 0; future < FUTURES; future += 1) {
    const weights = draw(updates.length + 1, unseenConversations);
    const wrong = weights[updates.length] ?? 0;
    const all = weightedSum(updates, weights);
    for (const [index, table] of tables.entries()) {
      const { alerts, truePositives } = countAlerts(table, weights);
      const cuts = futures[index] ?? [];
      for (let at = 0; at < cuts.length; at += 1) {
        const more = wrong * (sizes[index]?.[at] ?? 0);
        const raised = (alerts[at] ?? 0) + more;
        const kept = share === 'precision' ? (truePositives[at] ?? 0) / raised : 1 - raised / (all + more);
        const values = cuts[at];
        // NaN for the precision without alerts.
        if (values !== undefined) values[future] = kept;
      }
    }
  }
  const tail = (1 - confidence) / 2;
  return futures.map((cuts) =>
    Float64Array.from(cuts, (values) =>
      quantile(
        values.filter((value) => !Number.isNaN(value)),
        tail,
      ),
    ),
  );
}
