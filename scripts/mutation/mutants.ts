// Makes the mutants: every one stands in the source behind a switch, and a global says which is on.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Mutant {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  /** Offsets of `original` in the source. */
  readonly start: number;
  readonly end: number;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

interface Instrumented {
  readonly files: readonly { readonly name: string; readonly content: string }[];
  readonly mutants: readonly {
    readonly id: string;
    readonly fileName: string;
    readonly mutatorName: string;
    readonly replacement: string;
    readonly location: { readonly start: Position; readonly end: Position };
  }[];
}

/** The sources of a folder, or the file itself. */
export function sourcesOf(path: string): readonly string[] {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(path, name))
    .sort();
}

/** Every mutant of the files, and the files with all of them inside. */
export async function instrument(
  files: readonly string[],
): Promise<{ readonly mutants: readonly Mutant[]; readonly contents: Readonly<Record<string, string>> }> {
  const sources = new Map(files.map((name) => [name, readFileSync(name, 'utf8')]));
  const { Instrumenter } = createRequire(import.meta.url)('@stryker-mutator/instrumenter') as {
    Instrumenter: new (logger: unknown) => {
      instrument(files: readonly object[], options: object): Promise<Instrumented>;
    };
  };
  const silent = new Proxy({}, { get: () => () => false });
  const result = await new Instrumenter(silent).instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  );
  return {
    contents: Object.fromEntries(result.files.map(({ name, content }) => [name, content])),
    mutants: result.mutants.map(({ id, fileName, mutatorName, replacement, location }) => {
      const source = sources.get(fileName) ?? '';
      const start = offsetOf(source, location.start);
      const end = offsetOf(source, location.end);
      return {
        id,
        file: fileName,
        line: location.start.line + 1,
        mutator: mutatorName,
        original: source.slice(start, end),
        replacement,
        start,
        end,
      };
    }),
  };
}

function offsetOf(source: string, { line, column }: Position): number {
  let offset = 0;
  for (let left = line; left > 0; left -= 1) offset = source.indexOf('\n', offset) + 1;
  return offset + column;
}

/** `count` of the list, chosen by the seed alone. */
export function sample<T>(list: readonly T[], count: number, seed: number): readonly T[] {
  // mulberry32, a generator of 32 bits.
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  return list
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ value }) => value);
}
