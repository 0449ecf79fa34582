import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { accepted, ok } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';
import type { ProjectServices } from './project.js';

/** @internal Adds the scores of intents, and training. */
export function addNluRoutes(api: ApiRouter, { tasks, flows, flowOf, checkLocale }: ProjectServices): void {
  api.on(
    'POST /projects/{projectId}/nlu/scores',
    { body: z.strictObject({ flowReferenceId: z.string(), localeReferenceId: z.string(), sentence: z.string() }) },
    ({ body }) => {
      const flow = flowOf(body.flowReferenceId);
      checkLocale(body.localeReferenceId);
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
      const flowId = flows.get(params['flowId'])._id;
      return accepted(tasks.start('trainIntents', { flowId, ...body }, () => ({})));
    },
  );
}

/** Returns an id; the same intent has the same id. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
