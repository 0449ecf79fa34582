import {
  Callbacks,
  abortable,
  callbackLimit,
  handleWithin,
  resolveInstrumentation,
  silentLogger,
  systemClock,
  type Clock,
  type Instruments,
} from '../http/internal.js';
import { LinkedMap } from '../linked-map.js';
import { checkCounts, checkFields, checkKind, checkOptions, checkSignal, signalKind } from '../options.js';
import type { DropReason, QuestionQueueOptions, TranscriptQuestion } from './types.js';

interface Waiting {
  readonly question: TranscriptQuestion;
  readonly ask: (signal: AbortSignal) => unknown;
  readonly since: number;
}

/** The questions of an interaction that wait, in order. */
type Questions = LinkedMap<Waiting, Waiting>;

/**
 * Puts the questions of a {@link TranscriptBuffer} to a knowledge base that may be slow or return 429. Questions of one
 * interaction are asked in order, one at a time; a newer question replaces the waiting one, since the latest helps the
 * agent most. Interactions take turns, `concurrency` at a time. So memory holds `capacity` questions for each open
 * interaction.
 *
 * @example
 * ```ts
 * import { toAssistCards } from 'agent-assist-sdk/knowledge';
 * import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
 *
 * const onError = (error: unknown) => console.error(error);
 * await using questions = new QuestionQueue({
 *   ask: async ({ interactionId, text }, signal) => {
 *     const { articles } = await knowledge.search({ q: text }, { signal });
 *     await insights.push(toAssistCards(articles, { interactionId }), { signal });
 *   },
 *   onError,
 * });
 * await using buffer = new TranscriptBuffer({ onFlush: (question) => questions.push(question), onError });
 * ```
 */
export class QuestionQueue implements AsyncDisposable {
  readonly #options: QuestionQueueOptions & Readonly<Record<'concurrency' | 'capacity' | 'maxInteractions', number>>;
  readonly #instruments: Instruments | undefined;
  readonly #clock: Clock;
  readonly #callbacks: Callbacks<TranscriptQuestion>;
  readonly #signal: AbortSignal;
  // In the order of turns; an interaction moves to the end after its turn.
  readonly #waiting = new LinkedMap<string, Questions>();
  #count = 0;
  readonly #asking = new Map<string, Promise<void>>();
  #closed = false;

  /** @throws `ConfigurationError` for an option that is unknown or out of range. */
  constructor(options: QuestionQueueOptions) {
    checkOptions('QuestionQueue', options, {
      ask: 'a function',
      onError: 'a function',
      concurrency: true,
      capacity: true,
      maxInteractions: true,
      onDrop: 'a function',
      instrumentation: 'an object',
      clock: 'a clock with monotonic()',
      signal: signalKind,
    });
    const { onError, concurrency = 8, capacity = 1, maxInteractions = 10_000, clock = systemClock } = options;
    checkKind('ask', options.ask, 'a function');
    checkKind('onError', onError, 'a function');
    checkCounts({ concurrency, capacity, maxInteractions });
    this.#options = { ...options, concurrency, capacity, maxInteractions };
    this.#instruments = resolveInstrumentation(options.instrumentation, silentLogger, clock);
    this.#clock = clock;
    this.#callbacks = new Callbacks(onError, callbackLimit('onDrop did not finish', clock));
    this.#signal = options.signal ?? new AbortController().signal;
    this.#signal.addEventListener('abort', this.#dropWaiting, { once: true });
  }

  /** Number of waiting questions, without those in progress. */
  get waiting(): number {
    return this.#count;
  }

  /** Number of questions in progress. */
  get asking(): number {
    return this.#asking.size;
  }

