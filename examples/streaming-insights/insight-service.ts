import {
  AssistStream, AuthClient, HttpClient, InsightsClient, KnowledgeClient, QuestionQueue, TranscriptBuffer, feedbackFrom, toAssistCards,
  type AssistCard, type AssistStreamOptions, type DropReason, type HttpClientOptions, type InsightDecision, type InsightFeedback,
  type Logger, type QuestionQueueOptions, type TranscriptBufferOptions, type TranscriptFragment, type TranscriptQuestion,
} from 'agent-assist-sdk';
import type { Settings } from './settings.ts';

/** What can be watched from outside. */
export interface Watcher {
  readonly onFragment?: (fragment: TranscriptFragment) => void;
  readonly onTurnEnd?: (interactionId: string) => void;
  readonly onQuestion?: (question: TranscriptQuestion) => void;
  readonly onPushed?: (question: TranscriptQuestion, cards: readonly AssistCard[]) => void;
  readonly onDropped?: (question: TranscriptQuestion, reason: DropReason) => void;
  readonly onFeedback?: (feedback: InsightFeedback) => void;
}

/** What differs between a demo, a service and a test. */
export interface Tuning {
  readonly http?: Partial<HttpClientOptions>;
  readonly stream?: Partial<AssistStreamOptions>;
  readonly buffer?: Partial<TranscriptBufferOptions>;
  readonly queue?: Partial<QuestionQueueOptions>;
}

/** The whole loop: speech → question → knowledge base → cards on the desktop → the agent's decision → training. */
export class InsightService implements AsyncDisposable {
  readonly #stream: AssistStream;
  readonly #buffer: TranscriptBuffer;
  readonly #questions: QuestionQueue;
  readonly #insights: InsightsClient;
  readonly #watcher: Watcher;
  readonly #logger: Logger;
  readonly #feedbacks = new Set<Promise<void>>();

  constructor(settings: Settings, logger: Logger, watcher: Watcher = {}, tuning: Tuning = {}) {
    const auth = new AuthClient(settings);
    // A card that comes later than this helps nobody on a call.
    const http = new HttpClient({ ...settings, auth, logger, totalTimeoutMs: 15_000, ...tuning.http });
    const knowledge = new KnowledgeClient(http);
    const insights = new InsightsClient(http);
    this.#insights = insights;
    this.#watcher = watcher;
    this.#logger = logger;

    this.#questions = new QuestionQueue({
      ask: async (question, signal) => {
        const { interactionId, text } = question;
        const { articles } = await knowledge.search({ q: text, pageSize: 3 }, { signal });
        const cards = toAssistCards(articles, { interactionId });
        await insights.push(cards, {}, { signal });
        watcher.onPushed?.(question, cards);
      },
      onDrop: watcher.onDropped,
      logger,
      ...tuning.queue,
    });
    this.#buffer = new TranscriptBuffer({
      onFlush: (question) => {
        watcher.onQuestion?.(question);
        // What only the agent said needs no answer; without a known speaker it might.
        if (question.fragments.some(({ speaker }) => speaker !== 'agent')) this.#questions.push(question);
      },
      logger,
      ...tuning.buffer,
    });

    this.#stream = new AssistStream({ ...settings, auth, logger, ...tuning.stream });
    this.#stream.on('TRANSCRIPT_FRAGMENT', (event) => {
      this.#buffer.add(event);
      watcher.onFragment?.(event);
    });
    this.#stream.on('DIALOG_STATE', (event) => {
      this.#buffer.state(event);
      if (event.state === 'TURN_END') watcher.onTurnEnd?.(event.interactionId);
    });
    this.#stream.on('INSIGHT_ACCEPTED', (event) => this.decided(event));
    this.#stream.on('INSIGHT_REJECTED', (event) => this.decided(event));
  }

  /** Resolves when the stream is open for the first time. */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#stream.connect({ signal });
  }

  /** Calls back when the stream has ended for good. */
  onTerminated(callback: (error: Error) => void): void {
    this.#stream.on('terminated', ({ error }) => callback(error));
  }

  /** Tells training what an agent decided. */
  decided(decision: InsightDecision): void {
    const feedback = feedbackFrom(decision);
    const sending = this.#insights.feedback(feedback).then(
      () => this.#watcher.onFeedback?.(feedback),
      (error: unknown) => this.#logger.error('feedback was not recorded', { ...feedback, error }),
    );
    this.#feedbacks.add(sending);
    void sending.finally(() => this.#feedbacks.delete(sending));
  }

  /** Resolves when every question is answered and every decision recorded. */
  async idle(): Promise<void> {
    await this.#questions.idle();
    await Promise.all(this.#feedbacks);
  }

  /** Ends in the direction of flow, so that nothing that was heard is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.close();
    await this.#buffer[Symbol.asyncDispose]();
    await this.#questions[Symbol.asyncDispose]();
    await Promise.all(this.#feedbacks);
  }
}
