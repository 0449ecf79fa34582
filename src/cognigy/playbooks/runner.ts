import { NotFoundError } from '../../errors.js';
import {
  checkResult,
  errorText,
  hasFailed,
  hasSucceeded,
  resolveLogger,
  systemClock,
  type Clock,
  type HttpClientOptions,
} from '../../http/internal.js';
import { checkKind, checkOptions, checkTimeLimits, required } from '../../options.js';
import type {
  RunOptions,
  Simulation,
  SimulationResult,
  SimulationRunner,
  SimulationStatus,
  SimulationStep,
} from '../../simulation/index.js';
import type { NluClient } from '../nlu/client.js';
import { callsWithin, sentenceOf, type CallsWithin } from '../nlu/runner.js';
import { resultOf, stepsFor, stepsOf } from './simulation.js';
import type { PlaybookTask } from './types.js';
import type { PlaybookClient } from './client.js';
import { Slots } from './slots.js';

/** Limit of a playbook's steps (documented). */
const MAX_STEPS = 50;
/** Limit of concurrent playbooks (documented). */
const MAX_RUNS = 10;
/** Time limit of each cleanup call in ms, since the caller waits for it. */
const CLEAN_UP_MS = 4000;

/** Options of {@link playbookRunner}. */
export interface PlaybookRunnerOptions extends Pick<HttpClientOptions, 'clock' | 'logger'> {
  readonly client: PlaybookClient;
  /** Reference id (a UUID) of the flow's locale. */
  readonly localeReferenceId: string;
  /**
   * Returns the id of the existing playbook of a simulation. Its steps must contain the inputs of the simulation and
   * check its assertions; an assertion that they do not check fails.
   *
   * @defaultValue a playbook is created for each simulation, and deleted afterward
   */
  readonly playbookIdOf?: ((simulation: Simulation) => string) | undefined;
  /**
   * Scores the confidences, which a playbook does not report: each sentence alone, in the project's current state.
   *
   * @defaultValue none: confidences are not supported
   */
  readonly nlu?: NluClient | undefined;
  /** Time limit in ms of a step of a created playbook. @defaultValue 20,000 */
  readonly stepTimeoutMs?: number | undefined;
}

/**
 * Runs simulations as playbooks, for `runSuite`. Of a simulation, `botId` is the reference id of the flow,
 * `environmentId` the id of the project, and `versionId` the id of a snapshot, or of the project for its current state.
 * Each input becomes a step, an expected intent an `assertIntent`, an expected entity an `assertSlot` (its type alone).
 *
 * A created playbook is deleted at the end, even if the run failed or was aborted, which may take eight seconds more.
 * After a crash, a suite with a journal continues the playbook and deletes it. Its name begins with `agent-assist-sdk`.
 * At most 10 playbooks run at the same time; others wait.
 *
 * @throws `ConfigurationError` for an option that is unknown, missing or invalid.
 *
 * @example
 * ```ts
 * import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
 * import { NluClient, PlaybookClient, cognigyAi, playbookRunner } from 'agent-assist-sdk/cognigy';
 * import { runSuite } from 'agent-assist-sdk/simulation';
 * import { loadSuite } from 'agent-assist-sdk/simulation/suites';
 *
 * async function regressionGate(apiKey: string, localeReferenceId: string): Promise<boolean> {
 *   const http = new HttpClient({ platform: cognigyAi({ environment: 'trial' }), auth: new ApiKeyAuth({ apiKey }) });
 *   const client = playbookRunner({ client: new PlaybookClient(http), nlu: new NluClient(http), localeReferenceId });
 *   const { cases } = await loadSuite('suite.yaml');
 *   const run = await runSuite(cases, { client, entityMatch: 'type' });
 *   return run.summary.passed === run.results.length;
 * }
 * ```
 */
export function playbookRunner(options: PlaybookRunnerOptions): SimulationRunner {
  checkOptions('playbookRunner', options, {
    client: 'anything',
    localeReferenceId: 'a string',
    playbookIdOf: 'a function',
    nlu: 'an NluClient with scores()',
    stepTimeoutMs: true,
    logger: true,
    clock: 'a clock with monotonic()',
  });
  checkKind('client', options.client, 'a PlaybookClient with create()');
  required('localeReferenceId', options.localeReferenceId);
  const { nlu, stepTimeoutMs, clock = systemClock } = options;
  checkTimeLimits({ stepTimeoutMs });
  const slots = new Slots(MAX_RUNS, clock);
  return {
    unsupported: {
      delay: 'a playbook does not pause before inputs',
      context: 'a playbook begins with the context that its flow sets',
      entityValues: "assertSlot finds a slot only by its name; use entityMatch: 'type', or null as the value",
      ...(nlu === undefined
        ? { confidence: 'a playbook reports no confidence; with the option nlu, each sentence is scored' }
        : { conversation: 'the project scores each sentence alone, with its current training' }),
    },
    maxInputs: MAX_STEPS,
    async run(simulation, runOptions = {}) {
      const callOptions = callsWithin(simulation, runOptions, clock);
      const { totalTimeoutMs: timeoutMs, signal } = callOptions();
      const run = (): Promise<SimulationResult> => runPlaybook(simulation, { options, runOptions, callOptions, clock });
      return slots.use(run, { timeoutMs, signal });
    },
  };
}

