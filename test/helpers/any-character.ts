import fc from 'fast-check';

/** Code points that are halves of a pair, which no well-formed text has. */
const HALVES = { first: 0xd800, count: 0x800 };

/**
 * Any character, control characters and unassigned ones too: fast-check's unit `binary`, which spends a second of each
 * worker on a table of all of them.
 */
export const anyCharacter = fc.nat({ max: 0x10ffff - HALVES.count }).map(
  (index) => String.fromCodePoint(index < HALVES.first ? index : index + HALVES.count),
  // With it, fast-check also draws names such as `__proto__`.
  (value) => {
    const [codePoint = NaN, ...more] = Array.from(String(value), (char) => char.codePointAt(0) ?? NaN);
    if (more.length > 0 || !String.fromCodePoint(codePoint).isWellFormed()) throw new TypeError('not one character');
    return codePoint < HALVES.first ? codePoint : codePoint - HALVES.count;
  },
);
