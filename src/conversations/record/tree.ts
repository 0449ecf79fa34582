import { isRecord } from '../../json.js';

/** Changes the strings and numbers of a tree; see {@link mapTree}. */
export interface TreeMapping {
  /** Returns what replaces a string or number, given the nearest field above it. */
  readonly leaf: (value: string | number, field: string) => unknown;
  /** Returns what replaces a field's name. */
  readonly field: (name: string) => string;
  /** Returns what replaces the whole value of a field; `undefined` descends into it. */
  readonly value?: (name: string) => unknown;
}

/** Returns a changed copy of JSON from a `JSON.parse`, whose depth is bounded. */
export function mapTree(tree: unknown, mapping: TreeMapping, field = ''): unknown {
  if (typeof tree === 'string' || typeof tree === 'number') return mapping.leaf(tree, field);
  if (Array.isArray(tree)) return tree.map((item) => mapTree(item, mapping, field));
  if (!isRecord(tree)) return tree;
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(tree)) {
    copy[freeName(mapping.field(name), copy)] =
      (value === null ? undefined : mapping.value?.(name)) ?? mapTree(value, mapping, name);
  }
  return copy;
}

/** Two fields may have become equal, and neither value may be lost. */
function freeName(name: string, taken: Readonly<Record<string, unknown>>): string {
  if (!Object.hasOwn(taken, name)) return name;
  let count = 2;
  while (Object.hasOwn(taken, `${name} ${count}`)) count += 1;
  return `${name} ${count}`;
}

const INTERACTION_FIELD =
  /(?:interaction|contact|conversation|session|call|dialog|thread|master)(?:id|no|number|guid|uuid)s?$/;

/** Returns whether a field names an interaction, in any spelling: `interactionId`, `masterContactID`, `session_id`, `masterId`. */
export function namesInteraction(field: string): boolean {
  return INTERACTION_FIELD.test(field.toLowerCase().replaceAll(/[^a-z]/g, ''));
}
