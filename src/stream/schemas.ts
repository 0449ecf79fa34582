import * as z from '../schema.js';
import {
  absentable,
  anyString,
  finiteNumber,
  flag,
  integer,
  jsonObject,
  oneOf,
  readLeniently,
} from '../http/internal.js';
import { isRecord, parseJson } from '../json.js';
import type {
  DialogStateEvent,
  HeartbeatEvent,
  InsightAcceptedEvent,
  InsightRejectedEvent,
  InteractionEvent,
  InteractionUpdate,
  InteractionUpdateEvent,
  TranscriptFragmentEvent,
  UnknownEvent,
} from './events.js';
import type { ProtocolLink } from './protocol.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * How a part of an event is checked. Nearly every frame is well-formed, and `isWellFormed` costs far less than the schema,
 * which reads only the other frames, to name the problem.
 */
interface Rule<T> {
  readonly isWellFormed: (value: unknown) => boolean;
  readonly schema: z.Schema<T>;
}

/** A rule for each field that a type names. */
type Rules<T> = { readonly [Name in keyof T as string extends Name ? never : Name]-?: Rule<T[Name]> };

const text: Rule<string> = { isWellFormed: (value) => typeof value === 'string', schema: anyString };
const object = { isWellFormed: isRecord, schema: jsonObject };

const maybe = <T>({ isWellFormed, schema }: Rule<T>): Rule<T | undefined> => ({
  isWellFormed: (value) => value === undefined || isWellFormed(value),
  schema: absentable(schema),
});

function fieldsOf<T>(rules: Rules<T>): Rule<T> {
  const fields = Object.entries<Rule<unknown>>(rules as Readonly<Record<string, Rule<unknown>>>);
  return {
    isWellFormed: (value) => isRecord(value) && fields.every(([name, rule]) => rule.isWellFormed(value[name])),
    schema: z.looseObject(
      Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
    ) as unknown as z.Schema<T>,
  };
}

interface EventRule extends Rule<InteractionEvent> {
  /** Looking up listeners by this constant is faster than by the parsed string. */
  readonly type: InteractionEvent['type'];
}

function eventRule<E extends InteractionEvent>(type: E['type'], rules: Omit<Rules<E>, 'type'>): EventRule {
  const ownType = { isWellFormed: (value: unknown) => value === type, schema: oneOf([type]) };
  return { type, ...(fieldsOf<E>({ type: ownType, ...rules } as Rules<E>) as unknown as Rule<InteractionEvent>) };
}

const decision = { interactionId: text, insightId: text, action: maybe(text) };

const eventRules: readonly EventRule[] = [
  eventRule<InteractionUpdateEvent>('INTERACTION_UPDATE', {
    payload: fieldsOf<InteractionUpdate>({
      interactionId: text,
      transcript: text,
      sentimentScore: maybe({ isWellFormed: Number.isFinite, schema: finiteNumber }),
      agentId: maybe(text),
      context: maybe(object),
    }),
  }),
  eventRule<TranscriptFragmentEvent>('TRANSCRIPT_FRAGMENT', {
    interactionId: text,
    text,
    speaker: maybe(text),
    timestamp: maybe(text),
    sequence: maybe({ isWellFormed: Number.isSafeInteger, schema: integer }),
    isFinal: maybe({ isWellFormed: (value) => typeof value === 'boolean', schema: flag }),
    language: maybe(text),
  }),
  eventRule<DialogStateEvent>('DIALOG_STATE', { interactionId: text, state: text }),
  eventRule<InsightAcceptedEvent>('INSIGHT_ACCEPTED', decision),
  eventRule<InsightRejectedEvent>('INSIGHT_REJECTED', decision),
];

/** The schema of each event by its `type`, for the AsyncAPI document. */
export const eventSchemas: ReadonlyMap<string, z.Schema> = new Map(
  eventRules.map(({ type, schema }) => [type, schema]),
);

/** Reads a text frame (protocol 5) and reports it. Issues quote nothing of the frame. */
export function readFrame(text: string, link: Pick<ProtocolLink, 'emit' | 'heartbeat' | 'unknown' | 'invalid'>): void {
  let frame: unknown;
  try {
    frame = parseJson(text);
  } catch (error) {
    link.invalid([{ path: '', message: (error as SyntaxError).message }]);
    return;
  }
  if (!isRecord(frame)) {
    link.invalid([{ path: '', message: 'expected a JSON object' }]);
    return;
  }
  const type = frame['type'];
  // Faster than a Map, which would hash a string that was just parsed.
  const rule = eventRules.find((known) => known.type === type);
  // The compiler cannot follow the check of each type's fields.
  if (rule?.isWellFormed(frame) === true) link.emit(rule.type, frame as unknown as InteractionEvent);
  else if (rule !== undefined) readUnusual(rule, frame, link);
  else if (typeof type !== 'string') link.invalid([{ path: 'type', message: 'expected string' }]);
  else if (type === 'HEARTBEAT') link.heartbeat(frame as HeartbeatEvent);
  else link.unknown(frame as UnknownEvent);
}

/** Reads an event that is malformed, or has `null` for an absent field. */
function readUnusual(
  { type, schema }: EventRule,
  frame: JsonObject,
  link: Pick<ProtocolLink, 'emit' | 'invalid'>,
): void {
  const reading = readLeniently(schema, frame);
  if (!reading.success) {
    link.invalid(reading.issues);
    return;
  }
  const omitted = reading.omitted.map(({ path, message }) => ({ path, message }));
  link.emit(type, reading.data, omitted.length > 0 ? omitted : undefined);
}
