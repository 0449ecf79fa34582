import type { InteractionUpdateEvent, TranscriptFragmentEvent } from '../../stream/index.js';

/** A suggested response for the agent. */
export interface SuggestedResponse {
  readonly text: string;
  /** 0 to 1. Google's answers have one; Copilot's have none. */
  readonly confidence?: number | undefined;
}

/** An answer from a knowledge base. */
export interface KnowledgeAnswer {
  /** `kbAnswerUid` of Copilot, for feedback on the answer. */
  readonly id?: string | undefined;
  /** Title, or the question that it answers. */
  readonly title: string;
  /** The answer, or the matching parts of the article. */
  readonly text: string;
  /** Link to the article. */
  readonly url?: string | undefined;
  /** 0 to 1. Google's answers have one; Copilot's have none. */
  readonly confidence?: number | undefined;
  /** Whether the answer is only for the company's own staff. */
  readonly isInternal: boolean;
}

/** Common fields of {@link AssistCardEvent}. */
export interface AssistCardBase {
  readonly type: 'ASSIST_CARD';
  /** Id of the contact. */
  readonly interactionId: string;
  /** Source of the card: Agent Copilot, or Google's Agent Assist through CXone (CCAI). */
  readonly source: 'copilot' | 'ccai';
  /** Kind of content as its source names it, e.g. `nextBestResponse`, `kbCombo`, `suggestFaqAnswersResponse`. */
  readonly contentType: string;
  /** How Copilot displays it: `AdaptiveCard`, `Text` or `finalSummary`. */
  readonly cardType?: string | undefined;
  readonly objectId?: string | undefined;
  /** Why the content is missing. */
  readonly errorMessage?: string | undefined;
  /** Time of creation, as the server wrote it. */
  readonly timestamp?: string | undefined;
  /** The utterance that the card answers, if any. */
  readonly transcript?: string | undefined;
  /** The raw content; JSON inside of a text is parsed. */
  readonly content: unknown;
}

/**
 * `ASSIST_CARD`: a card for the agent. `kind` says what the SDK recognized; `other` is a card of unpublished shape, or
 * one that lacks the fields of its kind.
 */
export type AssistCardEvent = AssistCardBase &
  (
    | { readonly kind: 'responses'; readonly responses: readonly SuggestedResponse[] }
    | {
        readonly kind: 'knowledge';
        readonly answers: readonly KnowledgeAnswer[];
        /** Id of the answered utterance, for feedback. */
        readonly utteranceId?: string | undefined;
      }
    | { readonly kind: 'summary'; readonly text: string }
    | { readonly kind: 'state'; readonly state: string; readonly utteranceId?: string | undefined }
    | {
        readonly kind: 'workflow';
        readonly title?: string | undefined;
        readonly text?: string | undefined;
        /** As the server wrote it, e.g. `success`, `timeout`, `ongoing`. */
        readonly status: string;
      }
    | { readonly kind: 'other' }
  );

/** `GUIDANCE_ALERT`: an alert of real-time guidance for the agent. */
export interface GuidanceAlertEvent {
  readonly type: 'GUIDANCE_ALERT';
  /** Id of the contact, if the message has one. */
  readonly interactionId?: string | undefined;
  readonly name: string;
  /** What the agent should do. */
  readonly description?: string | undefined;
  /** The whole message. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** `CONTACT_SUMMARY`: the summary of a contact that has ended (auto-summary). */
export interface ContactSummaryEvent {
  readonly type: 'CONTACT_SUMMARY';
  /** Id of the master contact; the message has no other. */
  readonly interactionId?: string | undefined;
  /** The summary; empty if it failed. */
  readonly text: string;
  /** Why the summary is missing, e.g. `CALL_TOO_SHORT`. */
  readonly error?: string | undefined;
  /** Language, e.g. `en-US`. */
  readonly language?: string | undefined;
  /** The whole message. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** `COPILOT_HEALTH`: a message of the topic {@link copilotHealthTopic}. Its fields are not published. */
export interface CopilotHealthEvent {
  readonly type: 'COPILOT_HEALTH';
  readonly agentId: string;
  /** The whole message. */
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * `SERVER_ERROR`: the server refused something, usually a topic, and keeps the connection. It does not say what it
 * refused.
 */
export interface ServerErrorEvent {
  readonly type: 'SERVER_ERROR';
  readonly code?: number | undefined;
  /** The server's message, without tokens. */
  readonly message: string;
}

/** The events of {@link notificationProtocol}, by name. */
export interface NotificationEvents {
  INTERACTION_UPDATE: InteractionUpdateEvent;
  TRANSCRIPT_FRAGMENT: TranscriptFragmentEvent;
  ASSIST_CARD: AssistCardEvent;
  GUIDANCE_ALERT: GuidanceAlertEvent;
  CONTACT_SUMMARY: ContactSummaryEvent;
  COPILOT_HEALTH: CopilotHealthEvent;
  SERVER_ERROR: ServerErrorEvent;
}

/** An event of {@link notificationProtocol}. */
export type NotificationEvent = NotificationEvents[keyof NotificationEvents];

/** Scale of the sentiment scores of a team's Enlighten model, as configured in the Agent Assist Hub. */
export interface SentimentScale {
  /** GUID of the model. @defaultValue any model with the tag `sentiment` */
  readonly modelGuid?: string | undefined;
  /** Lowest score; becomes −1. */
  readonly min: number;
  /** Highest score; becomes 1. */
  readonly max: number;
}

/** Options of {@link notificationProtocol}. */
export interface NotificationProtocolOptions {
  /**
   * Interval of the heartbeats in ms. The connection ends after three unacknowledged ones in a row.
   *
   * @defaultValue 20,000
   */
  readonly heartbeatIntervalMs?: number | undefined;
  /**
   * Token of the heartbeats: `none`, as for Copilot, or the `connection`'s token, as for guidance and summaries.
   *
   * @defaultValue `'none'`
   */
  readonly heartbeatToken?: 'none' | 'connection' | undefined;
  /**
   * Scale of the sentiment scores of the team's model. Without it, an `INTERACTION_UPDATE` has the raw scores in
   * `payload.context.enlightenResults`, and no `sentimentScore`.
   */
  readonly sentimentScale?: SentimentScale | undefined;
  /**
   * Returns the speaker, e.g. `customer` or `agent`, from `Data` of a transcript message. CXone has not published the
   * names of channels and participants. For `undefined` the default applies, since a `TranscriptBuffer` assigns a
   * fragment without a speaker to the last one.
   *
   * @defaultValue `channelTag`, else `participantId`
   */
  readonly speakerOf?: ((data: Readonly<Record<string, unknown>>) => string | undefined) | undefined;
}
