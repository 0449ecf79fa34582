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
    if (keys.some((key, index) => key !== String(index))) return 'has a gap, or a property besides its elements';
    return keys.length === value.length ? undefined : 'has a gap';
  }
  // Compares prototype chains: a plain object of another realm, e.g. a test runner's, has another `Object.prototype`.
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? undefined : 'is an instance of a class without toJSON';
}

/** Returns the first part of a record that JSON cannot express. */
function firstLoss(record: unknown): Issue | undefined {
  // Iterating over a map visits entries added during the iteration, and a map stores a repeated (or circular) value
  // once.
  const paths = new Map<unknown, string>();
  const check = (given: unknown, path: string): Issue | undefined => {
    const hasOwnForm = isObject(given) && typeof given['toJSON'] === 'function';
    const value: unknown = hasOwnForm ? (given['toJSON'] as () => unknown)() : given;
    // `JSON.stringify` turns an invalid date into null.
    if (hasOwnForm && (value ?? null) === null) return { path, message: 'has a toJSON that returns nothing' };
    const loss = ArrayBuffer.isView(given) ? 'is binary data' : lossOf(value);
    if (loss !== undefined) return { path, message: `${loss}, which JSON cannot express` };
    if (isObject(value) && !paths.has(value)) paths.set(value, path);
    return undefined;
  };
  const issue = check(record, '');
  if (issue !== undefined) return issue;
  for (const [value, path] of paths) {
    const isList = Array.isArray(value);
    for (const [key, member] of Object.entries(value as object)) {
      if (member === undefined && !isList) continue;
      const found = check(member, isList ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${formatKey(key)}`);
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

type Place = Pick<AuditTrailEntry, 'seq' | 'at' | 'previousHash'>;

/** Returns the canonical JSON that is hashed: the fields in the order of RFC 8785. */
function hashedText({ at, previousHash, seq }: Place, recordJson: string): string {
  return `{"at":${JSON.stringify(at)},"previousHash":${JSON.stringify(previousHash)},"record":${recordJson},"seq":${seq}}`;
}

/** Returns an entry's line, without its line feed, and its hash. The line is canonical JSON. */
export async function formatLine(
  place: Place,
  recordJson: string,
): Promise<{ readonly line: string; readonly hash: string }> {
  const hash = await sha256Hex(hashedText(place, recordJson));
  const { at, previousHash, seq } = place;
  const line = `{"at":${JSON.stringify(at)},"hash":"${hash}","previousHash":${JSON.stringify(previousHash)},"record":${recordJson},"seq":${seq}}`;
  return { line, hash };
}

/** Fatal, and with the byte order mark kept, so that different bytes never decode to the same text. */
function decodeLine(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Parses an entry's line; returns `undefined` if it is not an entry. Does not check its hash. */
export function parseLine(bytes: Uint8Array): AuditTrailEntry | undefined {
  let value: Partial<AuditTrailEntry> | null;
  try {
    value = JSON.parse(decodeLine(bytes)) as Partial<AuditTrailEntry> | null;
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

/** Returns whether a line is, byte for byte, what {@link formatLine} wrote for this entry. */
export async function isIntact(
  bytes: Uint8Array,
  { seq, at, record, previousHash }: AuditTrailEntry,
): Promise<boolean> {
  try {
    return (await formatLine({ seq, at, previousHash }, canonicalRecord(record))).line === decodeLine(bytes);
  } catch {
    return false;
  }
}
