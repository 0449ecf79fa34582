import type { AssistStream, HttpClient, Logger } from 'agent-assist-sdk';
import type { Clock } from 'agent-assist-sdk/http';
import { InsightsClient, feedbackFrom, type InsightDecision, type InsightFeedback } from 'agent-assist-sdk/insights';
import { KnowledgeClient, toAssistCards, type AssistCard, type KnowledgeSource } from 'agent-assist-sdk/knowledge';
import type { DialogStateEvent, TranscriptFragmentEvent } from 'agent-assist-sdk/stream';
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

/** Input of the service: speech, ends of turns, and agents' decisions. */
export type Heard = TranscriptFragmentEvent | DialogStateEvent | (InsightDecision & { readonly action?: unknown });

/** Source of the input. */
export interface Speech {
  listen(hear: (event: Heard) => void): void;
  close(): Promise<void>;
}

/** What the service needs from a platform. */
export interface Sides {
  /** Closed together with the service. */
  readonly speech: Speech;
  readonly knowledge: KnowledgeSource;
  /** Absent if the platform accepts neither cards nor feedback. */
  readonly insights?: Pick<InsightsClient, 'push' | 'feedback'> | undefined;
  readonly clock?: Clock | undefined;
}

/** A tenant of this project's protocol provides everything. */
export function documentsSides(stream: AssistStream, http: HttpClient): Sides {
  return {
    speech: {
      listen: (hear) => {
        stream
          .on('TRANSCRIPT_FRAGMENT', hear)
          .on('DIALOG_STATE', hear)
          .on('INSIGHT_ACCEPTED', hear)
          .on('INSIGHT_REJECTED', hear);
      },
      close: () => stream.close(),
    },
    knowledge: new KnowledgeClient(http),
    insights: new InsightsClient(http),
    clock: http.clock,
  };
}

/** Options of {@link InsightService}. */
export interface InsightServiceOptions extends Sides {
  readonly logger: Logger;
  readonly watcher?: Watcher;
  /** Limits of the questions; by default those of `QuestionQueue`. */
  readonly limits?: Pick<QuestionQueueOptions, 'concurrency' | 'capacity'>;
}

/** The whole loop: speech → question → knowledge base → cards on the desktop → the agent's decision → training. */
export class InsightService implements AsyncDisposable {
  readonly #speech: Speech;
  readonly #buffer: TranscriptBuffer;
  readonly #questions: QuestionQueue;
  readonly #insights: Sides['insights'];
  readonly #watcher: Watcher;
  readonly #logger: Logger;
  readonly #feedbacks = new Set<Promise<void>>();

  constructor(options: InsightServiceOptions) {
    const { speech, knowledge, insights, clock, logger, watcher = {}, limits = {} } = options;
    this.#speech = speech;
    this.#insights = insights;
    this.#watcher = watcher;
    this.#logger = logger;

    this.#questions = new QuestionQueue({
      ask: async (question, signal) => {
        const { interactionId, text } = question;
        const { articles } = await knowledge.search({ q: text, pageSize: 3 }, { signal });
        const cards = toAssistCards(articles, { interactionId });
        await insights?.push(cards, { signal });
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
      clock,
    });

    speech.listen((event) => {
      switch (event.type) {
        case 'TRANSCRIPT_FRAGMENT':
          this.#buffer.add(event);
          watcher.onFragment?.(event);
          break;
        case 'DIALOG_STATE':
          this.#buffer.state(event);
          if (event.state === 'TURN_END') watcher.onTurnEnd?.(event.interactionId);
          break;
        default:
          this.decided(event);
      }
    });
  }

  /** Reports an agent's decision to training. */
  decided(decision: InsightDecision): void {
    if (this.#insights === undefined) return;
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
    await this.#speech.close();
    await this.#buffer.close();
    await this.#questions.close();
    await Promise.all(this.#feedbacks);
  }
}
