import type { Clock } from '../../http/clock.js';
import { TENANT_ID, USER } from './account.js';
import type { CxoneNotifications } from './notifications.js';
import { checkKind, checkFields } from '../../options.js';

/** One element of a Copilot message: a card on the agent's desktop. */
export interface CopilotElement {
  /** Kind of content, e.g. `kbCombo`, `nextBestResponse`. */
  readonly contentType: string;
  /** Kind of display, e.g. `Text`, `AdaptiveCard`. */
  readonly cardType: string;
  readonly objectId: string;
  /** An object, or an object as JSON text; its fields depend on `contentType`. */
  readonly content: unknown;
  /** Why the content is missing. */
  readonly errorMessage?: string | undefined;
}

/** A piece of the live transcript. */
export interface CxoneTranscript {
  readonly contactId: string;
  readonly text: string;
  /** Who spoke. @defaultValue the customer */
  readonly speaker?: 'customer' | 'agent' | undefined;
  /** Whether the utterance has ended; otherwise the text is interim. @defaultValue true */
  readonly isFinal?: boolean | undefined;
  /** Position in the order. @defaultValue the next number */
  readonly serialNumber?: number | undefined;
  /** Language of the text. @defaultValue `en-US` */
  readonly language?: string | undefined;
}

/** A real-time score of an Enlighten model; the model's configuration defines its scale. */
export interface GuidanceScore {
  readonly contactId: string;
  readonly score: number;
  /** Id of the model. @defaultValue the tenant's own one */
  readonly modelGuid?: string | undefined;
  /** Whether the score is valid. @defaultValue true */
  readonly isValid?: boolean | undefined;
  /** Tags of the model. @defaultValue `['sentiment']` */
  readonly tags?: readonly string[] | undefined;
  /** Time since the start of the call, in ms. */
  readonly offsetMs?: number | undefined;
}

/** An alert of real-time guidance. */
export interface GuidanceAlert {
  readonly contactId: string;
  readonly name: string;
  /** What the agent should do. */
  readonly description: string;
}

/** Suggestions of Google's Agent Assist, as CXone passes them on. */
export interface CcaiSuggestions {
  readonly contactId: string;
  readonly transcript?: string | undefined;
  readonly articles?:
    | readonly {
        readonly title: string;
        readonly uri: string;
        /** Matching parts of the article. */
        readonly snippets?: readonly string[] | undefined;
        /** 0 to 1. */
        readonly confidence: number;
      }[]
    | undefined;
  /** Frequent questions. */
  readonly faqs?:
    | readonly {
        readonly question: string;
        readonly answer: string;
        /** 0 to 1. */
        readonly confidence: number;
      }[]
    | undefined;
  readonly replies?:
    | readonly {
        readonly reply: string;
        /** 0 to 1. */
        readonly confidence: number;
      }[]
    | undefined;
}

/** A summary at the end of a contact. */
export interface ContactSummary {
  readonly contactId: string;
  readonly text: string;
  /** Why the text is missing. @defaultValue `NO_ERROR` */
  readonly error?: 'NO_ERROR' | 'CALL_TOO_SHORT' | 'FAILED_TO_GENERATE_TEXT_SUMMARY' | undefined;
}

/** Sends the messages of CXone's services on the notification socket. Each method returns the number of receivers. */
export class CxoneFeed {
  /** Id of the default model of scores. */
  readonly scoreModelGuid: string = 'bbbbbbbb-2222-4333-8444-555555555555';

  readonly #notifications: CxoneNotifications;
  readonly #clock: Clock;
  #sequence = 0;
  #serialNumber = 0;

  /** @internal */
  constructor(notifications: CxoneNotifications, clock: Clock) {
    this.#notifications = notifications;
    this.#clock = clock;
  }

