import type { HttpClientOptions, Instrumentation } from '../http/internal.js';

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
   * Unique id, a UUID. Pass it to `InsightsClient.push` as `idempotencyKey`, so that a retried question, e.g. of a queue's
   * job, shows its cards only once.
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
export interface TranscriptBufferOptions extends Pick<HttpClientOptions, 'clock'> {
  /**
   * Called with each question, synchronously and one at a time. Questions of one interaction keep their order. If it
   * throws or rejects, or its promise does not settle within 300,000 ms, the buffer calls `onError` and does not deliver
   * the question again.
   */
  readonly onFlush: (question: TranscriptQuestion) => unknown;
  /**
   * Called with an error of `onFlush` or `redact`. After an error of `redact`, `question` is absent, and its text is lost.
   * If `onError` itself throws or rejects, or does not settle within 300,000 ms, `close()` rejects with the first such
   * error.
   */
  readonly onError: (
    error: unknown,
    subject: { readonly interactionId: string; readonly question?: TranscriptQuestion | undefined },
  ) => unknown;
  /** A question ends after this time without a new fragment, in ms (protocol 8). @defaultValue 3,000 */
  readonly pauseMs?: number | undefined;
  /** A question ends no later than this time after its first fragment, in ms (protocol 8). @defaultValue 10,000 */
  readonly maxWaitMs?: number | undefined;
  /**
   * Limit of characters (UTF-16 units) of one speaker of an interaction. A fragment that exceeds it ends the question
   * before it. A fragment of at least this length becomes a question immediately, in full.
   *
   * @defaultValue 4,000
   */
  readonly maxCharacters?: number | undefined;
  /** Limit of interactions with text. Above it, the buffer flushes the one that waited longest. @defaultValue 10,000 */
  readonly maxInteractions?: number | undefined;
  /**
   * Removes text that you must not keep, e.g. card numbers. The buffer calls it with the text of each fragment before it
   * stores it, and again with the joined text of a question, because a number may span fragments. If it changes the joined
   * text, the question has a single fragment with the result. If it throws, the buffer drops the text and calls `onError`.
   */
  readonly redact?: ((text: string) => string) | undefined;
}

/**
 * Why a question was never asked: a newer question of its interaction replaced it (`capacity` of the queue), too many
 * interactions waited (`maxInteractions`), or the queue was closed or aborted.
 */
export type DropReason = 'replaced' | 'capacity' | 'closed';

/** Options of {@link QuestionQueue}. */
export interface QuestionQueueOptions extends Pick<HttpClientOptions, 'clock'> {
  /**
   * Handles one question, e.g. searches the knowledge base and pushes the cards. `signal` is aborted with the queue's,
   * and after 300,000 ms: then `onError` gets a `TimeoutError`, and the next question has its turn.
   */
  readonly ask: (question: TranscriptQuestion, signal: AbortSignal) => unknown;
  /**
   * Called with an error of `ask` or `onDrop`; the next question continues. If it throws or rejects itself, or does not
   * settle within 300,000 ms, `close()` rejects with the first such error. Errors after an abort by `signal` are not
   * reported.
   */
  readonly onError: (error: unknown, question: TranscriptQuestion) => unknown;
  /** Limit of questions in progress, each of another interaction. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /**
   * Limit of waiting questions for each interaction. When the queue is full, a new question replaces the oldest.
   *
   * @defaultValue 1: the latest question wins
   */
  readonly capacity?: number | undefined;
  /**
   * Limit of waiting interactions. Above it, the questions of the interaction whose turn is next are dropped, since
   * they are the oldest.
   *
   * @defaultValue 10,000
   */
  readonly maxInteractions?: number | undefined;
  /** Called with each question that is never asked. */
  readonly onDrop?: ((question: TranscriptQuestion, reason: DropReason) => unknown) | undefined;
  /**
   * Observes how long questions wait, and drops, e.g. with `openTelemetry()`. Errors that it throws are ignored.
   *
   * @defaultValue none
   */
  readonly instrumentation?: Instrumentation | undefined;
  /** Ends the queue immediately: waiting questions are dropped, and the questions in progress get the signal. */
  readonly signal?: AbortSignal | undefined;
}
