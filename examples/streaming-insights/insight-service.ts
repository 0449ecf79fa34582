import type { AssistStream, HttpClient, Logger } from 'agent-assist-sdk';
import { InsightsClient, feedbackFrom, type InsightDecision, type InsightFeedback } from 'agent-assist-sdk/insights';
import { KnowledgeClient, toAssistCards, type AssistCard } from 'agent-assist-sdk/knowledge';
import {
  QuestionQueue,
  TranscriptBuffer,
  type DropReason,
  type QuestionQueueOptions,
  type TranscriptFragment,
  type TranscriptQuestion,
} from 'agent-assist-sdk/transcripts';

/** `agentassist:read` opens the stream; each of the others belongs to one call. */
export const defaultScopes: readonly string[] = [
  'agentassist:read',
  'knowledge:read',
  'agentassist:write',
  'ai:training:write',
];

/** Callbacks that report each step. */
export interface Watcher {
  readonly onFragment?: (fragment: TranscriptFragment) => void;
  readonly onTurnEnd?: (interactionId: string) => void;
  readonly onQuestion?: (question: TranscriptQuestion) => void;
  readonly onPushed?: (question: TranscriptQuestion, cards: readonly AssistCard[]) => void;
  readonly onDropped?: (question: TranscriptQuestion, reason: DropReason) => void;
  readonly onFeedback?: (feedback: InsightFeedback) => void;
}

/** Options of {@link InsightService}. */
export interface InsightServiceOptions {
  /** Closed together with the service. */
  readonly stream: AssistStream;
  readonly http: HttpClient;
  readonly logger: Logger;
  readonly watcher?: Watcher;
  /** Limits of the questions; by default those of `QuestionQueue`. */
  readonly limits?: Pick<QuestionQueueOptions, 'concurrency' | 'capacity'>;
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

  constructor({ stream, http, logger, watcher = {}, limits = {} }: InsightServiceOptions) {
    const knowledge = new KnowledgeClient(http);
    const insights = new InsightsClient(http);
    this.#stream = stream;
    this.#insights = insights;
    this.#watcher = watcher;
    this.#logger = logger;

    this.#questions = new QuestionQueue({
      ask: async (question, signal) => {
        const { interactionId, text } = question;
        const { articles } = await knowledge.search({ q: text, pageSize: 3 }, { signal });
        const cards = toAssistCards(articles, { interactionId });
        await insights.push(cards, { signal });
        watcher.onPushed?.(question, cards);
      },
      onError: (error, { interactionId }) => logger.error('A question could not be asked', { interactionId, error }),
      onDrop: watcher.onDropped,
      ...limits,
    });
    this.#buffer = new TranscriptBuffer({
      onFlush: (question) => {
        watcher.onQuestion?.(question);
        // The agent's words need no answer; those of an unknown speaker may.
        if (question.speaker !== 'agent') this.#questions.push(question);
      },
      onError: (error, { interactionId }) => logger.error('A question was lost', { interactionId, error }),
      clock: http.clock,
    });

    stream.on('TRANSCRIPT_FRAGMENT', (event) => {
      this.#buffer.add(event);
      watcher.onFragment?.(event);
    });
    stream.on('DIALOG_STATE', (event) => {
      this.#buffer.state(event);
      if (event.state === 'TURN_END') watcher.onTurnEnd?.(event.interactionId);
    });
    stream.on('INSIGHT_ACCEPTED', (event) => this.decided(event));
    stream.on('INSIGHT_REJECTED', (event) => this.decided(event));
  }

  /** Reports an agent's decision to training. */
  decided(decision: InsightDecision): void {
    const feedback = feedbackFrom(decision);
    const sending = this.#insights.feedback(feedback).then(
      () => this.#watcher.onFeedback?.(feedback),
      (error: unknown) => this.#logger.error('The feedback was not recorded', { ...feedback, error }),
    );
    this.#feedbacks.add(sending);
    void sending.finally(() => this.#feedbacks.delete(sending));
  }

  /** Closes in the order of the flow, so that no speech is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.close();
    await this.#buffer.close();
    await this.#questions.close();
    await Promise.all(this.#feedbacks);
  }
}
