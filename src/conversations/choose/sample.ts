import { levelsOf, type RuleFamily } from './rules.js';
import type { LabelledUpdate } from './types.js';

/** Limit of thresholds a rule that bounds are computed for. */
const MAX_CUTS = 100;

/** Alerts of one kind of rule by conversation, at each of its cuts. */
export interface FamilyTable {
  readonly family: RuleFamily;
  /** Levels from which the rule fires, the strictest first. */
  readonly cuts: readonly number[];
  /**
   * Triples of the strictest cut that fires, and the updates and positives there. Those of a conversation stand together,
   * by rising cut: one flat list is read many times faster than a list for each conversation.
   */
  readonly entries: Int32Array;
  /** Where the entries of each conversation begin, and last where all end. */
  readonly starts: Int32Array;
}

/** Labelled conversations, as counts. */
export interface Sample {
  readonly tables: readonly FamilyTable[];
  /** Updates by conversation. */
  readonly updates: readonly number[];
  /** Updates that needed an alert, by conversation. */
  readonly positives: readonly number[];
}

/** Counts, at each cut or of each conversation. */
export interface Counts {
  readonly alerts: Float64Array;
  readonly truePositives: Float64Array;
}

/** The labelled updates under one kind of rule. */
export interface FamilyLevels {
  readonly family: RuleFamily;
  /** Level of each update. */
  readonly levels: Float64Array;
  /** The distinct levels at which the rule can fire, the highest first. */
  readonly distinct: readonly number[];
  /** Alerts at each distinct level. */
  readonly alerts: readonly number[];
  readonly truePositives: readonly number[];
}

/** Computes levels and counts at all thresholds of one kind of rule. */
export function familyLevels(family: RuleFamily, updates: readonly LabelledUpdate[]): FamilyLevels {
  const levels = levelsOf(family, updates);
  // A keyword alone is the cut +∞, which is a rule of its own.
  const isFiring = (level: number): boolean => (family.type === 'keyword' ? level === Infinity : level > -Infinity);
  const order = Array.from(levels.keys())
    .filter((index) => isFiring(levels[index] ?? -Infinity))
    .sort((a, b) => ((levels[a] ?? 0) > (levels[b] ?? 0) ? -1 : (levels[a] ?? 0) < (levels[b] ?? 0) ? 1 : a - b));
  const distinct: number[] = [];
  const alerts: number[] = [];
  const truePositives: number[] = [];
  let positives = 0;
  order.forEach((index, place) => {
    const level = levels[index] ?? 0;
    if (updates[index]?.label === true) positives += 1;
    const next = order[place + 1];
    const isLast = next === undefined || (levels[next] ?? 0) < level;
    if (!isLast || (level === Infinity && family.type !== 'keyword')) return;
    distinct.push(level);
    alerts.push(place + 1);
    truePositives.push(positives);
  });
  return { family, levels, distinct, alerts, truePositives };
}

/** Returns the indexes of at most {@link MAX_CUTS} levels, whose alert volumes form a geometric sequence. */
export function cutIndexes({ alerts }: FamilyLevels): readonly number[] {
  if (alerts.length <= MAX_CUTS) return alerts.map((_, index) => index);
  const [first = 1, last = 1] = [alerts[0], alerts.at(-1)];
  const start = Math.max(first, 10);
  const chosen = new Set<number>();
  let index = 0;
  for (let step = 0; step < MAX_CUTS; step += 1) {
    const volume = start * (last / start) ** (step / (MAX_CUTS - 1));
    while (index < alerts.length - 1 && (alerts[index] ?? 0) < volume - 1e-9) index += 1;
    chosen.add(index);
  }
  return [...chosen];
}

