/** A sentence and the flow that scores it. */
export interface NluQuery {
  /** Id of the project, 24 hex digits. */
  readonly projectId: string;
  /** Reference id (a UUID) of the flow whose intents are scored. */
  readonly flowReferenceId: string;
  /** Reference id (a UUID) of the locale. */
  readonly localeReferenceId: string;
  readonly sentence: string;
}

/** Score of an intent for a sentence. */
export interface NluScore {
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
  /** Whether the sentence negates the intent; it is then not recognized. */
  readonly negated?: boolean | undefined;
  /** The flow of the intent, if the server sends it. */
  readonly flow?: string | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}