interface Run {
  readonly options: PlaybookRunnerOptions;
  readonly runOptions: RunOptions;
  readonly callOptions: CallsWithin;
  readonly clock: Clock;
}

async function runPlaybook(simulation: Simulation, run: Run): Promise<SimulationResult> {
  const result = await runOnce(simulation, run);
  return result ?? runPlaybook(simulation, { ...run, runOptions: { ...run.runOptions, submittedId: undefined } });
}

/** @returns `undefined` if an earlier run was canceled when it was aborted or timed out. */
async function runOnce(
  simulation: Simulation,
  { options, runOptions, callOptions, clock }: Run,
): Promise<SimulationResult | undefined> {
  const { client, localeReferenceId, playbookIdOf, nlu } = options;
  const { onSubmitted, onProgress, pollIntervalMs } = runOptions;
  const startedAt = clock.monotonic();
  let { isCreated, playbookId, taskId } = parseRunId(runOptions.submittedId);
  const isResumed = taskId !== undefined;
  let isOver = false;
  try {
    playbookId ??= playbookIdOf?.(simulation);
    if (playbookId !== undefined) checkResult('playbookIdOf()', playbookId, 'a string');
    if (playbookId === undefined) {
      const name = `agent-assist-sdk ${crypto.randomUUID()}`;
      const draft = { projectId: simulation.environmentId, name, timeoutMs: options.stepTimeoutMs };
      ({ id: playbookId } = await client.create(draft, callOptions()));
      isCreated = true;
      // Sequentially, since their order is that of the conversation.
      for (const step of stepsFor(simulation)) await client.createStep(playbookId, step, callOptions());
    }
    const runId = (): string => [isCreated ? 'created' : 'existing', playbookId, taskId].join('/');
    const outcome = await client.run(
      playbookId,
      { entrypoint: simulation.versionId, flowReferenceId: simulation.botId, localeReferenceId },
      {
        ...callOptions(),
        pollIntervalMs,
        submittedId: taskId,
        onSubmitted: (id) => {
          taskId = id;
          return onSubmitted?.(runId());
        },
        onProgress: (task) => onProgress?.({ id: runId(), status: statusOf(task) }),
      },
    );
    isOver = true;
    if (isResumed && isCreated && /^cancell?ed$/i.test(outcome.task.status)) return undefined;
    const durationMs = isResumed ? undefined : clock.monotonic() - startedAt;
    const steps: SimulationStep[] = [];
    for (const step of outcome.run === undefined ? [] : stepsOf(outcome.run, simulation)) {
      const { intent } = step.nlu;
      const isExpected = simulation.assertions.some(({ stepIndex }) => stepIndex === step.index);
      if (nlu === undefined || intent === undefined || !isExpected) steps.push(step);
      else {
        const sentence = sentenceOf(simulation, step.userInput ?? '', localeReferenceId);
        const scores = await nlu.scores(sentence, callOptions());
        const confidence = scores.find(({ name, negated }) => name === intent && negated !== true)?.score;
        steps.push({ ...step, nlu: { ...step.nlu, confidence } });
      }
    }
    return resultOf(outcome, simulation, { id: runId(), status: 'COMPLETED', durationMs, steps });
  } finally {
    if (isCreated && playbookId !== undefined) await cleanUp(playbookId, isOver ? undefined : taskId, options);
  }
}

function statusOf(task: PlaybookTask): SimulationStatus {
  if (hasFailed(task)) return 'FAILED';
  return hasSucceeded(task) ? 'COMPLETED' : 'RUNNING';
}

/** Cancels what still runs and deletes the playbook; without the caller's signal and limits, which may have ended. */
async function cleanUp(
  playbookId: string,
  taskId: string | undefined,
  { client, logger }: PlaybookRunnerOptions,
): Promise<void> {
  const limits = { totalTimeoutMs: CLEAN_UP_MS };
  if (taskId !== undefined) await client.cancelTask(taskId, limits).catch(() => undefined);
  try {
    await client.delete(playbookId, limits);
  } catch (error) {
    if (error instanceof NotFoundError) return;
    resolveLogger(logger).warn(`playbook ${playbookId} could not be deleted: ${errorText(error)}`, { playbookId });
  }
}

/** Parses the id of a run; returns `undefined` for a foreign one, so that a new run starts. */
function parseRunId(runId = ''): { isCreated: boolean; playbookId: string | undefined; taskId: string | undefined } {
  const [, kind, playbookId, taskId] = /^(created|existing)\/([^/]+)\/([^/]+)$/.exec(runId) ?? [];
  return { isCreated: kind === 'created', playbookId, taskId };
}