/** Counts the labelled updates by conversation. */
export function sampleOf(updates: readonly LabelledUpdate[], families: readonly FamilyLevels[]): Sample {
  // Resampling draws by place: the order in which conversations are listed must not change the choice.
  const ids = [...new Set(updates.map(({ conversationId }) => conversationId))].sort();
  const places = new Map(ids.map((id, place) => [id, place]));
  const count = places.size;
  const sizes = Array.from({ length: count }, () => 0);
  const positives = Array.from({ length: count }, () => 0);
  const placeOf = updates.map(({ conversationId, label }) => {
    const place = places.get(conversationId) ?? 0;
    sizes[place] = (sizes[place] ?? 0) + 1;
    if (label) positives[place] = (positives[place] ?? 0) + 1;
    return place;
  });
  const tables = families.map((family): FamilyTable => {
    const cuts = cutIndexes(family).map((index) => family.distinct[index] ?? 0);
    const cells = Array.from({ length: count }, () => new Map<number, [number, number]>());
    family.levels.forEach((level, index) => {
      const cut = firstAtMost(cuts, level);
      if (cut === cuts.length) return;
      const conversation = cells[placeOf[index] ?? 0];
      const cell = conversation?.get(cut) ?? [0, 0];
      cell[0] += 1;
      if (updates[index]?.label === true) cell[1] += 1;
      conversation?.set(cut, cell);
    });
    const parts = cells.map((byCut) => {
      const rising = [...byCut].sort(([a], [b]) => a - b);
      return Int32Array.from(rising.flatMap(([cut, [n, right]]) => [cut, n, right]));
    });
    return { family: family.family, cuts, ...joined(parts) };
  });
  return { tables, updates: sizes, positives };
}

/** Returns the index of the first cut that is at most `level`: cuts fall. */
function firstAtMost(cuts: readonly number[], level: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] ?? 0) <= level) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Joins the entries of the conversations. */
export function joined(parts: readonly Int32Array[]): Pick<FamilyTable, 'entries' | 'starts'> {
  const starts = new Int32Array(parts.length + 1);
  for (const [index, part] of parts.entries()) starts[index + 1] = (starts[index] ?? 0) + part.length;
  const entries = new Int32Array(starts.at(-1) ?? 0);
  for (const [index, part] of parts.entries()) entries.set(part, starts[index]);
  return { entries, starts };
}

export function subsample({ tables, updates, positives }: Sample, conversations: readonly number[]): Sample {
  return {
    tables: tables.map(({ entries, starts, ...table }) => ({
      ...table,
      ...joined(conversations.map((index) => entries.subarray(starts[index], starts[index + 1]))),
    })),
    updates: conversations.map((index) => updates[index] ?? 0),
    positives: conversations.map((index) => positives[index] ?? 0),
  };
}

/** Returns the alerts at each cut, each conversation counted `weights[conversation]` times. */
export function countAlerts({ cuts, entries, starts }: FamilyTable, weights?: Float64Array): Counts {
  const alerts = new Float64Array(cuts.length);
  const truePositives = new Float64Array(cuts.length);
  let at = 0;
  for (let conversation = 0; conversation + 1 < starts.length; conversation += 1) {
    const weight = weights === undefined ? 1 : (weights[conversation] ?? 0);
    const end = starts[conversation + 1] ?? 0;
    if (weight > 0) {
      for (; at < end; at += 3) {
        const cut = entries[at] ?? 0;
        alerts[cut] = (alerts[cut] ?? 0) + weight * (entries[at + 1] ?? 0);
        truePositives[cut] = (truePositives[cut] ?? 0) + weight * (entries[at + 2] ?? 0);
      }
    }
    at = end;
  }
  accumulate(alerts);
  accumulate(truePositives);
  return { alerts, truePositives };
}

/** Returns the alerts of each conversation at one cut. */
export function alertsAt({ entries, starts }: FamilyTable, cut: number): Counts {
  const alerts = new Float64Array(starts.length - 1);
  const truePositives = new Float64Array(starts.length - 1);
  for (let conversation = 0; conversation < alerts.length; conversation += 1) {
    for (let at = starts[conversation] ?? 0; at < (starts[conversation + 1] ?? 0); at += 3) {
      if ((entries[at] ?? 0) > cut) break;
      alerts[conversation] = (alerts[conversation] ?? 0) + (entries[at + 1] ?? 0);
      truePositives[conversation] = (truePositives[conversation] ?? 0) + (entries[at + 2] ?? 0);
    }
  }
  return { alerts, truePositives };
}

/** Adds up numbers by conversation, each as often as its weight. */
export function weightedSum(values: readonly number[], weights?: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += (values[at] ?? 0) * (weights?.[at] ?? 1);
  return sum;
}

/** Replaces each value by the sum of all up to it. */
export function accumulate(values: Float64Array): void {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) values[at] = sum += values[at] ?? 0;
}
