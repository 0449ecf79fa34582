import * as z from 'zod/mini';
import type { Clock } from '../../../http/clock.js';
import type { CognigyTasks } from '../flows/tasks.js';
import { invalidArgument } from '../../server/problem.js';
import { accepted } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';
import type { EntityStore } from '../server/entities.js';
import { addResource, projectId } from './resources.js';

const text = z.string();

/**
 * @internal Adds knowledge stores, their sources (files included) and chunks. Search is a node of a flow, not a route.
 */
export function addKnowledgeStoreRoutes(api: ApiRouter, clock: Clock, tasks: CognigyTasks): void {
  const stores = addResource(api, clock, {
    kind: 'knowledge store',
    path: '/knowledgestores',
    creation: { projectId, name: text, description: z.optional(text), language: z.optional(text) },
    change: { name: text, description: text },
    complete: () => ({ status: 'empty', language: 'en-US' }),
  });
  const sourcesPath = '/knowledgestores/{storeId}/sources';
  const storeOf = (params: Readonly<Record<string, string>>): string => stores.get(params['storeId'])._id;
  const sources = addResource(api, clock, {
    kind: 'knowledge source',
    path: sourcesPath,
    creation: {
      name: text,
      type: z.enum(['pdf', 'txt', 'docx', 'pptx', 'ctxt', 'url', 'manual', 'images']),
      url: z.optional(text),
      description: z.optional(text),
      metaData: z.optional(z.strictObject({ tags: z.optional(z.array(text)) })),
    },
    change: { name: text, description: text },
    belongs: ({ storeReference }, { params }) => storeReference === storeOf(params),
    complete: ({ params }) => ({ storeReference: storeOf(params), status: 'ready', chunkCount: 0 }),
    answerCreated: (source) => ({ knowledgeSource: source }),
  });
  const sourceOf = (params: Readonly<Record<string, string>>): string => sources.get(params['sourceId'])._id;
  const chunks: EntityStore = addResource(api, clock, {
    kind: 'knowledge chunk',
    path: `${sourcesPath}/{sourceId}/chunks`,
    creation: { text, order: z.optional(z.number()), data: z.optional(z.record(text, z.unknown())) },
    change: { text, order: z.number(), disabled: z.boolean() },
    fields: ['order'],
    belongs: ({ sourceReference }, { params }) => sourceReference === sourceOf(params),
    complete: ({ params }) => ({
      storeReference: storeOf(params),
      sourceReference: sourceOf(params),
      disabled: false,
      order: chunks.all.length + 1,
      data: {},
    }),
  });
  api.on(`POST ${sourcesPath}/upload`, {}, async ({ params, headers, bodyText }) => {
    const storeReference = storeOf(params);
    const sent = new Response(bodyText, { headers: { 'content-type': headers['content-type'] ?? '' } });
    const form = await sent.formData().catch(() => {
      throw invalidArgument('expected multipart/form-data');
    });
    const file = form.get('file');
    if (file === null) throw invalidArgument('file is missing');
    const content = typeof file === 'string' ? file : await file.text();
    const tags = readTags(form.get('tags'));
    const task = tasks.start('ingestKnowledgeSource', { storeReference }, () => {
      const name = form.get('fileName') ?? 'file';
      const source = sources.create({ name, storeReference, status: 'ready', chunkCount: 1, metaData: { tags } });
      chunks.create({
        storeReference,
        sourceReference: source._id,
        order: 1,
        text: content,
        disabled: false,
        data: {},
      });
      return { knowledgeSourceId: source._id };
    });
    return accepted(task);
  });
}

/** Parses tags, which are JSON in text. */
function readTags(json: FormDataEntryValue | null): readonly string[] {
  if (json === null) return [];
  try {
    return z.array(z.string()).parse(JSON.parse(json as string));
  } catch {
    throw invalidArgument('tags: expected a list of texts as JSON');
  }
}
