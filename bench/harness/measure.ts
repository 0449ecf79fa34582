// One way to measure: subjects take turns within a round, so that a busy moment of the machine affects all alike, and
// what counts is the ratio within a round.

/** Median and quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What one operation cost in one round. */
export interface Cost {
  /** CPU time of the calling thread in µs, or of the whole process where that is measured. */
  readonly cpuUs: number;
  readonly wallUs: number;
}

export type Costs = Readonly<Record<string, readonly Cost[]>>;

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function spread(values: readonly number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** The ratio of two subjects round by round. */
export function ratio(costs: Costs, subject: string, base: string, by: keyof Cost = 'cpuUs'): Spread {
  const bases = costs[base] ?? [];
  return spread((costs[subject] ?? []).map((cost, round) => cost[by] / (bases[round]?.[by] ?? Number.NaN)));
}

/** The same for rates, where more is better: a base that costs twice as much gives 2. */
export function rateRatio(costs: Costs, subject: string, base: string, by: keyof Cost = 'cpuUs'): Spread {
  return ratio(costs, base, subject, by);
}

/** CPU time of this thread and time for each of `operations`. */
export async function cost(operations: number, run: () => unknown): Promise<Cost> {
  const before = process.threadCpuUsage();
  const startedAt = performance.now();
  await run();
  const wallUs = (performance.now() - startedAt) * 1000;
  const { user, system } = process.threadCpuUsage(before);
  return { cpuUs: (user + system) / operations, wallUs: wallUs / operations };
}

/** Runs every subject once a round, in turns forward and backward. The first round warms up and does not count. */
export async function alternate(
  rounds: number,
  subjects: Readonly<Record<string, () => Cost | Promise<Cost>>>,
): Promise<Costs> {
  const costs: Record<string, Cost[]> = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const turn = Object.entries(subjects);
    for (const [name, run] of round % 2 === 0 ? turn : turn.reverse()) {
      const measured = await run();
      if (round > 0) costs[name]?.push(measured);
    }
  }
  return costs;
}

/** Runs `call` `count` times, `concurrency` at once. */
export async function repeat(count: number, concurrency: number, call: () => unknown): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await call();
    }),
  );
}
