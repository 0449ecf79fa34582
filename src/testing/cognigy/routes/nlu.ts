import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { CognigyFlow } from '../flows/flow.js';
import type { CognigyTasks } from '../flows/tasks.js';
import { found, notFound } from '../../server/problem.js';
import { accepted, ok } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';

interface Services {
  readonly tasks: CognigyTasks;
  readonly findFlow: (referenceId: string) => CognigyFlow | undefined;
  readonly isLocale: (referenceId: string) => boolean;
  readonly checkFlowId: (id: string | undefined) => void;
}

/** @internal Adds the scores of intents, and training. */
export function addNluRoutes(api: ApiRouter, { tasks, findFlow, isLocale, checkFlowId }: Services): void {
  api.on(
    'POST /projects/{projectId}/nlu/scores',
    { body: z.strictObject({ flowReferenceId: z.string(), localeReferenceId: z.string(), sentence: z.string() }) },
    ({ body }) => {
      const flow = found(findFlow(body.flowReferenceId), 'flow');
      if (!isLocale(body.localeReferenceId)) throw notFound('locale');
      const scores = flow.scores(body.sentence).map(({ intent, confidence }) => ({
        id: uuidOf(intent),
        name: intent,
        score: confidence,
        negated: false,
        confirmationSentences: [],
        disambiguationSentence: '',
        flow: flow.name,
      }));
      return ok({ scores });
    },
  );
  api.on(
    'POST /flows/{flowId}/intents/train',
    { body: z.strictObject({ localeId: z.string(), mode: z.optional(z.enum(['full', 'quick'])) }) },
    ({ params, body }) => {
      checkFlowId(params['flowId']);
      return accepted(tasks.start('trainIntents', { flowId: params['flowId'], ...body }, () => ({})));
    },
  );
}

/** Returns an id; the same intent has the same id. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
