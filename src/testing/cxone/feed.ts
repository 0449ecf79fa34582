import type { Clock } from '../../http/clock.js';
import type { CxoneUser } from './account.js';
import {
  alertBody,
  ccaiBody,
  copilotBody,
  scoreBody,
  summaryBody,
  transcriptBody,
  type CcaiSuggestions,
  type ContactSummary,
  type CopilotElement,
  type CxoneTranscript,
  type GuidanceAlert,
  type GuidanceScore,
  type MessageFacts,
} from './messages.js';
import type { CxoneNotifications } from './notifications.js';

/** Id of the default model of scores. */
const MODEL_GUID = 'bbbbbbbb-2222-4333-8444-555555555555';

/** Sends the messages of CXone's services on the notification socket. Each method returns the number of receivers. */
export class CxoneFeed {
  readonly #notifications: CxoneNotifications;
  readonly #clock: Clock;
  readonly #user: CxoneUser;
  readonly #tenantId: string;
  #sequence = 0;
  #serialNumber = 0;

  /** @internal */
  constructor(notifications: CxoneNotifications, clock: Clock, user: CxoneUser, tenantId: string) {
    this.#notifications = notifications;
    this.#clock = clock;
    this.#user = user;
    this.#tenantId = tenantId;
  }

  /** Id of the default model of scores. */
  get scoreModelGuid(): string {
    return MODEL_GUID;
  }

  /** Sends a piece of a transcript to `{contactId}_transcript`. */
  sendTranscript(transcript: CxoneTranscript): number {
    this.#serialNumber = transcript.serialNumber ?? this.#serialNumber + 1;
    const body = transcriptBody(this.#facts(), transcript, this.#serialNumber);
    return this.#notifications.publish(`${transcript.contactId}_transcript`, body);
  }

  /** Sends cards of Copilot to `{agentId}_agentcopilot`. */
  sendCards(contactId: string, elements: readonly CopilotElement[]): number {
    const topic = `${this.#user.agentId}_agentcopilot`;
    return this.#notifications.publish(topic, copilotBody(this.#facts(), topic, contactId, elements));
  }

  /** Sends a real-time score to `{contactId}` or `{contactId}_Nexidia.RTG.Updates`. */
  sendScore(score: GuidanceScore): number {
    return this.#toGuidance(score.contactId, 'Nexidia.RTG.Updates', scoreBody(MODEL_GUID, score));
  }

  /** Sends a real-time alert to `{contactId}` or `{contactId}_Nexidia.RTG.Notifications`. */
  sendAlert(alert: GuidanceAlert): number {
    return this.#toGuidance(alert.contactId, 'Nexidia.RTG.Notifications', alertBody(this.#facts(), alert));
  }

  /** Sends suggestions of Google's Agent Assist to `{contactId}_BotAssist`. */
  sendCcai(suggestions: CcaiSuggestions): number {
    const topic = `${suggestions.contactId}_BotAssist`;
    return this.#notifications.publish(topic, ccaiBody(this.#facts(), topic, suggestions));
  }

  /** Sends a summary to `{contactId}_autosummary`. */
  sendSummary(summary: ContactSummary): number {
    return this.#notifications.publish(`${summary.contactId}_autosummary`, summaryBody(this.#facts(), summary));
  }

  #toGuidance(contactId: string, kind: string, body: object): number {
    return this.#notifications.publish([contactId, `${contactId}_${kind}`], body);
  }

  #facts(): MessageFacts {
    const { userId, agentId, businessUnit } = this.#user;
    const timestamp = new Date(this.#clock.now()).toISOString();
    const sequence = (this.#sequence += 1);
    return { tenantId: this.#tenantId, userId, agentId, businessUnit, timestamp, sequence };
  }
}