  /** Sends a piece of a transcript to `{contactId}_transcript`. */
  sendTranscript(transcript: CxoneTranscript): number {
    checkFields('transcript', transcript, { contactId: 'a string', text: 'a string' });
    const { contactId, text, speaker = 'customer', isFinal = true, language = 'en-US' } = transcript;
    const { userId, agentId, businessUnit } = USER;
    const topic = `${contactId}_transcript`;
    const sequence = this.#nextSequence();
    this.#serialNumber = transcript.serialNumber ?? this.#serialNumber + 1;
    // PascalCase outside, camelCase inside.
    return this.#notifications.publish(topic, {
      Topic: topic,
      VendorList: ['CXone'],
      MediaType: 'Voice',
      BusNo: Number(businessUnit),
      MessageType: 'Transcript',
      Version: '1',
      TraceId: `trace-${sequence}`,
      Data: {
        transcriptionEventId: `transcription-${sequence}`,
        contactId,
        busNo: Number(businessUnit),
        tenantId: TENANT_ID,
        agentUUId: userId,
        masterId: contactId,
        participantId: speaker === 'agent' ? userId : `customer-${contactId}`,
        messageBody: text,
        messageMetaData: { completeUtterance: isFinal },
        messageIsCompletedUtterance: isFinal,
        agentAssistAppConfig: { scriptParams: {} },
        agentId: Number(agentId),
        mediaType: 'Voice',
        transcriptionSrNo: this.#serialNumber,
        languageCode: language,
        channelTag: speaker === 'agent' ? 'RX' : 'TX',
        createdtimestamp: this.#now(),
        audioProcessed: 0,
        transcriptionProvider: 'cxone',
        words: [],
      },
    });
  }

  /** Sends cards of Copilot to `{agentId}_agentcopilot`. */
  sendCards(contactId: string, elements: readonly CopilotElement[]): number {
    checkKind('contactId', contactId, 'a string');
    checkKind('elements', elements, 'a list of objects');
    const topic = `${USER.agentId}_agentcopilot`;
    const facts = { topic, agentAssistSource: 'AgentCopilot', contactId, utcTimestamp: this.#now() };
    return this.#notifications.publish(topic, { ...facts, acpAppElements: elements });
  }

  /** Sends a real-time score to `{contactId}` or `{contactId}_Nexidia.RTG.Updates`. */
  sendScore(given: GuidanceScore): number {
    checkFields('score', given, { contactId: 'a string' });
    const { contactId, modelGuid = this.scoreModelGuid, score, isValid = true, tags = ['sentiment'] } = given;
    return this.#toGuidance(contactId, 'Nexidia.RTG.Updates', {
      messageType: 'Nexidia.RTG.EnlightenUpdate',
      enlightenResults: [{ enlightenModelGuid: modelGuid, score, isValid, tags }],
      offsetMs: given.offsetMs ?? 0,
    });
  }

  /** Sends a real-time alert to `{contactId}` or `{contactId}_Nexidia.RTG.Notifications`. */
  sendAlert(alert: GuidanceAlert): number {
    checkFields('alert', alert, { contactId: 'a string' });
    const { contactId, name, description } = alert;
    return this.#toGuidance(contactId, 'Nexidia.RTG.Notifications', {
      messageType: 'Nexidia.RTG.EventNotification',
      notificationPayload: {
        notificationId: `notification-${this.#nextSequence()}`,
        hasSentiment: false,
        hasEnlightenModel: false,
        hasPhraseExpression: true,
        primaryAlertName: name,
        primaryAlertDescription: description,
      },
      matchedPhrases: [],
    });
  }

  /** Sends suggestions of Google's Agent Assist, which are JSON inside the JSON, to `{contactId}_BotAssist`. */
  sendCcai(suggestions: CcaiSuggestions): number {
    checkFields('suggestions', suggestions, { contactId: 'a string' });
    const { contactId, transcript = '', articles, faqs, replies } = suggestions;
    const topic = `${contactId}_BotAssist`;
    const suggestionResults = [
      articles && { suggestArticlesResponse: { articleAnswers: articles } },
      faqs && { suggestFaqAnswersResponse: { faqAnswers: faqs } },
      replies && { suggestSmartRepliesResponse: { latestMessage: transcript, smartReplyAnswers: replies } },
    ].filter((result) => result !== undefined);
    const data = JSON.stringify({ transcript, suggestionResults });
    return this.#notifications.publish(topic, {
      topic,
      id: `ccai-${this.#nextSequence()}`,
      timestamp: this.#now(),
      data,
    });
  }

  /** Sends a summary to `{contactId}_autosummary`. */
  sendSummary(summary: ContactSummary): number {
    checkFields('summary', summary, { contactId: 'a string' });
    const { contactId, text, error = 'NO_ERROR' } = summary;
    return this.#notifications.publish(`${contactId}_autosummary`, {
      schemaVersion: '1',
      messageType: 'Nexidia.RTG.EnlightenSummary',
      messageError: error,
      sourceTime: this.#now(),
      agentId: USER.agentId,
      agentUUID: USER.userId,
      tenantId: TENANT_ID,
      tenantBusNo: USER.businessUnit,
      masterId: contactId,
      sessionId: contactId,
      agentAssistParams: { language: 'en-US', enlightenModel: 'summary', aiMode: 'default' },
      languageCode: 'en-US',
      text,
    });
  }

  #toGuidance(contactId: string, topic: string, fields: object): number {
    return this.#notifications.publish([contactId, `${contactId}_${topic}`], { topic, callId: contactId, ...fields });
  }

  #nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
