import { ConfigurationError } from '../errors.js';
import { checkKind, checkOptions, signalKind } from '../options.js';
import { EMPTY_HEAD, isIntact, parseLine } from './entry.js';
import { readLines, type ReadOptions } from './read.js';
import type {
  AuditTrailEntry,
  AuditTrailHead,
  AuditTrailProblem,
  AuditTrailVerification,
  VerifyTrailOptions,
} from './types.js';

const SENTENCES: Readonly<Record<AuditTrailProblem['kind'], (seq: number) => string>> = {
  changed: (seq) => `Record ${seq} was changed`,
  removed: (seq) => `Record ${seq} is missing`,
  inserted: (seq) => `Line ${seq} was inserted`,
  forked: (seq) => `The trail forks at record ${seq}: two records have this position and follow the same one`,
  torn: (seq) => `Line ${seq}, the last one, is incomplete`,
  rewritten: (seq) => `Record ${seq} is not the expected one; it or an earlier one was rewritten`,
};

function failed(kind: AuditTrailProblem['kind'], seq: number): AuditTrailVerification {
  return { ok: false, problem: { kind, seq, message: SENTENCES[kind](seq) } };
}

/**
 * Verifies a trail's file without opening it for writing: every line, its hash and its link to the previous line.
 *
 * @param path - the trail's file.
 * @throws (as rejection) `AuditTrailError` if the file cannot be read; `AbortError`; `ConfigurationError` for an invalid
 * option or in runtimes without files.
 *
 * @example
 * ```ts
 * import { verifyAuditTrail } from 'agent-assist-sdk/audit';
 *
 * const result = await verifyAuditTrail('calibration.audit.jsonl');
 * console.log(result.ok ? `${result.head.count} records, all as written` : result.problem.message);
 * ```
 */
export async function verifyAuditTrail(
  path: string,
  options: VerifyTrailOptions = {},
): Promise<AuditTrailVerification> {
  checkKind('path', path, 'a string');
  checkOptions('verifyAuditTrail', options, {
    expectedHead: 'an object',
    signal: signalKind,
  });
  return verifyFile(path, options, { signal: options.signal });
}

/**
 * Checks a head: without this check, any other value would compare as if the trail held it.
 *
 * @throws {@link ConfigurationError}
 */
function checkHead(head: AuditTrailHead): void {
  const { count, hash } = Object(head) as Partial<AuditTrailHead>;
  if (!Number.isSafeInteger(count) || Number(count) < 0 || !/^[\da-f]{64}$/.test(String(hash)))
    throw new ConfigurationError('expectedHead: expected the head of a trail, with count and hash');
}

/** Like {@link verifyAuditTrail}, for a part of the file. */
export async function verifyFile(
  path: string,
  { expectedHead }: VerifyTrailOptions,
  range: ReadOptions,
): Promise<AuditTrailVerification> {
  if (expectedHead !== undefined) checkHead(expectedHead);
  let head = EMPTY_HEAD;
  let rewritten = expectedHead?.count === 0 && expectedHead.hash !== EMPTY_HEAD.hash;
  for await (const { text, complete } of readLines(path, range)) {
    const seq = head.count + 1;
    if (!complete) return failed('torn', seq);
    const entry = parseLine(text);
    const intact = entry !== undefined && (await isIntact(text, entry));
    if (!intact || entry.previousHash !== head.hash) return explain(path, range, head, intact ? entry : undefined);
    if (entry.seq !== seq) return failed('changed', seq);
    head = { count: seq, hash: entry.hash };
    rewritten ||= seq === expectedHead?.count && entry.hash !== expectedHead.hash;
  }
  if (expectedHead !== undefined && head.count < expectedHead.count) return failed('removed', head.count + 1);
  return rewritten ? failed('rewritten', expectedHead?.count ?? 0) : { ok: true, head };
}

/**
 * Classifies the first line that does not follow `head`, by the links around it.
 *
 * @param entry - that line, if it is intact itself.
 */
async function explain(
  path: string,
  range: ReadOptions,
  head: AuditTrailHead,
  entry: AuditTrailEntry | undefined,
): Promise<AuditTrailVerification> {
  const here = head.count + 1;
  let line = 0;
  let predecessor = entry?.previousHash === EMPTY_HEAD.hash ? 0 : undefined;
  let isCopy = false;
  let chainGoesOn = false;
  for await (const { text } of readLines(path, range)) {
    line += 1;
    const other = line === here ? undefined : parseLine(text);
    if (other === undefined) continue;
    if (line > here) chainGoesOn ||= other.previousHash === head.hash;
    else if (other.hash === entry?.previousHash) predecessor = line;
    else isCopy ||= other.hash === entry?.hash;
  }
  if (predecessor !== undefined && entry?.seq === predecessor + 1 && !isCopy) return failed('forked', entry.seq);
  if (chainGoesOn || isCopy) return failed('inserted', here);
  if (entry === undefined) return failed('changed', here);
  if (predecessor !== undefined) return failed('inserted', predecessor + 1);
  // The line follows a missing record: one in between, or the original of the previous one.
  return entry.seq > here ? failed('removed', here) : failed('changed', Math.max(1, here - 1));
}
