import type { Resampling, Share } from './band.js';
import { countAlerts, weightedSum, type Sample } from './sample.js';
import { createUrn, quantile } from './statistics.js';

/** Number of drawn futures. */
const FUTURES = 1000;

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
      for (const [at, values] of futures[index]?.entries() ?? []) {
        const more = wrong * (sizes[index]?.[at] ?? 0);
        const raised = (alerts[at] ?? 0) + more;
        // NaN for the precision without alerts.
        values[future] = share === 'precision' ? (truePositives[at] ?? 0) / raised : 1 - raised / (all + more);
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
