import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../../../http/clock.js';
import { created, NO_CONTENT, ok, type RouteContext } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';
import { EntityStore, organisationId, type CognigyEntity } from '../server/entities.js';

/** @internal Fields of a body, each optional on a change. */
export type Shape = Readonly<Record<string, z.ZodMiniType>>;

/** @internal Calls on one kind of entity. */
export interface Resource {
  /** Name of the kind, for errors. */
  readonly kind: string;
  readonly path: string;
  /** What a body may hold when one is made. */
  readonly creation: Shape;
  /** What a body may hold when one is changed. */
  readonly change?: Shape | undefined;
  /** Fields besides the usual ones for sorting and filtering lists. */
  readonly fields?: readonly string[] | undefined;
  /** Which entities a path means. @defaultValue all */
  readonly belongs?: ((entity: CognigyEntity, context: RouteContext<unknown>) => boolean) | undefined;
  /** Fields of a new one besides the body. */
  readonly complete?: ((context: RouteContext) => Readonly<Record<string, unknown>>) | undefined;
  /** What a list has of each. @defaultValue itself */
  readonly listed?: ((entity: CognigyEntity) => object) | undefined;
  /** What is answered for a new one. @defaultValue itself */
  readonly answerCreated?: ((entity: CognigyEntity) => object) | undefined;
}

/** @internal Id of a project, as a body names it. */
export const projectId = z.string().check(z.regex(/^[a-f0-9]{24}$/));

/** @internal Adds the usual calls: list, create, read, change and delete. Returns what they store. */
export function addResource(api: ApiRouter, clock: Clock, resource: Resource): EntityStore {
  const { kind, path, creation, change = {}, fields = [], belongs = () => true, complete = () => ({}) } = resource;
  const itself = (entity: CognigyEntity): object => entity;
  const { answerCreated = itself, listed = itself } = resource;
  const store = new EntityStore(kind, clock);
  api.list(path, { query: ['projectId'], fields: ['name', 'createdAt', 'lastChanged', ...fields] }, (context) => {
    const project = context.query.get('projectId');
    return store.all
      .filter((entity) => belongs(entity, context) && (project === null || entity['projectReference'] === project))
      .map(listed);
  });
  api.on(`GET ${path}/{id}`, {}, ({ params }) => ok(store.get(params['id'])));
  api.on(`POST ${path}`, { body: z.strictObject(creation) }, (context) => {
    const { projectId: project, ...fieldsOfBody } = context.body as Readonly<Record<string, unknown>>;
    const made = {
      referenceId: randomUUID(),
      organisationReference: organisationId,
      ...(project !== undefined && { projectReference: project }),
      ...complete({ ...context, body: undefined }),
      ...fieldsOfBody,
    };
    return created(answerCreated(store.createNamed(made)));
  });
  api.on(`PATCH ${path}/{id}`, { body: z.partial(z.strictObject({ ...change })) }, ({ params, body }) => {
    store.update(params['id'], body);
    return NO_CONTENT;
  });
  api.on(`DELETE ${path}/{id}`, {}, ({ params }) => {
    store.delete(params['id']);
    return NO_CONTENT;
  });
  return store;
}
