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
  /** What was said. */
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
  /** The utterance. */
  readonly transcript?: string | undefined;
  readonly articles?:
    | readonly {
        readonly title: string;
        /** URL of the article. */
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

/** @internal Who and what all messages name. */
export interface MessageFacts {
  readonly tenantId: string;
  readonly userId: string;
  readonly agentId: string;
  readonly businessUnit: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** A number that no other message has. */
  readonly sequence: number;
}

/** @internal Creates a transcript message: PascalCase outside, camelCase inside. */
export function transcriptBody(facts: MessageFacts, transcript: CxoneTranscript, serialNumber: number): object {
  const { contactId, text, speaker = 'customer', isFinal = true, language = 'en-US' } = transcript;
  return {
    Topic: `${contactId}_transcript`,
    VendorList: ['CXone'],
    MediaType: 'Voice',
    BusNo: Number(facts.businessUnit),
    MessageType: 'Transcript',
    Version: '1',
    TraceId: `trace-${facts.sequence}`,
    Data: {
      transcriptionEventId: `transcription-${facts.sequence}`,
      contactId,
      busNo: Number(facts.businessUnit),
      tenantId: facts.tenantId,
      agentUUId: facts.userId,
      masterId: contactId,
      participantId: speaker === 'agent' ? facts.userId : `customer-${contactId}`,
      messageBody: text,
      messageMetaData: { completeUtterance: isFinal },
      messageIsCompletedUtterance: isFinal,
      agentAssistAppConfig: { scriptParams: {} },
      agentId: Number(facts.agentId),
      mediaType: 'Voice',
      transcriptionSrNo: serialNumber,
      languageCode: language,
      channelTag: speaker === 'agent' ? 'RX' : 'TX',
      createdtimestamp: facts.timestamp,
      audioProcessed: 0,
      transcriptionProvider: 'cxone',
      words: [],
    },
  };
}

/** @internal */
export function copilotBody(
  facts: MessageFacts,
  topic: string,
  contactId: string,
  acpAppElements: readonly CopilotElement[],
): object {
  return { topic, agentAssistSource: 'AgentCopilot', contactId, utcTimestamp: facts.timestamp, acpAppElements };
}

/** @internal */
export function scoreBody(model: string, score: GuidanceScore): object {
  const { contactId, modelGuid = model, isValid = true, tags = ['sentiment'], offsetMs = 0 } = score;
  return {
    topic: 'Nexidia.RTG.Updates',
    messageType: 'Nexidia.RTG.EnlightenUpdate',
    callId: contactId,
    enlightenResults: [{ enlightenModelGuid: modelGuid, score: score.score, isValid, tags }],
    offsetMs,
  };
}

/** @internal */
export function alertBody(facts: MessageFacts, { contactId, name, description }: GuidanceAlert): object {
  return {
    topic: 'Nexidia.RTG.Notifications',
    messageType: 'Nexidia.RTG.EventNotification',
    callId: contactId,
    notificationPayload: {
      notificationId: `notification-${facts.sequence}`,
      hasSentiment: false,
      hasEnlightenModel: false,
      hasPhraseExpression: true,
      primaryAlertName: name,
      primaryAlertDescription: description,
    },
    matchedPhrases: [],
  };
}

/** @internal Creates a message of suggestions, which are JSON inside the JSON. */
export function ccaiBody(facts: MessageFacts, topic: string, suggestions: CcaiSuggestions): object {
  const { transcript = '', articles, faqs, replies } = suggestions;
  const suggestionResults = [
    ...(articles === undefined ? [] : [{ suggestArticlesResponse: { articleAnswers: articles } }]),
    ...(faqs === undefined ? [] : [{ suggestFaqAnswersResponse: { faqAnswers: faqs } }]),
    ...(replies === undefined
      ? []
      : [{ suggestSmartRepliesResponse: { latestMessage: transcript, smartReplyAnswers: replies } }]),
  ];
  const data = JSON.stringify({ transcript, suggestionResults });
  return { topic, id: `ccai-${facts.sequence}`, timestamp: facts.timestamp, data };
}

/** @internal */
export function summaryBody(facts: MessageFacts, { contactId, text, error = 'NO_ERROR' }: ContactSummary): object {
  return {
    schemaVersion: '1',
    messageType: 'Nexidia.RTG.EnlightenSummary',
    messageError: error,
    sourceTime: facts.timestamp,
    agentId: facts.agentId,
    agentUUID: facts.userId,
    tenantId: facts.tenantId,
    tenantBusNo: facts.businessUnit,
    masterId: contactId,
    sessionId: contactId,
    agentAssistParams: { language: 'en-US', enlightenModel: 'summary', aiMode: 'default' },
    languageCode: 'en-US',
    text,
  };
}
