/** A piece of live speech. A `TRANSCRIPT_FRAGMENT` event of the stream is one as it is (protocol 5). */
export interface TranscriptFragment {
  /** The interaction that the speech belongs to. */
  readonly interactionId: string;
  /** What was said. */
  readonly text: string;
  /** Who said it, where the event tells, e.g. `customer` or `agent`. */
  readonly speaker?: string | undefined;
  /** When it was said, as the event tells it. */
  readonly timestamp?: string | number | undefined;
  /**
   * Its place among the fragments of its interaction or speaker. Fragments are put into this order, and one that came
   * already is dropped.
   */
  readonly sequence?: number | undefined;
  /** `false` for interim text, which the speaker's next fragment replaces. Default true. */
  readonly isFinal?: boolean | undefined;
  /** Language, e.g. `en-US`. */
  readonly language?: string | undefined;
}

/** A change in the dialogue. A `DIALOG_STATE` event of the stream is one as it is (protocol 5). */
export interface DialogState {
  /** The interaction that changed. */
  readonly interactionId: string;
  /** `AGENT_SILENT`, `CUSTOMER_SILENT` and `TURN_END` end a question; any other state is ignored. */
  readonly state: string;
}

/**
 * Why text left the buffer: a pause in the speech, the longest wait was reached, a state ended the turn, a limit on
 * what is held was reached, the caller asked, or the buffer was closed.
 */
export type FlushReason = 'pause' | 'longest-wait' | 'state' | 'limit' | 'demand' | 'closed';

/** What one speaker said in one interaction between two flushes. */
export interface TranscriptQuestion {
  /** The interaction that all fragments belong to. */
  readonly interactionId: string;
  /** Who said it, where the fragments tell. */
  readonly speaker?: string | undefined;
  /** Texts of the fragments, joined as their script is written; never empty. */
  readonly text: string;
  /**
   * The fragments that the text is made of, in the order in which they were said, each the very object that was added;
   * with `redact`, copies of the fields above.
   */
  readonly fragments: readonly TranscriptFragment[];
  /** Why it was flushed now. */
  readonly reason: FlushReason;
}
