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
  InteractionEvent,
  InteractionUpdate,
  TranscriptFragmentEvent,
  UnknownEvent,
} from './events.js';
import type { ProtocolLink } from './protocol.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Nearly every frame is well-formed, and a handwritten check costs a thirtieth of a schema's. The schema reads only the
 * other frames, to name the problem.
 */
interface EventRule {
  /** Looking up listeners by this constant is faster than by the parsed string. */
  readonly type: InteractionEvent['type'];
  readonly isWellFormed: (frame: JsonObject) => boolean;
  readonly schema: z.Schema<InteractionEvent>;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const insightDecision = (type: 'INSIGHT_ACCEPTED' | 'INSIGHT_REJECTED'): EventRule => ({
  type,
  schema: z.looseObject({
    type: oneOf([type]),
    interactionId: anyString,
    insightId: anyString,
    action: absentable(anyString),
  }),
  isWellFormed: (frame) =>
    isText(frame['interactionId']) && isText(frame['insightId']) && isTextOrAbsent(frame['action']),
});

const eventRules: readonly EventRule[] = [
  {
    type: 'INTERACTION_UPDATE',
    schema: z.looseObject({
      type: oneOf(['INTERACTION_UPDATE']),
      payload: z.looseObject({
        interactionId: anyString,
        transcript: anyString,
        sentimentScore: absentable(finiteNumber),
        agentId: absentable(anyString),
        context: absentable(jsonObject),
      } satisfies z.Fields<InteractionUpdate>),
    }),
    isWellFormed: ({ payload }) =>
      isRecord(payload) &&
      isText(payload['interactionId']) &&
      isText(payload['transcript']) &&
      (payload['sentimentScore'] === undefined || Number.isFinite(payload['sentimentScore'])) &&
      isTextOrAbsent(payload['agentId']) &&
      (payload['context'] === undefined || isRecord(payload['context'])),
  },
  {
    type: 'TRANSCRIPT_FRAGMENT',
    schema: z.looseObject({
      type: oneOf(['TRANSCRIPT_FRAGMENT']),
      interactionId: anyString,
      text: anyString,
      speaker: absentable(anyString),
      timestamp: absentable(anyString),
      sequence: absentable(integer),
      isFinal: absentable(flag),
      language: absentable(anyString),
    } satisfies z.Fields<TranscriptFragmentEvent>),
    isWellFormed: (frame) =>
      isText(frame['interactionId']) &&
      isText(frame['text']) &&
      isTextOrAbsent(frame['speaker']) &&
      isTextOrAbsent(frame['timestamp']) &&
      isTextOrAbsent(frame['language']) &&
      (frame['sequence'] === undefined || Number.isSafeInteger(frame['sequence'])) &&
      (frame['isFinal'] === undefined || typeof frame['isFinal'] === 'boolean'),
  },
  {
    type: 'DIALOG_STATE',
    schema: z.looseObject({
      type: oneOf(['DIALOG_STATE']),
      interactionId: anyString,
      state: anyString,
    } satisfies z.Fields<DialogStateEvent>),
    isWellFormed: (frame) => isText(frame['interactionId']) && isText(frame['state']),
  },
  insightDecision('INSIGHT_ACCEPTED'),
  insightDecision('INSIGHT_REJECTED'),
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
