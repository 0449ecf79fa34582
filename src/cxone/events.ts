import type { InteractionUpdateEvent, TranscriptFragmentEvent } from '../stream/index.js';

/** A text that the agent may say. */
export interface SuggestedResponse {
  /** The text. */
  readonly text: string;
  /** 0 to 1. Google's answers have one; Copilot gives none. */
  readonly confidence?: number | undefined;
}

/** An answer out of a knowledge base. */
export interface KnowledgeAnswer {
  /** `kbAnswerUid` of Copilot; feedback on the answer names it. */
  readonly id?: string | undefined;
  /** Title, or the question that it answers. */
  readonly title: string;
  /** The answer, or the parts of the article that fit. */
  readonly text: string;
  /** Where the article is. */
  readonly url?: string | undefined;
  /** 0 to 1. Google's answers have one; Copilot gives none. */
  readonly confidence?: number | undefined;
  /** Whether the answer is for the company's own people only. */
  readonly isInternal: boolean;
}

/** What every {@link AssistCardEvent} has. */
export interface AssistCardBase {
  /** Type of the event. */
  readonly type: 'ASSIST_CARD';
  /** Id of the contact. */
  readonly interactionId: string;
  /** Whose card it is: Agent Copilot's, or Google's Agent Assist's, which CXone passes on (CCAI). */
  readonly source: 'copilot' | 'ccai';
  /** What it is as its source names it, e.g. `nextBestResponse`, `kbCombo`, `suggestFaqAnswersResponse`. */
  readonly contentType: string;
  /** How Copilot draws it: `AdaptiveCard`, `Text` or `finalSummary`. */
  readonly cardType?: string | undefined;
  /** Id of the card. */
  readonly objectId?: string | undefined;
  /** Why there is no content. */
  readonly errorMessage?: string | undefined;
  /** When it was made, as the server wrote it. */
  readonly timestamp?: string | undefined;
  /** What was said, where the card answers that. */
  readonly transcript?: string | undefined;
  /** The content as it came; JSON inside of a text is parsed. */
  readonly content: unknown;
}

/**
 * `ASSIST_CARD`: something for the agent to see. `kind` tells what the SDK could read of it; `other` is a card whose fields
 * nobody has published, or that lacks those that its kind has.
 */
export type AssistCardEvent = AssistCardBase &
  (
    | { readonly kind: 'responses'; readonly responses: readonly SuggestedResponse[] }
    | {
        readonly kind: 'knowledge';
        readonly answers: readonly KnowledgeAnswer[];
        /** Id of the utterance that is answered; feedback names it. */
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

/** `GUIDANCE_ALERT`: real-time guidance asks the agent for something. */
export interface GuidanceAlertEvent {
  /** Type of the event. */
  readonly type: 'GUIDANCE_ALERT';
  /** Id of the contact, where the message names one. */
  readonly interactionId?: string | undefined;
  /** Its name. */
  readonly name: string;
  /** What the agent should do. */
  readonly description?: string | undefined;
  /** The whole message. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** `CONTACT_SUMMARY`: the summary of a contact that has ended (auto-summary). */
export interface ContactSummaryEvent {
  /** Type of the event. */
  readonly type: 'CONTACT_SUMMARY';
  /** Id of the master contact: the message names no other. */
  readonly interactionId?: string | undefined;
  /** The summary; empty when it failed. */
  readonly text: string;
  /** Why there is no summary, e.g. `CALL_TOO_SHORT`. */
  readonly error?: string | undefined;
  /** Language, e.g. `en-US`. */
  readonly language?: string | undefined;
  /** The whole message. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** `COPILOT_HEALTH`: a message of the topic {@link copilotHealthTopic}. Its fields are not published. */
export interface CopilotHealthEvent {
  /** Type of the event. */
  readonly type: 'COPILOT_HEALTH';
  /** Id of the agent. */
  readonly agentId: string;
  /** The whole message. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** `SERVER_ERROR`: the server refused something and keeps the connection. It does not say what; mostly a topic. */
export interface ServerErrorEvent {
  /** Type of the event. */
  readonly type: 'SERVER_ERROR';
  /** The server's code. */
  readonly code?: number | undefined;
  /** The server's message, without tokens. */
  readonly message: string;
}

/** The events of {@link notificationProtocol}, by name. */
export interface NotificationEvents {
  /** Real-time guidance has a new score; the transcript of the update is empty. */
  INTERACTION_UPDATE: InteractionUpdateEvent;
  /** Something was said. */
  TRANSCRIPT_FRAGMENT: TranscriptFragmentEvent;
  /** Something for the agent to see. */
  ASSIST_CARD: AssistCardEvent;
  /** Real-time guidance asks the agent for something. */
  GUIDANCE_ALERT: GuidanceAlertEvent;
  /** The summary of a contact that has ended. */
  CONTACT_SUMMARY: ContactSummaryEvent;
  /** The state of Copilot itself. */
  COPILOT_HEALTH: CopilotHealthEvent;
  /** The server refused something and keeps the connection. */
  SERVER_ERROR: ServerErrorEvent;
}

/** An event of {@link notificationProtocol}. */
export type NotificationEvent = NotificationEvents[keyof NotificationEvents];
