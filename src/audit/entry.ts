import canonicalize from 'canonicalize';
import { RequestValidationError, type Issue } from '../errors.js';
import { sha256Hex } from '../hash.js';
import { formatKey } from '../http/internal.js';
import { isObject } from '../json.js';
import type { AuditRecord, AuditTrailEntry, AuditTrailHead } from './types.js';

/** The head of an empty trail. */
export const EMPTY_HEAD: AuditTrailHead = { count: 0, hash: '0'.repeat(64) };

/**
 * Returns why JSON cannot express a value without loss; `undefined` if it can, also by a `toJSON`. An `undefined`
 * member of an object counts as absent.
 */
function lossOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'has a lone surrogate';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `is ${value}`;
  if (typeof value === 'boolean' || value === null) return undefined;
  if (typeof value !== 'object') return `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`;
  const keys = Object.keys(value);
  if (Object.getOwnPropertySymbols(value).length > 0) return 'has a symbol as a key';
  if (!keys.every((key) => key.isWellFormed())) return 'has a key with a lone surrogate';
  if (Array.isArray(value)) {
    if (keys.some((key, index) => key !== String(index))) return 'has a gap, or a property other than its elements';
    return keys.length === value.length ? undefined : 'has a gap';
  }
  // Compares prototype chains: a plain object of another realm, e.g. a test runner's, has another `Object.prototype`.
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? undefined : 'is an instance of a class without toJSON';
}

/** An object inside a record. */
interface Place {
  readonly value: object;
  readonly key: string;
  /** Absent for the record itself. */
  readonly parent: Place | undefined;
}

/** Spells a path; only that of a refused record is needed. */
function pathTo(key: string, parent: Place | undefined): string {
  let path = '';
  for (let at: Omit<Place, 'value'> = { key, parent }; at.parent !== undefined; at = at.parent) {
    const { parent: owner } = at;
    if (Array.isArray(owner.value)) path = `[${at.key}]${path}`;
    else path = `${owner.parent === undefined ? '' : '.'}${formatKey(at.key)}${path}`;
  }
  return path;
}

/** Returns the first part of a record that JSON cannot express. */
function firstLoss(record: unknown): Issue | undefined {
  // Iterating over a map visits entries added during the iteration, and a map stores a repeated (or circular) value
  // once.
  const places = new Map<object, Place>();
  const check = (given: unknown, key: string, parent?: Place): Issue | undefined => {
    const hasOwnForm = isObject(given) && typeof given['toJSON'] === 'function';
    const value: unknown = hasOwnForm ? (given['toJSON'] as () => unknown)() : given;
    const loss = ArrayBuffer.isView(given) ? 'is binary data' : lossOf(value);
    // `JSON.stringify` turns an invalid date into null.
    const isNothing = hasOwnForm && (value ?? null) === null;
    const message = isNothing ? 'has a toJSON that returns nothing' : loss && `${loss}, which JSON cannot express`;
    if (message !== undefined) return { path: pathTo(key, parent), message };
    if (isObject(value) && !places.has(value)) places.set(value, { value, key, parent });
    return undefined;
  };
  const issue = check(record, '');
  if (issue !== undefined) return issue;
  for (const place of places.values()) {
    const isList = Array.isArray(place.value);
    for (const [key, member] of Object.entries(place.value)) {
      if (member === undefined && !isList) continue;
      const found = check(member, key, place);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/**
 * Returns a record as canonical JSON (RFC 8785, which writes `-0` as `0`).
 *
 * @throws {@link RequestValidationError} if the record is not an object or JSON cannot express it (`NaN`, cycles, lone
 * surrogates, a `Map`, …).
 */
export function canonicalRecord(record: AuditRecord): string {
  const refuse = (issue: Issue): never => {
    throw new RequestValidationError('audit record', [issue]);
  };
  let text: string | undefined;
  try {
    const loss = firstLoss(record);
    text = loss === undefined ? canonicalize(record) : refuse(loss);
  } catch (error) {
    if (error instanceof RequestValidationError) throw error;
    return refuse({ path: '', message: 'contains something that JSON cannot express' });
  }
  return text?.startsWith('{') === true ? text : refuse({ path: '', message: 'expected an object' });
}

/** Returns an entry's line, without its line feed, and its hash. Both the line and what is hashed are canonical JSON. */
export async function formatLine(
  { at, previousHash, seq }: Pick<AuditTrailEntry, 'seq' | 'at' | 'previousHash'>,
  recordJson: string,
): Promise<{ readonly line: string; readonly hash: string }> {
  // The fields in the order of RFC 8785, in which the hash is the second.
  const start = `{"at":${JSON.stringify(at)},`;
  const end = `"previousHash":${JSON.stringify(previousHash)},"record":${recordJson},"seq":${seq}}`;
  const hash = await sha256Hex(start + end);
  return { line: `${start}"hash":"${hash}",${end}`, hash };
}

// Fatal, and with the byte order mark kept, so that different bytes never decode to the same text.
const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns the text of a line; `undefined` if it is not UTF-8. */
export function decodeLine(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Parses an entry's line; returns `undefined` if it is not an entry. Does not check its hash. */
export function parseLine(line: string | undefined): AuditTrailEntry | undefined {
  let value: Partial<AuditTrailEntry> | null;
  try {
    value = JSON.parse(line ?? '') as Partial<AuditTrailEntry> | null;
  } catch {
    return undefined;
  }
  const { seq, at, record, previousHash, hash } = value ?? {};
  const isEntry =
    Number.isSafeInteger(seq) &&
    typeof at === 'string' &&
    typeof previousHash === 'string' &&
    typeof hash === 'string' &&
    typeof record === 'object' &&
    (record as unknown) !== null &&
    !Array.isArray(record);
  return isEntry ? (value as AuditTrailEntry) : undefined;
}

/** Returns whether a line is, character for character, what {@link formatLine} wrote for this entry. */
export async function isIntact(line: string | undefined, entry: AuditTrailEntry): Promise<boolean> {
  try {
    // Parsed JSON needs no check for loss; `canonicalize` rejects lone surrogates.
    return (await formatLine(entry, canonicalize(entry.record) ?? '')).line === line;
  } catch {
    return false;
  }
}
