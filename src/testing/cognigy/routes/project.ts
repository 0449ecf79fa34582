import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../../../http/clock.js';
import type { ServerParts } from '../../server/http-listener.js';
import { found } from '../../server/problem.js';
import type { CognigyFlow } from '../flows/flow.js';
import type { CognigySessions } from '../flows/sessions.js';
import type { CognigyTasks } from '../flows/tasks.js';
import type { ApiRouter } from '../server/api-router.js';
import { createObjectId, type EntityStore } from '../server/entities.js';
import { addResource, projectId } from './resources.js';

const text = z.string();

/** The project and the ids of its parts. */
export interface CognigyProject {
  /** `_id` of the project: the `projectId` of calls, and the entrypoint of the current state. */
  readonly projectId: string;
  /** `_id` of its first snapshot. */
  readonly snapshotId: string;
  /** Reference of its locale, a UUID. */
  readonly localeReferenceId: string;
}

/** @internal The parts of the project that other calls name; each function throws a 404 for an unknown id. */
export interface ProjectParts {
  readonly project: CognigyProject;
  readonly endpoints: EntityStore;
  readonly flows: EntityStore;
  readonly flowOf: (referenceId: string) => CognigyFlow;
  /** Checks an id of the project or of a snapshot. */
  readonly checkEntrypoint: (id: string) => void;
  readonly checkLocale: (referenceId: string) => void;
}

/** @internal What the calls of the REST API work with. */
export interface ProjectServices extends ProjectParts, Pick<ServerParts, 'clock' | 'closing'> {
  readonly sessions: CognigySessions;
  readonly tasks: CognigyTasks;
}

/** @internal Adds projects, locales, flows, snapshots, endpoints and layouts of the Copilot. */
export function addProjectRoutes(api: ApiRouter, clock: Clock, flows: readonly CognigyFlow[]): ProjectParts {
  const projects = addResource(api, clock, {
    kind: 'project',
    path: '/projects',
    creation: { name: text, color: text, locale: text },
  });
  const locales = addResource(api, clock, {
    kind: 'locale',
    path: '/locales',
    creation: { projectId, name: text, nluLanguage: text },
    change: { name: text },
    fields: ['referenceId', 'primary'],
  });
  const flowStore = addResource(api, clock, {
    kind: 'flow',
    path: '/flows',
    creation: { projectId, name: text, description: z.optional(text) },
    change: { name: text, description: text },
    fields: ['referenceId'],
  });
  const packaging = () => ({ hash: createObjectId(), isPackaged: false });
  const snapshots = addResource(api, clock, {
    kind: 'snapshot',
    path: '/snapshots',
    creation: { projectId, name: text, description: text },
    complete: packaging,
  });
  const endpoints = addEndpointsAndLayouts(api, clock);

  const project = projects.create({ name: 'Airline', color: 'blue', referenceId: randomUUID() });
  const ofProject = { projectReference: project._id };
  const english = { name: 'English', nluLanguage: 'en-US', primary: true, referenceId: randomUUID() };
  locales.create({ ...ofProject, ...english });
  const snapshot = snapshots.create({ ...ofProject, name: 'v1', description: '', ...packaging() });
  for (const { name, referenceId } of flows) flowStore.create({ ...ofProject, name, referenceId });
  return {
    project: {
      projectId: project._id,
      snapshotId: snapshot._id,
      localeReferenceId: english.referenceId,
    },
    endpoints,
    flows: flowStore,
    flowOf: (referenceId) =>
      found(
        flows.find((flow) => flow.referenceId === referenceId),
        'flow',
      ),
    checkEntrypoint: (id) =>
      found(
        [...projects.all, ...snapshots.all].find(({ _id }) => _id === id),
        'entrypoint',
      ),
    checkLocale: (reference) =>
      found(
        locales.all.find(({ referenceId }) => referenceId === reference),
        'locale',
      ),
  };
}

/** Returns the endpoints. */
function addEndpointsAndLayouts(api: ApiRouter, clock: Clock): EntityStore {
  const place = z.strictObject({ x: z.number(), y: z.number(), rows: z.number(), columns: z.number() });
  addResource(api, clock, {
    kind: 'copilot config',
    path: '/aicopilotconfigs',
    creation: {
      projectId,
      name: text,
      description: z.optional(text),
      config: z.strictObject({
        grid: z.strictObject({ columns: z.number(), rows: z.number(), gap: z.number() }),
        tiles: z.record(z.string(), place),
      }),
    },
  });
  return addResource(api, clock, {
    kind: 'endpoint',
    path: '/endpoints',
    creation: {
      projectId,
      channel: text,
      flowId: text,
      name: z.optional(text),
      localeId: z.optional(text),
      entrypoint: z.optional(text),
    },
    complete: () => ({ URLToken: createObjectId() + createObjectId() }),
    fields: ['channel'],
  });
}
