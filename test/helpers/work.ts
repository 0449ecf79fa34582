/** Methods whose cost is the size of what they are called on, or may be. */
const counted: readonly (readonly [prototype: object, names: readonly (string | symbol)[]])[] = [
  [
    Array.prototype,
    [
      ...['concat', 'every', 'filter', 'find', 'findIndex', 'findLast', 'findLastIndex', 'flat', 'flatMap', 'forEach'],
      ...['includes', 'indexOf', 'join', 'lastIndexOf', 'map', 'reduce', 'reverse', 'shift', 'slice', 'some', 'sort'],
      ...['splice', 'unshift', 'values'],
    ],
  ],
  // An iteration of these walks over what was deleted.
  [Map.prototype, ['entries', 'forEach', 'keys', 'values', Symbol.iterator]],
  [Set.prototype, ['entries', 'forEach', 'keys', 'values', Symbol.iterator]],
];

/**
 * Returns how many items of arrays, maps and sets a run touches at most: what grows with the input faster than linearly
 * shows here, on any machine.
 */
export async function workOf(run: () => unknown): Promise<number> {
  let work = 0;
  const originals = counted.flatMap(([prototype, names]) =>
    names.map((name) => [prototype, name, Object.getOwnPropertyDescriptor(prototype, name)] as const),
  );
  for (const [prototype, name, descriptor] of originals) {
    const original = descriptor?.value as (this: unknown, ...args: unknown[]) => unknown;
    Object.defineProperty(prototype, name, {
      ...descriptor,
      value(this: { readonly length?: number; readonly size?: number }, ...args: unknown[]) {
        work += this.length ?? this.size ?? 0;
        return original.apply(this, args);
      },
    });
  }
  try {
    await run();
    return work;
  } finally {
    for (const [prototype, name, descriptor] of originals)
      if (descriptor !== undefined) Object.defineProperty(prototype, name, descriptor);
  }
}
