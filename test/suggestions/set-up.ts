import { type CallOptions, type Logger } from 'agent-assist-sdk';
import {
  AssistEngine,
  type AssistEngineOptions,
  type AssistMetrics,
  type Suggestion,
  type SuggestRequest,
  type SuggestResult,
} from 'agent-assist-sdk/suggestions';
import { FakeClock } from '../helpers/fake-clock.js';

export const interaction = { interactionId: 'int-1', transcript: 'I want a refund', sentimentScore: 0 };

export const good: Suggestion = { text: 'Offer a voucher', confidence: 0.9 };

export const unsure: Suggestion = { text: 'Hm', confidence: 0.5 };

export interface Asked {
  readonly request: SuggestRequest;
  readonly options: CallOptions;
}

/** An engine on a source that answers by `answer`, with everything that left it recorded. */
export function setUp(
  answer: (asked: Asked) => PromiseLike<SuggestResult> = () => Promise.resolve({ suggestions: [good, unsure] }),
  options: Partial<AssistEngineOptions> = {},
) {
  const asked: Asked[] = [];
  const metrics: AssistMetrics[] = [];
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = (message: string): void => void lines.push(message);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const engine = new AssistEngine({
    client: {
      suggest: (request, callOptions) => {
        asked.push({ request, options: callOptions });
        return answer({ request, options: callOptions });
      },
    },
    onMetrics: (record) => void metrics.push(record),
    clock,
    logger,
    ...options,
  });
  return { engine, asked, metrics, lines, clock };
}

export const downLater = (): Promise<never> => Promise.reject(new Error('down'));

export const hang = (): Promise<SuggestResult> => new Promise(() => undefined);

export const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no rejection',
    (error: unknown) => error,
  );

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
