import * as z from 'zod/mini';
import type { Issue } from '../errors.js';
import { absentable, anyString, finiteNumber, flag, integer, jsonObject, readLeniently } from '../http/internal.js';
import { isRecord, parseJson } from '../json.js';
import type {
  DialogStateEvent,
  HeartbeatEvent,
  InsightAcceptedEvent,
  InsightRejectedEvent,
  InteractionEvent,
  InteractionUpdateEvent,
  TranscriptFragmentEvent,
  UnknownEvent,
} from './events.js';

type JsonObject = Readonly<Record<string, unknown>>;

const interactionUpdate: z.ZodMiniType<InteractionUpdateEvent> = z.looseObject({
  type: z.literal('INTERACTION_UPDATE'),
  payload: z.looseObject({
    interactionId: anyString,
    transcript: anyString,
    sentimentScore: absentable(finiteNumber),
    agentId: absentable(anyString),
    context: absentable(jsonObject),
  }),
});

const transcriptFragment: z.ZodMiniType<TranscriptFragmentEvent> = z.looseObject({
  type: z.literal('TRANSCRIPT_FRAGMENT'),
  interactionId: anyString,
  text: anyString,
  speaker: absentable(anyString),
  timestamp: absentable(anyString),
  sequence: absentable(integer),
  isFinal: absentable(flag),
  language: absentable(anyString),
});

const dialogState: z.ZodMiniType<DialogStateEvent> = z.looseObject({
  type: z.literal('DIALOG_STATE'),
  interactionId: anyString,
  state: anyString,
});

const insightDecision = { interactionId: anyString, insightId: anyString, action: absentable(anyString) };

const insightAccepted: z.ZodMiniType<InsightAcceptedEvent> = z.looseObject({
  type: z.literal('INSIGHT_ACCEPTED'),
  ...insightDecision,
});

const insightRejected: z.ZodMiniType<InsightRejectedEvent> = z.looseObject({
  type: z.literal('INSIGHT_REJECTED'),
  ...insightDecision,
});

/**
 * Nearly every frame is well-formed, and a handwritten check costs a thirtieth of a schema's. The schema reads only the
 * other frames, to name the problem.
 */
interface EventRule {
  /** Looking up listeners by this constant is faster than by the parsed string. */
  readonly type: InteractionEvent['type'];
  readonly isWellFormed: (frame: JsonObject) => boolean;
  readonly schema: z.ZodMiniType<InteractionEvent>;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isInsightDecision = (frame: JsonObject): boolean =>
  isText(frame['interactionId']) && isText(frame['insightId']) && isTextOrAbsent(frame['action']);

const eventRules: readonly EventRule[] = [
  {
    type: 'INTERACTION_UPDATE',
    schema: interactionUpdate,
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
    schema: transcriptFragment,
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
    schema: dialogState,
    isWellFormed: (frame) => isText(frame['interactionId']) && isText(frame['state']),
  },
  { type: 'INSIGHT_ACCEPTED', schema: insightAccepted, isWellFormed: isInsightDecision },
  { type: 'INSIGHT_REJECTED', schema: insightRejected, isWellFormed: isInsightDecision },
];

/** The schema of each event by its `type`, for the AsyncAPI document. */
export const eventSchemas: ReadonlyMap<string, z.ZodMiniType> = new Map(
  eventRules.map(({ type, schema }) => [type, schema]),
);

/** A text frame that was read. */
export type Frame =
  | {
      readonly kind: 'event';
      readonly type: InteractionEvent['type'];
      readonly event: InteractionEvent;
      /** Optional fields that could not be read; they are not part of `event`. */
      readonly omitted: readonly Issue[] | undefined;
    }
  | { readonly kind: 'heartbeat'; readonly event: HeartbeatEvent }
  | { readonly kind: 'unknown'; readonly event: UnknownEvent }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

const invalid = (path: string, message: string): Frame => ({ kind: 'invalid', issues: [{ path, message }] });

/** Reads a text frame (protocol 5). Never throws; issues quote nothing of the frame. */
export function parseFrame(text: string): Frame {
  let frame: unknown;
  try {
    frame = parseJson(text);
  } catch (error) {
    return invalid('', (error as SyntaxError).message);
  }
  if (!isRecord(frame)) return invalid('', 'expected a JSON object');
  const type = frame['type'];
  if (typeof type !== 'string') return invalid('type', 'expected string');
  // Faster than a Map, which would hash a string that was just parsed.
  const rule = eventRules.find((known) => known.type === type);
  if (rule !== undefined) return applyRule(rule, frame);
  if (type === 'HEARTBEAT') return { kind: 'heartbeat', event: frame as HeartbeatEvent };
  return { kind: 'unknown', event: frame as UnknownEvent };
}

function applyRule(rule: EventRule, frame: JsonObject): Frame {
  const { type } = rule;
  // The compiler cannot follow the check of each type's fields.
  if (rule.isWellFormed(frame))
    return { kind: 'event', type, event: frame as unknown as InteractionEvent, omitted: undefined };
  // Malformed, or with `null` for an absent field.
  const reading = readLeniently(rule.schema, frame);
  if (!reading.success) return { kind: 'invalid', issues: reading.issues };
  const omitted = reading.omitted.map(({ path, message }) => ({ path, message }));
  return { kind: 'event', type, event: reading.data, omitted: omitted.length > 0 ? omitted : undefined };
}
