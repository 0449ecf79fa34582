import { ConfigurationError, RecordingError } from '../../errors.js';
import { checkCounts, checkKind, checkOptions, signalKind } from '../../options.js';
import { parseObject, readLines } from '../lines.js';
import {
  canonicalLine,
  effectProblem,
  isCount,
  type AskedQuestion,
  type ReplayEnd,
  type ReplayHeader,
  type ReplayOutcome,
  type ReplayTotals,
} from './outcome.js';

/** How the outcome of one event changed between two replays. */
export interface ReplayChange {
  /** Number of the event in the recording, from 1. */
  readonly event: number;
  /** Time of the event since the start of the recording, in ms. */
  readonly offsetMs: number;
  readonly interactionId?: string | undefined;
  /** Questions that are asked now. */
  readonly asked: readonly AskedQuestion[];
  /** Questions that are no longer asked. */
  readonly notAsked: readonly AskedQuestion[];
  /** Cards or suggestions that are shown now. */
  readonly shown: readonly unknown[];
  /** Cards or suggestions that are no longer shown. */
  readonly notShown: readonly unknown[];
  /**
   * Status and error before and after, e.g. `fresh` and `fallback timeout`; empty for none. Absent if they are the
   * same. Also absent if an outcome without an error appeared or disappeared, because its questions and cards show
   * that.
   */
  readonly status?: readonly [before: string, after: string] | undefined;
  /** Additional calls; negative if there are fewer. */
  readonly calls: number;
}

/** Changes from one replay of a recording to another. */
export interface ReplayDiff {
  /** Whether nothing changed. */
  readonly equal: boolean;
  readonly before: ReplayTotals;
  readonly after: ReplayTotals;
  /** How many questions are asked now that were not asked before. */
  readonly asked: number;
  /** How many questions are no longer asked. */
  readonly notAsked: number;
  /** How many events show other cards or suggestions. */
  readonly changedCards: number;
  /**
   * How many events have another status. This includes events with an outcome in only one replay, if that outcome has
   * an error, or asks and shows nothing.
   */
  readonly changedStatus: number;
  /** How many events changed. */
  readonly changed: number;
  /** The first changes, in the order of the recording; at most `maxItems`. */
  readonly changes: readonly ReplayChange[];
}

