import type { Clock } from '../http/internal.js';

/** A piece of live speech. A `TRANSCRIPT_FRAGMENT` event of the stream fits (protocol 5). */
export interface TranscriptFragment {
  readonly interactionId: string;
  /** What was said. */
  readonly text: string;
  /** Who said it, e.g. `customer` or `agent`. @defaultValue the last speaker */
  readonly speaker?: string | undefined;
  /**
   * When it was said, as the event states it. A fragment without `sequence` is a duplicate if its time and text are the
   * same.
   */
  readonly timestamp?: string | number | undefined;
  /** Position among the fragments of its interaction or speaker. Fragments are sorted by it and duplicates dropped. */
  readonly sequence?: number | undefined;
  /** `false` marks interim text, which the speaker's next fragment replaces. @defaultValue true */
  readonly isFinal?: boolean | undefined;
  /** Language, e.g. `en-US`. */
  readonly language?: string | undefined;
}

/** A change in the dialogue. A `DIALOG_STATE` event of the stream fits (protocol 5). */
export interface DialogState {
  readonly interactionId: string;
  /** `AGENT_SILENT`, `CUSTOMER_SILENT` and `TURN_END` end a question; other states are ignored. */
  readonly state: string;
}

/**
 * Why a question ended: a pause in the speech (`pauseMs`), its age (`maxWaitMs`), a dialogue state, a full buffer
 * (`maxCharacters`, `maxInteractions`), a call of `flush`, or the end of the buffer.
 */
export type FlushReason = 'pause' | 'max-wait' | 'state' | 'capacity' | 'demand' | 'closed';

/**
 * What one speaker of an interaction said between two flushes. Expressible as JSON if the fragments are, so a queue can
 * carry it.
 */
export interface TranscriptQuestion {
  /**
   * Unique id, a UUID. As `idempotencyKey` of `InsightsClient.push` it keeps a retried question, e.g. by
   * the retry of a queue's job, from pushing its cards twice.
   */
  readonly id: string;
  readonly interactionId: string;
  /** Who said it, if known. */
  readonly speaker?: string | undefined;
  /** Texts of the fragments, joined as their script is written. Never empty. */
  readonly text: string;
  /** The fragments in the order in which they were said: the objects that were added, or copies if `redact` is set. */
  readonly fragments: readonly TranscriptFragment[];
  /** Why the question ended. */
  readonly reason: FlushReason;
}

/** Options of `TranscriptBuffer`. */
export interface TranscriptBufferOptions {
  /**
   * Receives each question, synchronously and one at a time; questions of one interaction keep their order. If it
   * throws or rejects, `onError` is called and the question is not delivered again.
   */
  readonly onFlush: (question: TranscriptQuestion) => unknown;
  /**
   * Called with what `onFlush` or `redact` failed with. `question` is absent for `redact`, whose text is dropped. If it
   * throws or rejects itself, `close()` rejects with the first such error.
   */
  readonly onError: (
    error: unknown,
    subject: { readonly interactionId: string; readonly question?: TranscriptQuestion | undefined },
  ) => unknown;
  /** A question ends after this time without another fragment, in ms (protocol 8). @defaultValue 3,000 */
  readonly pauseMs?: number | undefined;
  /** A question ends at the latest this time after its first fragment, in ms (protocol 8). @defaultValue 10,000 */
  readonly maxWaitMs?: number | undefined;
  /**
   * Limit of characters (UTF-16 units) of one speaker of an interaction. A fragment that exceeds it ends the question
   * before it. A fragment of this length or more becomes a question at once, in full.
   *
   * @defaultValue 4,000
   */
  readonly maxCharacters?: number | undefined;
  /** Limit of interactions with text. Above it, the one that has waited longest is flushed. @defaultValue 10,000 */
  readonly maxInteractions?: number | undefined;
  /**
   * Removes what must not be kept, e.g. card numbers. Called with the text of each fragment before it is held, and
   * again with the joined text of a question, since a number may span fragments. If it changes the joined text, the
   * question has a single fragment with the result. If it throws, the text is dropped and `onError` called.
   */
  readonly redact?: ((text: string) => string) | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}
