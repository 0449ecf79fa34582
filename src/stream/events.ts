import type { AgentAssistError, Issue } from '../errors.js';

/** What is known of an interaction at the moment of an {@link InteractionUpdateEvent}. */
export interface InteractionUpdate {
  /** The conversation that this is about. */
  readonly interactionId: string;
  /** What has been said, as far as the server sends it. */
  readonly transcript: string;
  /** The customer's sentiment; negative numbers are unhappy. Absent where it is not known. */
  readonly sentimentScore?: number | undefined;
  /** The agent who holds the conversation. */
  readonly agentId?: string | undefined;
  /** Whatever else the tenant knows of the conversation. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** Fields that a tenant adds are kept. */
  readonly [field: string]: unknown;
}

/** `INTERACTION_UPDATE`: the state of an interaction has changed (protocol 5). */
export interface InteractionUpdateEvent {
  /** Name of the event. */
  readonly type: 'INTERACTION_UPDATE';
  /** The interaction as it is now. */
  readonly payload: InteractionUpdate;
  /** Fields that a tenant adds are kept. */
  readonly [field: string]: unknown;
}

/**
 * `TRANSCRIPT_FRAGMENT`: a piece of what is being said (protocol 5). On the wire the optional fields have the same names:
 * `speaker`, `timestamp`, `sequence`, `isFinal`, `language`.
 */
export interface TranscriptFragmentEvent {
  /** Name of the event. */
  readonly type: 'TRANSCRIPT_FRAGMENT';
  /** The conversation that this belongs to. */
  readonly interactionId: string;
  /** The piece of text. */
  readonly text: string;
  /** Who spoke, e.g. `customer` or `agent`. */
  readonly speaker?: string | undefined;
  /** When it was said, as the server writes it: ISO 8601. */
  readonly timestamp?: string | undefined;
  /** Position of the fragment in its conversation, a whole number. */
  readonly sequence?: number | undefined;
  /** `false` for interim text, which a later fragment replaces. */
  readonly isFinal?: boolean | undefined;
  /** Language of the text, a BCP 47 tag such as `en-US`. */
  readonly language?: string | undefined;
  /** Fields that a tenant adds are kept. */
  readonly [field: string]: unknown;
}

/** `DIALOG_STATE`: who is silent, whose turn has ended (protocol 5). */
export interface DialogStateEvent {
  /** Name of the event. */
  readonly type: 'DIALOG_STATE';
  /** The conversation that this belongs to. */
  readonly interactionId: string;
  /** The state; one that this version does not know is passed on as it is. */
  readonly state: 'AGENT_SILENT' | 'CUSTOMER_SILENT' | 'TURN_END' | (string & {});
  /** Fields that a tenant adds are kept. */
  readonly [field: string]: unknown;
}

/** What both decisions about an insight carry. */
interface InsightDecision {
  /** The conversation that this belongs to. */
  readonly interactionId: string;
  /** The insight that the agent decided on. */
  readonly insightId: string;
  /** What the agent did. */
  readonly action?: string | undefined;
  /** Fields that a tenant adds are kept. */
  readonly [field: string]: unknown;
}

/** `INSIGHT_ACCEPTED`: the agent used an insight (protocol 5). */
export interface InsightAcceptedEvent extends InsightDecision {
  /** Name of the event. */
  readonly type: 'INSIGHT_ACCEPTED';
}

/** `INSIGHT_REJECTED`: the agent dismissed an insight (protocol 5). */
export interface InsightRejectedEvent extends InsightDecision {
  /** Name of the event. */
  readonly type: 'INSIGHT_REJECTED';
}

/** `HEARTBEAT`: the server is there (protocol 5). The stream counts it as life; nothing needs to be done. */
export interface HeartbeatEvent {
  /** Name of the event. */
  readonly type: 'HEARTBEAT';
  /** Fields that a tenant adds are kept. */
  readonly [field: string]: unknown;
}

/** An event that belongs to one interaction. */
export type InteractionEvent =
  InteractionUpdateEvent | TranscriptFragmentEvent | DialogStateEvent | InsightAcceptedEvent | InsightRejectedEvent;

