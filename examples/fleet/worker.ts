import { UnrecoverableError } from 'bullmq';
import {
  AgentAssistError,
  ConflictError,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  SuggestionsClient,
} from 'agent-assist-sdk';
import type { InsightCard } from 'agent-assist-sdk/insights';
import { toAssistCards } from 'agent-assist-sdk/knowledge';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { untilAborted } from '../shared/program.ts';
import type { PartContext } from './processes.ts';
import type { FleetQuestion, QuestionTurn } from './queue.ts';

/** Path of the bot's suggestions on a CXone tenant, below the path on its own hosts. */
export const SUGGEST_PATH = '/api/v1/agentassist/suggest';
/** Limit of a worker's questions in progress. */
export const CONCURRENCY = 64;
/** Statuses after which a retry would fail the same way. */
const PERMANENT: ReadonlySet<number | undefined> = new Set([400, 403, 404, 413, 422]);

/** Answers questions from the queue; on the signal, ends after those in progress. */
export async function work({ platform, auth, questions, name, signal }: PartContext): Promise<void> {
  const http = new HttpClient({
    platform,
    auth,
    paths: { suggest: SUGGEST_PATH },
    headers: { 'x-worker': name },
    totalTimeoutMs: 10_000,
    instrumentation: openTelemetry(),
  });
  const worker = questions.work(CONCURRENCY, answerer(http));
  let answered = 0;
  worker.on('completed', () => (answered += 1));
  worker.on('failed', (job, error) =>
    console.error(`${name}: attempt ${job?.attemptsMade ?? '?'} at a question failed: ${error.message}`),
  );
  await worker.waitUntilReady();
  console.log(`${name}: ready`);
  await untilAborted(signal);
  await worker.close();
  console.log(`${name}: answered ${answered} questions`);
}

/** Suggest, search, push: needs only the question, so any worker can do it, also again. */
export function answerer(http: HttpClient): (question: FleetQuestion, turn: QuestionTurn) => Promise<void> {
  const suggestions = new SuggestionsClient(http);
  const knowledge = new KnowledgeClient(http);
  const insights = new InsightsClient(http);
  const policy = suggestionPolicy();

  const answer = async (question: FleetQuestion, { signal, confirm }: QuestionTurn): Promise<void> => {
    const { id, interactionId, text, sentimentScore } = question;
    const [suggested, found] = await Promise.all([
      suggestions.suggest({ interactionId, transcript: text, sentimentScore, context: { questionId: id } }, { signal }),
      knowledge.search({ q: text, pageSize: 2 }, { signal }),
    ]);
    const { approved } = policy(suggested.suggestions);
    const cards: InsightCard[] = approved.map(({ text: snippet, confidence = 0, source = '' }, index) => ({
      id: `${id}-${index + 1}`,
      title: 'Suggested answer',
      priority: index + 1,
      score: confidence,
      citation: source,
      snippet,
      interactionId,
    }));
    for (const card of toAssistCards(found.articles, { interactionId }))
      cards.push({ ...card, priority: cards.length + 1 });
    await confirm();
    // A worker may have died between the push and the end of its job. The key identifies the push as the same; a
    // conflict means that the cards of the first push differ, so they are on the desktop.
    await insights.push(cards, { signal, idempotencyKey: id }).catch((error: unknown) => {
      if (!(error instanceof ConflictError)) throw error;
    });
  };
  return (question, turn) =>
    answer(question, turn).catch((error: unknown) => {
      const isPermanent = error instanceof AgentAssistError && PERMANENT.has(error.status);
      throw isPermanent ? new UnrecoverableError(error.message) : error;
    });
}
