/** Something that was found in a sentence. */
export interface FoundEntity {
  readonly type: string;
  /** The words it was said in. */
  readonly value: string;
}

/** @internal What the NLU learned about entities: spoken names, and shapes such as `aa 000`. */
export interface EntityModel {
  readonly names: ReadonlyMap<string, string>;
  readonly shapes: ReadonlyMap<string, string>;
}

type Labelled = readonly { readonly entities?: Readonly<Record<string, unknown>> | undefined }[];

/** Longest name or number, in words. */
const MAX_WORDS = 5;

/** @internal Returns the known names, each with its most frequent type. */
export function gazetteer(examples: Labelled): Map<string, string> {
  return mostFrequent(examples, (value) => (/\p{N}/u.test(value) || value.length < 3 ? undefined : normalize(value)));
}

/** @internal Returns the shapes of values with digits, each with its most frequent type. */
export function shapesOf(examples: Labelled): Map<string, string> {
  return mostFrequent(examples, (value) => (/\p{N}/u.test(value) ? shapeOf(normalize(value)) : undefined));
}

/** @internal Finds entities from left to right, the longest first, none over another. */
export function findEntities(text: string, { names, shapes }: EntityModel): FoundEntity[] {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const found: FoundEntity[] = [];
  for (let start = 0; start < words.length;) {
    let next = start + 1;
    for (let end = Math.min(words.length, start + MAX_WORDS); end > start; end -= 1) {
      const value = words
        .slice(start, end)
        .join(' ')
        .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
      const normal = normalize(value);
      const type = names.get(normal) ?? (/\p{N}/u.test(normal) ? shapes.get(shapeOf(normal)) : undefined);
      if (type === undefined) continue;
      found.push({ type, value });
      next = end;
      break;
    }
    start = next;
  }
  return found;
}

function mostFrequent(examples: Labelled, keyOf: (value: string) => string | undefined): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const [type, value] of examples.flatMap(({ entities }) => Object.entries(entities ?? {}))) {
    const key = typeof value === 'string' ? keyOf(value) : undefined;
    if (key === undefined) continue;
    const types = counts.get(key) ?? new Map<string, number>();
    counts.set(key, types.set(type, (types.get(type) ?? 0) + 1));
  }
  return new Map(
    [...counts].map(([key, types]) => [key, [...types].reduce((best, next) => (next[1] > best[1] ? next : best))[0]]),
  );
}

function normalize(value: string): string {
  return value.toLowerCase().replace(/\s+/gu, ' ').trim();
}

function shapeOf(value: string): string {
  return value.replace(/\p{N}/gu, '0').replace(/\p{L}/gu, 'a');
}