  /** Queues a question. Never waits. @throws `ConfigurationError` for an interaction's id that is not a string. */
  push(question: TranscriptQuestion): void {
    checkFields('question', question, { interactionId: 'a string' });
    const entry = { question, ask: this.#boundAsk(question), since: this.#clock.monotonic() };
    if (this.#closed || this.#signal.aborted) {
      this.#drop(entry, 'closed');
      return;
    }
    const { interactionId } = question;
    let questions = this.#waiting.get(interactionId);
    if (questions === undefined) this.#waiting.set(interactionId, (questions = new LinkedMap()));
    questions.set(entry, entry);
    this.#count += 1;
    this.#askNext();

    const replaced = questions.size > this.#options.capacity ? this.#take(questions) : undefined;
    if (replaced !== undefined) this.#drop(replaced, 'replaced');
    const oldest = this.#waiting.size > this.#options.maxInteractions ? this.#waiting.shift() : undefined;
    this.#count -= oldest?.size ?? 0;
    for (const [dropped] of oldest ?? []) this.#drop(dropped, 'capacity');
  }

  /**
   * Resolves when no question waits or is in progress.
   *
   * @throws (as rejection) `AbortError` if `signal` is aborted; the questions continue.
   */
  async idle(signal?: AbortSignal): Promise<void> {
    checkSignal(signal);
    return abortable(this.#settled(), signal);
  }

  /**
   * Accepts no more questions and resolves when those in the queue have been handled.
   *
   * @throws (as rejection) the first error of `onError` itself.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#settled();
    this.#signal.removeEventListener('abort', this.#dropWaiting);
    await this.#callbacks.settled();
  }

  /** Calls {@link QuestionQueue.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #settled(): Promise<void> {
    // A question that ends starts the next before its promise settles, so an empty map means that nothing waits.
    while (this.#asking.size > 0) await Promise.all(this.#asking.values());
  }

  #boundAsk(question: TranscriptQuestion): Waiting['ask'] {
    let signal = this.#signal;
    const ask = (): unknown => this.#options.ask(question, signal);
    let bound = ask;
    try {
      bound = this.#options.instrumentation?.bind?.(ask) ?? ask;
    } catch {
      // An error of the instrumentation changes nothing.
    }
    return (limited) => {
      signal = limited;
      return bound();
    };
  }

  #askNext(): void {
    while (this.#asking.size < this.#options.concurrency) {
      const turn = this.#nextTurn();
      if (turn === undefined) return;
      const [interactionId, questions] = turn;
      const entry = this.#take(questions);
      if (questions.size > 0) this.#waiting.set(interactionId, questions);
      else this.#waiting.delete(interactionId);
      if (entry !== undefined) this.#asking.set(interactionId, this.#run(entry));
    }
  }

  #nextTurn(): [interactionId: string, questions: Questions] | undefined {
    for (const turn of this.#waiting) if (!this.#asking.has(turn[0])) return turn;
    return undefined;
  }

  #take(questions: Questions): Waiting | undefined {
    const entry = questions.shift();
    if (entry !== undefined) this.#count -= 1;
    return entry;
  }

  async #run(entry: Waiting): Promise<void> {
    const { question, ask, since } = entry;
    const { interactionId } = question;
    try {
      // `ask` may push; by then this question must count as in progress.
      await Promise.resolve();
      // An `ask` that only listens for the abort would wait forever.
      if (this.#signal.aborted) this.#drop(entry, 'closed');
      else {
        this.#instruments?.record({ type: 'question_asked', ageMs: this.#clock.monotonic() - since });
        await handleWithin(ask, callbackLimit('ask did not finish', this.#clock), this.#signal);
      }
    } catch (error) {
      if (!this.#signal.aborted) await this.#callbacks.report(error, question);
    }
    this.#asking.delete(interactionId);
    this.#askNext();
  }

  #drop({ question, since }: Waiting, reason: DropReason): void {
    this.#instruments?.record({ type: 'question_dropped', reason, ageMs: this.#clock.monotonic() - since });
    this.#callbacks.call(() => this.#options.onDrop?.(question, reason), question);
  }

  readonly #dropWaiting = (): void => {
    const waiting = [...this.#waiting].flatMap(([, questions]) => [...questions]);
    this.#waiting.clear();
    this.#count = 0;
    for (const [entry] of waiting) this.#drop(entry, 'closed');
  };
}
