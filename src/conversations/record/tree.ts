import { isRecord, readJson, writeJson } from '../../json.js';

/** A name that only says what it is together with the field above it, e.g. `interaction: { id }`. */
const IS_ID = /^(?:id|guid|uuid)$/i;
const JSON_TREE = /^\s*[[{][^]*[\]}]\s*$/;

/** Changes the strings and numbers of a tree; see {@link mapTree}. */
export interface TreeMapping {
  /** Returns what replaces a string or number, given the nearest field above it, e.g. `text` or `interaction.id`. */
  readonly leaf: (value: string | number, field: string) => unknown;
  /** Returns what replaces a field's name. */
  readonly field: (name: string) => string;
  /** Returns what replaces the items of a list, before they are mapped. */
  readonly list?: (items: readonly unknown[]) => readonly unknown[];
  /** Returns what replaces the whole value of a field; `undefined` descends into it. */
  readonly value?: (name: string, value: unknown) => unknown;
}

/** Returns a changed copy of JSON from a `JSON.parse`, whose depth is bounded. Texts that are JSON are read as such. */
export function mapTree(tree: unknown, mapping: TreeMapping, field = ''): unknown {
  if (typeof tree === 'string') return mapText(tree, mapping, field);
  if (typeof tree === 'number') return mapping.leaf(tree, field);
  if (Array.isArray(tree)) return (mapping.list?.(tree) ?? tree).map((item) => mapTree(item, mapping, field));
  if (!isRecord(tree)) return tree;
  const copy: Record<string, unknown> = {};
  let counts: Map<string, number> | undefined;
  for (const [name, value] of Object.entries(tree)) {
    const mapped = mapping.field(name);
    const free = Object.hasOwn(copy, mapped) ? freeName(mapped, copy, (counts ??= new Map<string, number>())) : mapped;
    copy[free] =
      (value === null ? undefined : mapping.value?.(name, value)) ??
      mapTree(value, mapping, IS_ID.test(name) ? `${field}.${name}` : name);
  }
  return copy;
}

function mapText(text: string, mapping: TreeMapping, field: string): unknown {
  const tree = JSON_TREE.test(text) ? readJson(text) : undefined;
  if (tree === undefined) return mapping.leaf(text, field);
  const before = writeJson(tree);
  const after = writeJson(mapTree(tree, mapping, field));
  if (after !== before) return after;
  // What the tree does not hold, e.g. the first of two equal fields, is read as a text.
  return before === text ? text : mapping.leaf(text, field);
}

/** Two fields may have become equal, and neither value may be lost. */
function freeName(name: string, taken: Readonly<Record<string, unknown>>, counts: Map<string, number>): string {
  let count = counts.get(name) ?? 2;
  while (Object.hasOwn(taken, `${name} ${count}`)) count += 1;
  counts.set(name, count + 1);
  return `${name} ${count}`;
}

const INTERACTION_FIELD =
  /(?:interaction|contact|conversation|session|call|dialog|thread|master)(?:s?id|no|number|guid|uuid)s?$/;

/** Returns whether a field names an interaction, in any spelling: `interactionId`, `masterContactID`, `session_id`, `masterId`. */
export function namesInteraction(field: string): boolean {
  return INTERACTION_FIELD.test(field.toLowerCase().replaceAll(/[^a-z]/g, ''));
}

/** Returns a pattern for names that end in one of some words, e.g. for `at`: `at`, `created_at`, `createdAt`. */
export function lastWord(words: string): RegExp {
  const upper = words.toUpperCase();
  const capital = words.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
  return new RegExp(`(?:^|[^A-Za-z])(?:${words}|${upper}|${capital})\\d?$|[a-z](?:${upper}|${capital})\\d?$`);
}
