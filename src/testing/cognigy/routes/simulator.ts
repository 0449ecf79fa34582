import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { LinkedMap } from '../../../linked-map.js';
import { KEPT, setLatest } from '../../server/kept.js';
import { found } from '../../server/problem.js';
import { queryInteger } from '../../server/query.js';
import { created, ok, type RouteContext } from '../../server/router.js';
import { CognigySimulator, shownBatch, type CognigyScenario, type SimulationBatch } from '../flows/simulator.js';
import type { ApiRouter } from '../server/api-router.js';
import { createObjectId } from '../server/entities.js';
import type { ProjectServices } from './project.js';

const text = z.string();
const scenarioBody = z.strictObject({
  name: text,
  persona: z.optional(text),
  personaName: z.optional(text),
  mission: text,
  successCriteria: z.array(z.strictObject({ type: text, params: z.record(text, z.unknown()) })),
  maxTurns: z.optional(z.int().check(z.minimum(1))),
  timeout: z.optional(z.number()),
  projectReference: text,
  aiAgentId: z.optional(text),
});
const scheduleBody = z.strictObject({
  name: text,
  projectReference: text,
  numberOfExecutions: z.int().check(z.minimum(1), z.maximum(100)),
  runConfig: z.strictObject({
    entrypoint: text,
    flowReferenceId: text,
    localeReferenceId: text,
    largeLanguageModelReferenceId: text,
    userId: z.optional(text),
    finalPing: z.optional(z.unknown()),
    data: z.optional(z.unknown()),
    enableMocking: z.optional(z.boolean()),
  }),
});

/**
 * @internal Adds the Simulator: scenarios, their schedules, batches and runs. It keeps the latest 10,000 scenarios and
 * as many batches; each further one evicts the oldest, whose calls then return 404.
 */
export function addSimulatorRoutes(platform: ApiRouter, services: ProjectServices): CognigySimulator {
  const api = platform.under('/testing');
  const simulator = new CognigySimulator(services);
  const scenarios = new Map<string, CognigyScenario>();
  const batches = new LinkedMap<string, SimulationBatch>(KEPT);
  const scenarioOf = ({ params }: RouteContext<unknown>): CognigyScenario =>
    found(scenarios.get(params['simulation'] ?? ''), 'simulation');
  const batchOf = (context: RouteContext<unknown>): SimulationBatch => {
    const { referenceId } = scenarioOf(context);
    const batch = batches.get(context.params['batch'] ?? '');
    return found(batch?.scenario.referenceId === referenceId ? batch : undefined, 'batch');
  };
  const list = (path: string, items: (context: RouteContext) => readonly object[]): void =>
    api.on(`GET ${path}`, { query: ['projectId', 'limit', 'skip', 'sort', 'next', 'previous'] }, (context) =>
      ok(simulatorPage(items(context), context.query)),
    );

  list('/simulations', ({ query }) => {
    const project = query.get('projectId');
    return [...scenarios.values()].filter(({ projectReference }) => project === null || projectReference === project);
  });
  api.on('POST /simulations', { query: ['projectId'], body: scenarioBody }, ({ body }) => {
    const made = { ...body, maxTurns: body.maxTurns ?? 10, id: createObjectId(), referenceId: randomUUID() };
    setLatest(scenarios, made.referenceId, made);
    return created(made);
  });
  api.on('GET /simulations/{simulation}', {}, (context) => ok(scenarioOf(context)));
  api.on('POST /simulations/{simulation}/schedule', { body: scheduleBody }, (context) => {
    const scenario = scenarioOf({ ...context, body: undefined });
    const { name, numberOfExecutions, runConfig } = context.body;
    services.checkEntrypoint(runConfig.entrypoint);
    const flow = services.flowOf(runConfig.flowReferenceId);
    const batch = simulator.start(scenario, flow, name, numberOfExecutions);
    batches.set(batch.referenceId, batch);
    return created(shownBatch(batch));
  });
  list('/simulations/{simulation}/batches', (context) => {
    const { referenceId } = scenarioOf(context);
    return Array.from(batches, ([, batch]) => batch)
      .filter(({ scenario }) => scenario.referenceId === referenceId)
      .map(shownBatch);
  });
  api.on('GET /simulations/{simulation}/batches/{batch}', {}, (context) => ok(shownBatch(batchOf(context))));
  api.on('POST /simulations/{simulation}/batches/{batch}', {}, (context) => {
    const batch = batchOf(context);
    if (batch.status === 'IN_PROGRESS') batch.status = 'STOPPED';
    return ok({ message: 'stopped', simulationRunBatchId: batch.referenceId });
  });
  list('/simulations/{simulation}/batches/{batch}/runs', (context) => batchOf(context).runs);
  return simulator;
}

function simulatorPage(items: readonly object[], query: URLSearchParams): object {
  const limit = queryInteger(query, 'limit', { least: 1, most: 100, absent: 20 });
  const skip = queryInteger(query, 'skip', { least: 0, absent: 0 });
  const [hasNext, hasPrevious] = [skip + limit < items.length, skip > 0];
  const pagination = {
    limit,
    skip,
    total: items.length,
    hasNext,
    hasPrevious,
    next: hasNext ? skip + limit : null,
    previous: hasPrevious ? Math.max(0, skip - limit) : null,
  };
  return { data: items.slice(skip, skip + limit), pagination };
}
