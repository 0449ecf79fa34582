import type { AgentAssistError, Issue } from '../errors.js';
import { checkKind } from '../options.js';

/** State of an interaction in an {@link InteractionUpdateEvent}. */
export interface InteractionUpdate {
  readonly interactionId: string;
  /** The transcript so far, if the server sends it. */
  readonly transcript: string;
  /** The customer's sentiment; negative is unhappy. Absent if unknown. */
  readonly sentimentScore?: number | undefined;
  readonly agentId?: string | undefined;
  /** Further data of the tenant about the interaction. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly [field: string]: unknown;
}

/** `INTERACTION_UPDATE`: the state of an interaction changed (protocol 5). */
export interface InteractionUpdateEvent {
  readonly type: 'INTERACTION_UPDATE';
  /** The current state. */
  readonly payload: InteractionUpdate;
  readonly [field: string]: unknown;
}

/** `TRANSCRIPT_FRAGMENT`: a piece of live speech (protocol 5). */
export interface TranscriptFragmentEvent {
  readonly type: 'TRANSCRIPT_FRAGMENT';
  readonly interactionId: string;
  readonly text: string;
  /** Who spoke, e.g. `customer` or `agent`. */
  readonly speaker?: string | undefined;
  /** When it was said, as sent by the server: ISO 8601. */
  readonly timestamp?: string | undefined;
  /** Position of the fragment in its interaction, an integer. */
  readonly sequence?: number | undefined;
  /** `false` for interim text, which a later fragment replaces. */
  readonly isFinal?: boolean | undefined;
  /** Language of the text, a BCP 47 tag such as `en-US`. */
  readonly language?: string | undefined;
  readonly [field: string]: unknown;
}

/** `DIALOG_STATE`: someone fell silent, or a turn ended (protocol 5). */
export interface DialogStateEvent {
  readonly type: 'DIALOG_STATE';
  readonly interactionId: string;
  /** The state. Unknown states are passed on unchanged. */
  readonly state: 'AGENT_SILENT' | 'CUSTOMER_SILENT' | 'TURN_END' | (string & {});
  readonly [field: string]: unknown;
}

/** Common fields of the decisions about an insight. */
interface InsightDecision {
  readonly interactionId: string;
  readonly insightId: string;
  /** What the agent did. */
  readonly action?: string | undefined;
  readonly [field: string]: unknown;
}

/** `INSIGHT_ACCEPTED`: the agent used an insight (protocol 5). */
export interface InsightAcceptedEvent extends InsightDecision {
  readonly type: 'INSIGHT_ACCEPTED';
}

/** `INSIGHT_REJECTED`: the agent dismissed an insight (protocol 5). */
export interface InsightRejectedEvent extends InsightDecision {
  readonly type: 'INSIGHT_REJECTED';
}

/** `HEARTBEAT`: a sign of life from the server (protocol 5). It needs no reaction. Additional fields are kept. */
export interface HeartbeatEvent {
  readonly type: 'HEARTBEAT';
  readonly [field: string]: unknown;
}

/** An event that belongs to one interaction. Additional fields are kept. */
export type InteractionEvent =
  InteractionUpdateEvent | TranscriptFragmentEvent | DialogStateEvent | InsightAcceptedEvent | InsightRejectedEvent;

/** A well-formed event whose `type` this version does not recognize (protocol 5). */
export interface UnknownEvent {
  /** The type, as sent by the server. */
  readonly type: string;
  /** All fields, as sent by the server. */
  readonly [field: string]: unknown;
}

/**
 * A frame that could not be read: it is not JSON, does not have the shape of its type, is binary, or is too large. If
 * only an optional field could not be read, `event` is the event as delivered, without that field. Rejected content is
 * not included.
 */
export interface InvalidFrame<Event = InteractionEvent> {
  /** Each problem with its path. */
  readonly issues: readonly Issue[];
  /** The event as delivered. Absent if the frame was discarded. */
  readonly event?: Event | undefined;
}

/** A connection was established. */
export interface StreamOpened {
  /** Number of the connection: 1 for the first, 2 after the first reconnection, and so on. */
  readonly connection: number;
}

/** An open connection ended. `reconnecting` or `terminated` follows, or nothing after `close()`. */
export interface StreamClosed {
  /** Close code (RFC 6455 §7.4.1); 1006 if the connection broke without a close frame. */
  readonly code: number;
  /** The server's reason, with credentials removed. Often empty. */
  readonly reason: string;
}

/** The stream waits before it reconnects. */
export interface StreamReconnecting {
  /** Number of the attempt: 1 for the first after a stable connection. */
  readonly attempt: number;
  /** Delay before the attempt, in ms. */
  readonly delayMs: number;
  /** Why the last connection ended or failed. */
  readonly error: AgentAssistError;
}

/**
 * Events may have been lost here: the connection was replaced and the server has no replay (`reconnect`), or an
 * iteration dropped its oldest event (`overflow`). Fetch the state again if it matters.
 */
export interface StreamGap {
  /** Type of the item in an iteration. */
  readonly type: 'GAP';
  /** Cause of the gap. */
  readonly reason: 'reconnect' | 'overflow';
}

/** Item of an iteration: an event, or a gap where events may be missing. */
export type StreamItem<Event = InteractionEvent> = Event | StreamGap;

/** The server confirmed a topic on this connection. */
export interface StreamSubscribed {
  readonly topic: string;
}

/** A listener threw or rejected. The stream continues. */
export interface ListenerFailure {
  readonly error: unknown;
  /** Name of the event that it listened to. */
  readonly event: string;
}

/** The stream ended with an error, because a retry cannot help. */
export interface StreamTerminated {
  /** The error with which `connect()` and iterations reject. */
  readonly error: AgentAssistError;
}

/** The events of interactions, by name (protocol 5). */
export interface InteractionEvents {
  INTERACTION_UPDATE: InteractionUpdateEvent;
  TRANSCRIPT_FRAGMENT: TranscriptFragmentEvent;
  DIALOG_STATE: DialogStateEvent;
  INSIGHT_ACCEPTED: InsightAcceptedEvent;
  INSIGHT_REJECTED: InsightRejectedEvent;
}

/** The events of every stream, under any protocol, by name. */
export interface StreamLifecycleEvents<Event = InteractionEvent> {
  HEARTBEAT: HeartbeatEvent;
  unknown: UnknownEvent;
  invalid: InvalidFrame<Event>;
  open: StreamOpened;
  subscribed: StreamSubscribed;
  close: StreamClosed;
  gap: StreamGap;
  reconnecting: StreamReconnecting;
  error: ListenerFailure;
  terminated: StreamTerminated;
}

/** Argument of a listener, by the name of its event: those of the protocol, and those of every stream. */
export type AssistStreamEvents<Events extends object = InteractionEvents> = Events &
  StreamLifecycleEvents<Events[keyof Events]>;

/** Returns the id of the interaction that an event belongs to. @throws `ConfigurationError` for a value that is not an event. */
export function interactionIdOf(event: InteractionEvent): string {
  checkKind('event', event, 'an object');
  if (event.type !== 'INTERACTION_UPDATE') return event.interactionId;
  checkKind('event.payload', event.payload, 'an object');
  return event.payload.interactionId;
}
