import * as z from 'zod/mini';
import type { Clock } from '../../../http/clock.js';
import type { CognigyTasks } from '../flows/tasks.js';
import { invalidArgument } from '../../server/problem.js';
import { accepted } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';
import { EntityStore } from '../server/entities.js';
import { addResource, projectId } from './resources.js';

const text = z.string();

/**
 * @internal Adds knowledge stores, their sources (files included) and chunks. Search is a node of a flow, not a route.
 */
export function addKnowledgeStoreRoutes(api: ApiRouter, clock: Clock, tasks: CognigyTasks): void {
  const stores = new EntityStore('knowledge store', clock);
  const sources = new EntityStore('knowledge source', clock);
  const chunks = new EntityStore('knowledge chunk', clock);
  addResource(api, {
    path: '/knowledgestores',
    store: stores,
    creation: { projectId, name: text, description: z.optional(text), language: z.optional(text) },
    change: { name: text, description: text },
    complete: () => ({ status: 'empty', language: 'en-US' }),
  });
  const sourcesPath = '/knowledgestores/{storeId}/sources';
  const storeOf = (params: Readonly<Record<string, string>>): string => stores.get(params['storeId'])._id;
  addResource(api, {
    path: sourcesPath,
    store: sources,
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
  api.on(`POST ${sourcesPath}/upload`, {}, ({ params, headers, bodyText }) => {
    const storeReference = storeOf(params);
    const form = readForm(headers['content-type'], bodyText);
    const content = form.get('file');
    if (content === undefined) throw invalidArgument('file is missing');
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
  const sourceOf = (params: Readonly<Record<string, string>>): string => sources.get(params['sourceId'])._id;
  addResource(api, {
    path: `${sourcesPath}/{sourceId}/chunks`,
    store: chunks,
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
}

/** Parses the fields of a small multipart form. */
function readForm(contentType: string | undefined, body: string): ReadonlyMap<string, string> {
  const [, boundary] = /^multipart\/form-data;.*boundary="?([^";]+)/.exec(contentType ?? '') ?? [];
  if (boundary === undefined) throw invalidArgument('expected multipart/form-data');
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.map((part): [string, string] => {
      const [head = '', ...rest] = part.split('\r\n\r\n');
      return [/name="([^"]*)"/.exec(head)?.[1] ?? '', rest.join('\r\n\r\n').replace(/\r\n$/, '')];
    }),
  );
}

/** Parses tags, which are JSON in text. */
function readTags(json: string | undefined): readonly string[] {
  if (json === undefined) return [];
  try {
    return z.array(z.string()).parse(JSON.parse(json));
  } catch {
    throw invalidArgument('tags: expected a list of texts as JSON');
  }
}