/** Options of {@link compareReplays}. */
export interface CompareReplaysOptions {
  /** Limit of the changes that are listed. All are counted. @defaultValue 1,000 */
  readonly maxItems?: number | undefined;
  /** Aborts the reading with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares two replays of one recording event by event, with only two events in memory.
 *
 * @param before - file of the outcomes of one replay.
 * @param after - file of the outcomes of the other replay.
 * @throws (as rejection) `RecordingError` if a file cannot be read or is not complete; `ConfigurationError` if they are
 *   replays of different events; `AbortError`.
 */
export async function compareReplays(
  before: string,
  after: string,
  options: CompareReplaysOptions = {},
): Promise<ReplayDiff> {
  checkKind('before', before, 'a string');
  checkKind('after', after, 'a string');
  checkOptions('compareReplays', options, { maxItems: true, signal: signalKind });
  const { maxItems = 1000, signal } = options;
  checkCounts({ maxItems });
  const left = readLog(before, signal);
  const right = readLog(after, signal);
  const counts = { asked: 0, notAsked: 0, changedCards: 0, changedStatus: 0, changed: 0 };
  const changes: ReplayChange[] = [];
  try {
    let [{ value: old }, { value: now }] = [await left.next(), await right.next()];
    if (old.type === 'replay' && now.type === 'replay' && old.startedAt !== now.startedAt)
      throw differentEvents(before, after);
    [{ value: old }, { value: now }] = [await left.next(), await right.next()];
    while (old.type === 'outcome' || now.type === 'outcome') {
      const number = Math.min(numberOf(old), numberOf(now));
      const a = old.type === 'outcome' && old.event === number ? old : undefined;
      const b = now.type === 'outcome' && now.event === number ? now : undefined;
      const change = changeOf(a, b);
      if (change !== undefined) {
        counts.changed += 1;
        counts.asked += change.asked.length;
        counts.notAsked += change.notAsked.length;
        if (change.shown.length + change.notShown.length > 0) counts.changedCards += 1;
        if (change.status !== undefined) counts.changedStatus += 1;
        if (changes.length < maxItems) changes.push(change);
      }
      if (a !== undefined) ({ value: old } = await left.next());
      if (b !== undefined) ({ value: now } = await right.next());
    }
    if (old.type !== 'end' || now.type !== 'end' || old.digest !== now.digest) throw differentEvents(before, after);
    return { equal: counts.changed === 0, before: totalsOf(old), after: totalsOf(now), ...counts, changes };
  } finally {
    for (const log of [left, right]) await log.return(undefined as never);
  }
}

const numberOf = (line: ReplayHeader | ReplayOutcome | ReplayEnd): number =>
  line.type === 'outcome' ? line.event : Infinity;

const totalsOf = ({ events, outcomes, asked, shown, calls }: ReplayEnd): ReplayTotals => ({
  events,
  outcomes,
  asked,
  ...(shown !== undefined && { shown }),
  calls,
});

function differentEvents(before: string, after: string): ConfigurationError {
  return new ConfigurationError(`${before} and ${after} are replays of different events`);
}

function changeOf(before: ReplayOutcome | undefined, after: ReplayOutcome | undefined): ReplayChange | undefined {
  const either = after ?? before;
  if (either === undefined) return undefined;
  const asked = differences(before, after, ({ asked: questions }) => questions, questionKey);
  const shown = differences(before, after, ({ shown: cards = [] }) => cards, identity);
  const status = [statusOf(before), statusOf(after)] as const;
  const calls = (after?.calls ?? 0) - (before?.calls ?? 0);
  // The same cards in another order are another view.
  const isReordered = shown.added.length + shown.removed.length === 0 && orderOf(before) !== orderOf(after);
  const hasStatus = status[0] !== status[1] && [before, after].every(saysMoreThanItsContent);
  const isSame =
    calls === 0 &&
    !hasStatus &&
    !isReordered &&
    [asked, shown].every(({ added, removed }) => added.length + removed.length === 0);
  if (isSame) return undefined;
  return {
    event: either.event,
    offsetMs: either.offsetMs,
    ...(either.interactionId !== undefined && { interactionId: either.interactionId }),
    asked: asked.added,
    notAsked: asked.removed,
    shown: isReordered ? (either.shown ?? []) : shown.added,
    notShown: isReordered ? (before?.shown ?? []) : shown.removed,
    ...(hasStatus && { status }),
    calls,
  };
}

/** The reasons of a question may change while it stays the same question. */
const questionKey = ({ call = '', text }: AskedQuestion): unknown => [call, text];
const identity = (item: unknown): unknown => item;
const orderOf = (outcome: ReplayOutcome | undefined): string => canonicalLine({ shown: outcome?.shown ?? [] });
const statusOf = (outcome: ReplayOutcome | undefined): string =>
  [outcome?.status, outcome?.error].filter((part) => part !== undefined).join(' ');

/** Whether the status of an event that has an outcome in one replay only is a change of its own. */
function saysMoreThanItsContent(outcome: ReplayOutcome | undefined, _: number, sides: readonly unknown[]): boolean {
  if (outcome === undefined || !sides.includes(undefined)) return true;
  const { error, asked, shown = [] } = outcome;
  return error !== undefined || asked.length + shown.length === 0;
}

/**
 * Returns the items of one outcome only; equal items count as often as they occur, and the same item for another
 * interaction is another one.
 */
function differences<T>(
  before: ReplayOutcome | undefined,
  after: ReplayOutcome | undefined,
  itemsOf: (outcome: ReplayOutcome) => readonly T[],
  keyOf: (item: T) => unknown,
): { readonly added: readonly T[]; readonly removed: readonly T[] } {
  const keyIn =
    (outcome: ReplayOutcome | undefined) =>
    (item: T): string =>
      canonicalLine([outcome?.interactionId ?? null, keyOf(item)]);
  const left = Map.groupBy(before === undefined ? [] : itemsOf(before), keyIn(before));
  const keyAfter = keyIn(after);
  const added = (after === undefined ? [] : itemsOf(after)).filter(
    (item) => left.get(keyAfter(item))?.shift() === undefined,
  );
  return { added, removed: [...left.values()].flat() };
}

/** Yields the header of a log and its outcomes, and returns its end. */
async function* readLog(
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReplayHeader | ReplayOutcome, ReplayEnd, undefined> {
  let number = 0;
  const broken = (problem: string): RecordingError => new RecordingError('broken', path, problem, { line: number });
  for await (const lines of readLines(path, signal))
    for (const text of lines) {
      number += 1;
      const line = parseObject(text, broken);
      if (number === 1) {
        if (line['type'] !== 'replay' || line['version'] !== 1) throw broken('is not the header of a replay');
        yield line as unknown as ReplayHeader;
      } else if (line['type'] === 'end') {
        const { events, outcomes, asked: questions, shown: cards, calls: made, digest } = line;
        if (![events, outcomes, questions, cards ?? 0, made].every(isCount) || typeof digest !== 'string')
          throw broken('is not the end of a replay');
        return line as unknown as ReplayEnd;
      } else {
        if (line['type'] !== 'outcome' || !isCount(line['event']) || effectProblem(line) !== undefined)
          throw broken('expected an outcome');
        yield line as unknown as ReplayOutcome;
      }
    }
  throw broken(number === 0 ? 'is not the header of a replay' : 'the replay did not end');
}
