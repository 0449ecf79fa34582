import { abortable, checkCallbacks, errorText, guarded, resolveLogger, type Logger } from '../http/internal.js';
import { checkCounts } from '../options.js';
import type { TranscriptQuestion } from './questions.js';

/**
 * Why a question was never asked: a newer one of its interaction took its place, too many interactions waited, or the
 * queue was closed or aborted.
 */
export type DropReason = 'replaced' | 'limit' | 'closed';

/** Options of {@link QuestionQueue}. */
export interface QuestionQueueOptions {
  /**
   * Asks one question, e.g. searches the knowledge base and pushes the cards. When it throws or rejects, the error is
   * logged with the interaction's id and the next question goes on. `signal` is aborted with the queue's.
   */
  readonly ask: (question: TranscriptQuestion, signal: AbortSignal) => unknown;
  /** Questions of different interactions asked side by side. Default 8. */
  readonly concurrency?: number | undefined;
  /**
   * Questions that wait for one interaction while an earlier one of it is being asked or none can be asked yet. One
   * more takes the place of the oldest of them. Default 1: the latest question wins.
   */
  readonly maxWaiting?: number | undefined;
  /**
   * Interactions that wait at the same time. When one more begins to wait, the questions of the one whose turn would be
   * next are dropped, being the oldest. Default 10,000.
   */
  readonly maxInteractions?: number | undefined;
  /** Told of each question that is never asked. What it throws or rejects with is logged and ignored. */
  readonly onDrop?: ((question: TranscriptQuestion, reason: DropReason) => unknown) | undefined;
  /** Ends the queue at once: what waits is dropped, what is being asked gets the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Receives errors of `ask`. Default: none are written. */
  readonly logger?: Logger | undefined;
}

/**
 * Stands between a {@link TranscriptBuffer} and a knowledge base that can be slow or answer 429. Questions of one
 * interaction are asked one after the other, in order; while one is being asked, a newer question replaces the one that
 * waits, since an agent is helped by the latest. Questions of different interactions are asked side by side up to a
 * limit, interactions that wait taking turns. So at most `concurrency` calls run, and memory holds one question per
 * open interaction.
 *
 * @example
 * ```ts
 * import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
 * import { toAssistCards } from 'agent-assist-sdk/knowledge';
 *
 * await using questions = new QuestionQueue({
 *   ask: async ({ interactionId, text }, signal) => {
 *     const { articles } = await knowledge.search({ q: text }, { signal });
 *     await insights.push(toAssistCards(articles, { interactionId }), { signal });
 *   },
 * });
 * await using buffer = new TranscriptBuffer({ onFlush: (question) => questions.push(question) });
 * ```
 */
export class QuestionQueue implements AsyncDisposable {
  readonly #ask: QuestionQueueOptions['ask'];
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #maxInteractions: number;
  readonly #drop: (question: TranscriptQuestion, reason: DropReason) => void;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  // Insertion order is whose turn it is; an interaction that was served goes to the end.
  readonly #waiting = new Map<string, TranscriptQuestion[]>();
  readonly #asking = new Map<string, Promise<void>>();
  #closed = false;

  /** @throws `ConfigurationError` when a limit is not an integer of at least 1. */
  constructor(options: QuestionQueueOptions) {
    const { ask, concurrency = 8, maxWaiting = 1, maxInteractions = 10_000, onDrop } = options;
    checkCallbacks({ ask });
    checkCounts({ concurrency, maxWaiting, maxInteractions });
    this.#ask = ask;
    this.#concurrency = concurrency;
    this.#maxWaiting = maxWaiting;
    this.#maxInteractions = maxInteractions;
    this.#logger = resolveLogger(options.logger);
    this.#drop = guarded('onDrop', onDrop, this.#logger);
    this.#signal = options.signal ?? new AbortController().signal;
    this.#signal.addEventListener('abort', this.#dropWaiting, { once: true });
  }

  /** Questions that wait, those being asked not counted. */
  get waiting(): number {
    let count = 0;
    for (const questions of this.#waiting.values()) count += questions.length;
    return count;
  }

  /** Questions that are being asked now. */
  get asking(): number {
    return this.#asking.size;
  }

  /** Takes a question; it is asked as soon as its interaction and the limit allow. Never waits, never throws. */
  push(question: TranscriptQuestion): void {
    if (this.#closed || this.#signal.aborted) {
      this.#drop(question, 'closed');
      return;
    }
    const { interactionId } = question;
    const waiting = this.#waiting.get(interactionId) ?? [];
    waiting.push(question);
    this.#waiting.set(interactionId, waiting);
    this.#askNext();

    const replaced = waiting.length > this.#maxWaiting ? waiting.shift() : undefined;
    if (replaced !== undefined) this.#drop(replaced, 'replaced');
    const oldest = this.#waiting.size > this.#maxInteractions ? this.#waiting.entries().next().value : undefined;
    if (oldest !== undefined) {
      this.#waiting.delete(oldest[0]);
      for (const dropped of oldest[1]) this.#drop(dropped, 'limit');
    }
  }

  /**
   * Resolves when no question waits and none is being asked.
   *
   * @throws `AbortError` as soon as `signal` is aborted; the questions go on.
   */
  idle(signal?: AbortSignal): Promise<void> {
    return abortable(this.#settled(), signal);
  }

  /** Takes no more questions and resolves when those that it holds have been asked. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#settled();
    this.#signal.removeEventListener('abort', this.#dropWaiting);
  }

  /** The same as {@link QuestionQueue.close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #settled(): Promise<void> {
    // A question that ends starts the next before its promise settles, so an empty map means that nothing waits.
    while (this.#asking.size > 0) await Promise.all(this.#asking.values());
  }

  #askNext(): void {
    for (const [interactionId, questions] of this.#waiting) {
      if (this.#asking.size >= this.#concurrency) return;
      if (this.#asking.has(interactionId)) continue;
      this.#waiting.delete(interactionId);
      const question = questions.shift();
      if (questions.length > 0) this.#waiting.set(interactionId, questions);
      if (question !== undefined) this.#asking.set(interactionId, this.#run(question));
    }
  }

  async #run(question: TranscriptQuestion): Promise<void> {
    const { interactionId } = question;
    try {
      // `ask` may push; by then this question has to be counted as being asked.
      await Promise.resolve();
      await this.#ask(question, this.#signal);
    } catch (error) {
      if (!this.#signal.aborted)
        this.#logger.error(`A question could not be asked: ${errorText(error)}`, { interactionId, error });
    }
    this.#asking.delete(interactionId);
    this.#askNext();
  }

  readonly #dropWaiting = (): void => {
    const waiting = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const question of waiting) this.#drop(question, 'closed');
  };
}
