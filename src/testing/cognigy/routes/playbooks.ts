import * as z from 'zod/mini';
import { runPlaybook, type PlaybookAssert, type PlaybookStep, type RunnablePlaybook } from '../flows/playbook-run.js';
import type { CognigyTasks } from '../flows/tasks.js';
import { HttpProblem, invalidArgument, notFound } from '../../server/problem.js';
import { accepted, created, NO_CONTENT, ok } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';
import { createObjectId, EntityStore, type CognigyEntity } from '../server/entities.js';
import type { ProjectServices } from './project.js';
import { addResource, projectId } from './resources.js';

const MAX_STEPS = 50;
const KINDS = ['assertText', 'assertData', 'assertState', 'assertContext', 'assertIntent', 'assertSlot'] as const;

const assertFields = { type: z.enum(KINDS), params: z.record(z.string(), z.unknown()) };
const assertBody = z.strictObject(assertFields);
const stepBody = z.strictObject({
  text: z.optional(z.string()),
  data: z.optional(z.record(z.string(), z.unknown())),
  asserts: z.optional(z.array(assertBody)),
});
const steps = z.array(stepBody).check(z.maxLength(MAX_STEPS));
const scheduleBody = z.strictObject({
  // The vendor's client repeats the path's id.
  playbookId: z.optional(z.string()),
  entrypoint: z.string(),
  flowId: z.string(),
  localeId: z.string(),
});

/** @internal Adds playbooks, their steps and assertions, schedules and runs, and tasks. */
export function addPlaybookRoutes(api: ApiRouter, services: ProjectServices): void {
  const { clock, tasks, sessions } = services;
  const runs = new EntityStore('playbook run', clock);
  const playbooks = addResource(api, clock, {
    kind: 'playbook',
    path: '/playbooks',
    creation: {
      projectId,
      name: z.string(),
      abortOnError: z.optional(z.boolean()),
      timeout: z.optional(z.int()),
      steps: z.optional(z.pipe(steps, z.transform(withIds))),
    },
    change: { name: z.string(), abortOnError: z.boolean(), timeout: z.int() },
    complete: () => ({ abortOnError: false, timeout: 20_000, steps: [] }),
    listed: ({ _id, name, createdAt, lastChanged, createdBy, lastChangedBy }) => ({
      _id,
      name,
      createdAt,
      lastChanged,
      createdBy,
      lastChangedBy,
    }),
  });
  addStepRoutes(api, playbooks);
  api.on('POST /playbooks/{playbookId}/schedule', { body: scheduleBody }, ({ params, body }) => {
    const playbook = playbooks.get(params['playbookId']);
    const { entrypoint, flowId, localeId } = body;
    services.checkEntrypoint(entrypoint);
    const flow = services.flowOf(flowId);
    services.checkLocale(localeId);
    const frozen = playbook as unknown as RunnablePlaybook;
    const task = tasks.start('runPlaybook', { playbookId: playbook._id, entrypoint, flowId, localeId }, async () => {
      const result = await runPlaybook(frozen, flow, sessions, clock);
      const run = runs.create({ ...result, playbookReference: playbook._id, flowId, localeId, entrypoint });
      return { playbookRunId: run._id };
    });
    return accepted(task);
  });
  const runOf = (params: Readonly<Record<string, string>>): CognigyEntity => {
    const run = runs.get(params['runId']);
    if (run['playbookReference'] !== params['playbookId']) throw notFound('playbook run');
    return run;
  };
  api.list('/playbooks/{playbookId}/runs', { query: ['projectId'] }, ({ params }) =>
    runs.all
      .filter(({ playbookReference }) => playbookReference === playbooks.get(params['playbookId'])._id)
      .map(({ _id, status, createdAt, lastChanged }) => ({ _id, status, createdAt, lastChanged })),
  );
  api.on('GET /playbooks/{playbookId}/runs/{runId}', {}, ({ params }) => ok(runOf(params)));
  api.on('DELETE /playbooks/{playbookId}/runs/{runId}', {}, ({ params }) => {
    runs.delete(runOf(params)._id);
    return NO_CONTENT;
  });
  addTaskRoutes(api, tasks);
}

function addTaskRoutes(api: ApiRouter, tasks: CognigyTasks): void {
  api.list('/tasks', { query: ['projectId'] }, () => tasks.all);
  api.on('GET /tasks/{taskId}', {}, ({ params }) => ok(tasks.read(params['taskId'])));
  api.on('POST /tasks/{taskId}/cancel', {}, ({ params }) => ok(tasks.cancel(params['taskId'])));
}

function addStepRoutes(api: ApiRouter, playbooks: EntityStore): void {
  type Params = Readonly<Record<string, string>>;
  const stepsOf = ({ playbookId }: Params): readonly PlaybookStep[] =>
    playbooks.get(playbookId)['steps'] as readonly PlaybookStep[];
  const change = (params: Params, to: (step: PlaybookStep) => PlaybookStep[]): typeof NO_CONTENT => {
    const before = stepsOf(params);
    if (!before.some(({ _id }) => _id === params['stepId'])) throw notFound('step');
    const steps = before.flatMap((step) => (step._id === params['stepId'] ? to(step) : [step]));
    playbooks.update(params['playbookId'], { steps });
    return NO_CONTENT;
  };
  api.on('POST /playbooks/{playbookId}/steps', { body: stepBody }, ({ params, body }) => {
    const before = stepsOf(params);
    if (before.length >= MAX_STEPS)
      throw new HttpProblem(400, 'bad_request', `a playbook may have at most ${MAX_STEPS} steps`);
    const [step] = withIds([body]);
    playbooks.update(params['playbookId'], { steps: [...before, step] });
    return created(step);
  });
  api.on(
    'POST /playbooks/{playbookId}/steps/order',
    { body: z.strictObject({ stepIds: z.array(z.string()) }) },
    ({ params, body }) => {
      const before = stepsOf(params);
      const after = body.stepIds.flatMap((stepId) => before.find(({ _id }) => _id === stepId) ?? []);
      if (after.length !== before.length) throw invalidArgument('stepIds: name each step once');
      playbooks.update(params['playbookId'], { steps: after });
      return NO_CONTENT;
    },
  );
  api.on('PATCH /playbooks/{playbookId}/steps/{stepId}', { body: stepBody }, ({ params, body }) => {
    const { asserts, ...fields } = body;
    return change(params, (step) => [
      { ...step, ...fields, ...(asserts !== undefined && { asserts: asserts.map(withId) }) },
    ]);
  });
  api.on('DELETE /playbooks/{playbookId}/steps/{stepId}', {}, ({ params }) => change(params, () => []));
  api.on('POST /playbooks/{playbookId}/steps/{stepId}/asserts', { body: assertBody }, ({ params, body }) => {
    const assert = withId(body);
    change(params, (step) => [{ ...step, asserts: [...step.asserts, assert] }]);
    return created(assert);
  });
  api.on('DELETE /playbooks/{playbookId}/steps/{stepId}/asserts/{assertId}', {}, ({ params }) =>
    change(params, (step) => [{ ...step, asserts: step.asserts.filter(({ _id }) => _id !== params['assertId']) }]),
  );
}

function withId(assert: z.infer<typeof assertBody>): PlaybookAssert {
  return { _id: createObjectId(), ...assert };
}

function withIds(bodies: z.infer<typeof stepBody>[]): readonly PlaybookStep[] {
  return bodies.map(({ asserts = [], ...step }) => ({ _id: createObjectId(), ...step, asserts: asserts.map(withId) }));
}
