import { isObject } from '../../json.js';
import type { NluEntity } from '../types.js';

/** How many levels of a value its bucket depends on. */
const BUCKET_LEVELS = 8;

/**
 * Entities of a step. Two are equal by their type and the JSON of their value. No method takes longer the more it holds.
 */
export class Entities {
  /** Without duplicates. */
  readonly list: NluEntity[] = [];
  readonly #values = new Map<string, unknown[]>();
  readonly #typesWithValue = new Set<string>();
  readonly #buckets = new Map<string, unknown[]>();

  constructor(entities: readonly NluEntity[] = []) {
    for (const { type, value } of entities) this.add(type, value);
  }

  add(type: string, value: unknown): void {
    push(this.#values, type, value);
    if (value !== undefined) this.#typesWithValue.add(type);
    if (this.has(type, value)) return;
    push(this.#buckets, bucketOf(type, value), value);
    this.list.push({ type, value });
  }

  has(type: string, value: unknown): boolean {
    return this.#buckets.get(bucketOf(type, value))?.some((known) => jsonEqual(known, value)) === true;
  }

  hasType(type: string): boolean {
    return this.#values.has(type);
  }

  /** Returns the values of a type, which can be found several times; `undefined` if it was not found. */
  valuesOf(type: string): readonly unknown[] | undefined {
    const values = this.#values.get(type);
    // Every verdict on the step gets the same list.
    return values && Object.freeze(values);
  }

  /** Returns whether a type was found, but never with a value. */
  lacksValue(type: string): boolean {
    return this.hasType(type) && !this.#typesWithValue.has(type);
  }
}

function push(lists: Map<string, unknown[]>, key: string, value: unknown): void {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  list.push(value);
}

/** Returns the same text for equal entities, and rarely for others. */
function bucketOf(type: string, value: unknown): string {
  return JSON.stringify(type) + outline(value, BUCKET_LEVELS);
}

function outline(value: unknown, levels: number): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (levels === 0) return '';
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${outline(field, levels - 1)}`);
  return `{${fields.sort().join()}}`;
}

/**
 * Returns whether two values are the same JSON. The order of an object's keys is ignored, that of a list is not. Without
 * recursion, since a value of the caller may have any depth.
 */
function jsonEqual(a: unknown, b: unknown): boolean {
  const pairs: [unknown, unknown][] = [[a, b]];
  // Ends the comparison of cycles.
  const compared = new Map<object, Set<object>>();
  for (const [left, right] of pairs) {
    if (left === right) continue;
    if (!isObject(left) || !isObject(right) || Array.isArray(left) !== Array.isArray(right)) return false;
    const others = compared.get(left) ?? new Set();
    if (others.has(right)) continue;
    compared.set(left, others.add(right));
    const fields = new Map(Object.entries(right));
    if (Object.keys(left).length !== fields.size) return false;
    for (const [key, value] of Object.entries(left)) {
      if (!fields.has(key)) return false;
      pairs.push([value, fields.get(key)]);
    }
  }
  return true;
}