/** A well-formed event whose `type` this version does not know (protocol 5). */
export interface UnknownEvent {
  /** The type that the server gave it. */
  readonly type: string;
  /** All its fields, as they came. */
  readonly [field: string]: unknown;
}

/**
 * A frame that is no event: not JSON, not of its type's shape, binary, or too large. Or an event of which only an optional
 * field could not be read: `event` is then what was delivered, without that field. Rejected content is not repeated here.
 */
export interface InvalidFrame {
  /** Every reason, each with its path. */
  readonly issues: readonly Issue[];
  /** The event as it was delivered; absent when the frame was discarded. */
  readonly event?: InteractionEvent | undefined;
}

/** A connection has been established. */
export interface StreamOpened {
  /** 1 for the first connection of this stream, 2 for the one after the first reconnection, and so on. */
  readonly connection: number;
}

/** A connection that had been open has ended. `reconnecting`, `terminated` or nothing (after `close()`) follows. */
export interface StreamClosed {
  /** Close code (RFC 6455 §7.4.1); 1006 when the connection broke without one. */
  readonly code: number;
  /** The server's own words, with credentials removed. Often empty. */
  readonly reason: string;
}

/** The stream is about to wait and then to connect again. */
export interface StreamReconnecting {
  /** 1 for the first attempt after a stable connection. */
  readonly attempt: number;
  /** The wait before the attempt, in ms. */
  readonly delayMs: number;
  /** Why the last connection ended, or was not established. */
  readonly error: AgentAssistError;
}

/**
 * Events may have been lost here: the connection was replaced and the server has no replay (`reconnect`), or the buffer of
 * an iteration dropped its oldest (`overflow`). Read again what must not be missed.
 */
export interface StreamGap {
  /** Name of the item in an iteration. */
  readonly type: 'GAP';
  /** How events may have been lost. */
  readonly reason: 'reconnect' | 'overflow';
}

/** What an iteration over the stream yields: events, and the places where some may be missing. */
export type StreamItem = InteractionEvent | StreamGap;

/** A listener has thrown, or its promise has rejected. The stream goes on. */
export interface ListenerFailure {
  /** What the listener threw. */
  readonly error: unknown;
  /** The event that it was listening to. */
  readonly event: keyof AssistStreamEvents;
}

/** The stream has ended for good, since repeating cannot help. */
export interface StreamTerminated {
  /** Why; `connect()` and iterations reject with the same error. */
  readonly error: AgentAssistError;
}

/** What listeners receive, by the name of the event. */
export interface AssistStreamEvents {
  /** The state of an interaction has changed. */
  INTERACTION_UPDATE: InteractionUpdateEvent;
  /** A piece of what is being said. */
  TRANSCRIPT_FRAGMENT: TranscriptFragmentEvent;
  /** Who is silent, whose turn has ended. */
  DIALOG_STATE: DialogStateEvent;
  /** The agent used an insight. */
  INSIGHT_ACCEPTED: InsightAcceptedEvent;
  /** The agent dismissed an insight. */
  INSIGHT_REJECTED: InsightRejectedEvent;
  /** The server is there. */
  HEARTBEAT: HeartbeatEvent;
  /** A well-formed event of a type that this version does not know. */
  unknown: UnknownEvent;
  /** A frame that is no event. */
  invalid: InvalidFrame;
  /** A connection has been established. */
  open: StreamOpened;
  /** A connection that had been open has ended. */
  close: StreamClosed;
  /** Events may have been lost. */
  gap: StreamGap;
  /** The stream is about to wait and then to connect again. */
  reconnecting: StreamReconnecting;
  /** A listener has thrown or rejected. */
  error: ListenerFailure;
  /** The stream has ended for good, by an error. */
  terminated: StreamTerminated;
}

/** The interaction that an event belongs to. */
export function interactionIdOf(event: InteractionEvent): string {
  return event.type === 'INTERACTION_UPDATE' ? event.payload.interactionId : event.interactionId;
}
