import canonicalize from 'canonicalize';
import { ConfigurationError } from '../../errors.js';
import { isRecord, parseJson } from '../../json.js';
import { mapTree } from '../record/tree.js';

/** A question that an event led to. */
export interface AskedQuestion {
  /** What was asked: the transcript, the query, or the whole body as canonical JSON. */
  readonly text: string;
  /** Method and path, if it was a call. */
  readonly call?: string | undefined;
  /** Why it was asked, e.g. `keyword refund`, `sentiment`; in the order of the triggers. */
  readonly reasons?: readonly string[] | undefined;
}

/** The effect of an event, as JSON. */
export interface ReplayEffect {
  /** The interaction, if there is one. */
  readonly interactionId?: string | undefined;
  /** Status of the outcome, e.g. that of an `AssistOutcome`. */
  readonly status?: string | undefined;
  /** Code of the error, if it failed. */
  readonly error?: string | undefined;
  readonly asked: readonly AskedQuestion[];
  /** Cards or suggestions that the agent saw, in order; absent if the target does not know. */
  readonly shown?: readonly unknown[] | undefined;
  /** How many calls it cost. */
  readonly calls: number;
}

/** An effect and its event: a line of the log of a replay. */
export interface ReplayOutcome extends ReplayEffect {
  readonly type: 'outcome';
  /** Number of the event in the recording, from 1. */
  readonly event: number;
  /** Time of the event since the start of the recording, in ms. */
  readonly offsetMs: number;
}

/** Sums of a replay. */
export interface ReplayTotals {
  /** Events that the target received. */
  readonly events: number;
  /** Events that led to something. */
  readonly outcomes: number;
  readonly asked: number;
  /** Cards or suggestions that were shown; absent if no outcome reported any. */
  readonly shown?: number | undefined;
  readonly calls: number;
}

/** The first line of a log. */
export interface ReplayHeader {
  readonly type: 'replay';
  readonly version: 1;
  /** When the recording began; absent if nothing was replayed. */
  readonly startedAt?: string | undefined;
}

/** The last line of a log; without it the replay did not end. */
export interface ReplayEnd extends ReplayTotals {
  readonly type: 'end';
  /** SHA-256 of the events that the target received, in hex. */
  readonly digest: string;
}

/** Whether a value can be a number of events, calls and so on. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * Returns a line of a log: canonical JSON (RFC 8785), in which a lone surrogate became U+FFFD.
 *
 * @throws {@link ConfigurationError} for what JSON cannot express.
 */
export function canonicalLine(value: object): string {
  try {
    // Half the time of `canonicalize`, for each outcome of a replay.
    const text = JSON.stringify(sortedCopy(value));
    // RFC 8785 has no lone surrogates, which JSON escapes.
    if (!text.includes('\\ud')) return `${text}\n`;
  } catch {
    // Cannot be sorted by a copy.
  }
  return `${canonicalText(value) ?? ''}\n`;
}

/** Returns a copy of plain JSON with its fields in the order of RFC 8785; throws for anything else. */
function sortedCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedCopy);
  if (!isRecord(value)) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) throw new TypeError('not plain');
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) {
    // Numbers come first in every object.
    if (/^\d|^__proto__$/.test(name)) throw new TypeError('cannot be sorted');
    copy[name] = sortedCopy(value[name]);
  }
  return copy;
}

function canonicalText(value: object): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    // RFC 8785 has neither lone surrogates nor numbers that are not finite.
  }
  try {
    return canonicalize(
      mapTree(parseJson(JSON.stringify(value)), {
        leaf: (leaf) => (typeof leaf === 'string' ? leaf.toWellFormed() : leaf),
        field: (name) => name.toWellFormed(),
      }),
    );
  } catch {
    throw new ConfigurationError('deliver: the effect cannot be written as JSON');
  }
}

/**
 * Returns what a target returned: a replay sums it, and a gate judges it, so that a wrong type would go unnoticed.
 *
 * @throws {@link ConfigurationError} with the name of the field that is not part of an effect.
 */
export function checkedEffect(effect: unknown): ReplayEffect {
  const problem = effectProblem(effect);
  if (problem !== undefined) throw new ConfigurationError(`deliver: ${problem}`);
  return effect as ReplayEffect;
}

const TEXTS = ['interactionId', 'status', 'error'] as const;

export function effectProblem(effect: unknown): string | undefined {
  if (!isRecord(effect)) return 'expected the effect of the event, or undefined for none';
  const { asked, shown, calls } = effect;
  if (!Array.isArray(asked)) return 'asked: expected a list of questions';
  for (let index = 0; index < asked.length; index += 1) {
    const problem = questionProblem(asked[index]);
    if (problem !== undefined) return `asked[${index}]${problem}`;
  }
  if (shown !== undefined && !Array.isArray(shown)) return 'shown: expected a list';
  if (!isCount(calls)) return 'calls: expected an integer of at least 0';
  const wrong = TEXTS.find((name) => !isText(effect[name]));
  return wrong === undefined ? undefined : `${wrong}: expected a string`;
}

function questionProblem(question: unknown): string | undefined {
  if (!isRecord(question)) return ': expected a question';
  const { text, call, reasons = [] } = question;
  if (typeof text !== 'string') return '.text: expected a string';
  if (!isText(call)) return '.call: expected a string';
  if (!Array.isArray(reasons)) return '.reasons: expected a list of strings';
  const wrong = reasons.findIndex((reason) => typeof reason !== 'string');
  return wrong === -1 ? undefined : `.reasons[${wrong}]: expected a string`;
}

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
