import canonicalize from 'canonicalize';
import { RequestValidationError } from '../errors.js';
import { sha256Hex } from '../hash.js';
import type { AuditRecord, AuditTrailEntry, AuditTrailHead } from './types.js';

/** The head of an empty trail. */
export const EMPTY_HEAD: AuditTrailHead = { count: 0, hash: '0'.repeat(64) };

const NOT_JSON = 'contains something that JSON cannot hold';

/**
 * Whether everything in a value is data of JSON or has a `toJSON` of its own: of a `Map`, a `Set`, an `Error` or an
 * instance of any other class nothing, or only a part, would be recorded.
 */
function isData(root: unknown): boolean {
  const values = new Set([root]);
  // A set is iterated over what is added meanwhile, and holds what occurs twice, as in a circle, once.
  for (const value of values) {
    if (typeof value === 'function' || typeof value === 'symbol') return false;
    if (typeof value !== 'object' || value === null) continue;
    if (ArrayBuffer.isView(value)) return false;
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') continue;
    // By its place in the chain: a plain object of another realm, e.g. a test runner's, has another `Object.prototype`.
    const prototype: unknown = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
    for (const member of Object.values(value)) values.add(member);
  }
  return true;
}

/**
 * A record as canonical JSON.
 *
 * @throws {@link RequestValidationError} for what is no object or JSON cannot hold (`NaN`, cycles, lone surrogates, a `Map`, …).
 */
export function canonicalRecord(record: AuditRecord): string {
  const refuse = (message: string): never => {
    throw new RequestValidationError('audit record', [{ path: '', message }]);
  };
  let text: string | undefined;
  try {
    text = isData(record) ? canonicalize(record) : refuse(NOT_JSON);
  } catch {
    return refuse(NOT_JSON);
  }
  return text?.startsWith('{') === true ? text : refuse('expected an object');
}

type Place = Pick<AuditTrailEntry, 'seq' | 'at' | 'previousHash'>;

/** The canonical JSON that is hashed: the fields in the order that RFC 8785 gives them. */
function hashedText({ at, previousHash, seq }: Place, recordJson: string): string {
  return `{"at":${JSON.stringify(at)},"previousHash":${JSON.stringify(previousHash)},"record":${recordJson},"seq":${seq}}`;
}

/** An entry's line, without its line feed, and its hash. The line is canonical JSON itself. */
export async function formatLine(
  place: Place,
  recordJson: string,
): Promise<{ readonly line: string; readonly hash: string }> {
  const hash = await sha256Hex(hashedText(place, recordJson));
  const { at, previousHash, seq } = place;
  const line = `{"at":${JSON.stringify(at)},"hash":"${hash}","previousHash":${JSON.stringify(previousHash)},"record":${recordJson},"seq":${seq}}`;
  return { line, hash };
}

/** Fatal and with the byte order mark kept, so that different bytes never read as the same text. */
function decodeLine(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** An entry's line, read; `undefined` when it is no entry. Whether its hash is right is another question. */
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

/** Whether a line is, byte for byte, what {@link formatLine} wrote for this entry. */
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
