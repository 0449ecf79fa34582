import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * Creates a seeded source of bootstrap samples: it draws `size` of `count` conversations with replacement, and returns how
 * often each was drawn.
 */
export function createDraw(seed: number): (count: number, size: number) => Float64Array {
  const generator = xoroshiro128plus(seed);
  return (count, size) => {
    // The kind of an urn's weights: a loop that reads both kinds would take longer.
    const weights = new Float64Array(count);
    for (let drawn = 0; drawn < size; drawn += 1) {
      const at = uniformInt(generator, 0, count - 1);
      weights[at] = (weights[at] ?? 0) + 1;
    }
    return weights;
  };
}

/**
 * Creates a seeded Pólya urn: each conversation that is drawn is put back with a copy of itself. An infinite number of
 * draws yields the limit of their shares, a uniform Dirichlet distribution (Rubin 1981).
 */
export function createUrn(seed: number): (count: number, size: number) => Float64Array {
  const generator = xoroshiro128plus(seed);
  return (count, size) => {
    if (size === Infinity) return new Float64Array(count).map(() => -Math.log(1 - uniformFloat64(generator)));
    const weights = new Float64Array(count);
    const copies: number[] = [];
    for (let drawn = 0; drawn < size; drawn += 1) {
      const place = uniformInt(generator, 0, count + drawn - 1);
      const at = place < count ? place : (copies[place - count] ?? 0);
      copies.push(at);
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
