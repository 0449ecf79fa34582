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
