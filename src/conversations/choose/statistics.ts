import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws `size` of `count` conversations with replacement; returns how often each was drawn. */
export type Draw = (count: number, size: number) => Int32Array;

/** Creates a seeded source of bootstrap samples. */
export function createDraw(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (count, size) => {
    const weights = new Int32Array(count);
    for (let drawn = 0; drawn < size; drawn += 1) {
      const at = uniformInt(generator, 0, count - 1);
      weights[at] = (weights[at] ?? 0) + 1;
    }
    return weights;
  };
}

/** Returns a list in a random order: the shuffle of Fisher and Yates. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const generator = xoroshiro128plus(seed);
  const list = [...values];
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = uniformInt(generator, 0, last);
    [list[last], list[other]] = [list[other] as T, list[last] as T];
  }
  return list;
}

/** Returns a quantile, linear between order statistics (type 7 of Hyndman and Fan 1996, the default of NumPy). */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const [low = NaN, high = low] = [sorted[below], sorted[below + 1]];
  return low === high ? low : low + (position - below) * (high - low);
}
