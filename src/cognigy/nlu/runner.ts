import { checkFields, checkKind, checkOptions, required } from '../../options.js';
import { pollLimits, checkRunOptions, systemClock, type CallOptions, type Clock } from '../../http/internal.js';
import type {
  RunOptions,
  Simulation,
  SimulationResult,
  SimulationRunner,
  SimulationStep,
} from '../../simulation/index.js';
import type { NluClient } from './client.js';
import type { NluScore, NluQuery } from './types.js';

/** Options of {@link nluRunner}. */
export interface NluRunnerOptions {
  readonly client: NluClient;
  /** Reference id (a UUID) of the locale. */
  readonly localeReferenceId: string;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

/**
 * Judges the texts of simulations by the intents of a flow, for `runSuite`: the best intent, with its confidence. No
 * flow runs, so it is cheap and deterministic; each text is judged alone. Of a simulation, `botId` is the reference id
 * of the flow and `environmentId` the id of the project.
 *
 * @throws `ConfigurationError` for an option that is unknown, missing or of a wrong type.
 *
 * @example
 * ```ts
 * import { nluRunner, type NluClient } from 'agent-assist-sdk/cognigy';
 * import { runSuite, type SuiteCase, type SuiteRun } from 'agent-assist-sdk/simulation';
 *
 * function understandingOf(cases: readonly SuiteCase[], nlu: NluClient): Promise<SuiteRun> {
 *   const client = nluRunner({ client: nlu, localeReferenceId: '8b3b45e2-48f9-446d-a4c5-35d8284a01b2' });
 *   return runSuite(cases, { client, concurrency: 2 });
 * }
 * ```
 */
export function nluRunner(options: NluRunnerOptions): SimulationRunner {
  checkOptions('nluRunner', options, {
    client: 'anything',
    localeReferenceId: 'a string',
    clock: 'a clock with monotonic()',
  });
  checkKind('client', options.client, 'an NluClient with scores()');
  required('localeReferenceId', options.localeReferenceId);
  const { client, localeReferenceId, clock = systemClock } = options;
  return {
    unsupported: {
      target: 'the project scores sentences with its current training, regardless of the version',
      delay: 'no flow runs',
      conversation: 'each sentence is scored on its own',
      context: 'no flow runs',
      entities: 'the scores cover only intents',
    },
    async run(simulation: Simulation, runOptions: RunOptions = {}): Promise<SimulationResult> {
      const callOptions = callsWithin(simulation, runOptions, clock);
      const steps: SimulationStep[] = [];
      for (const [index, { text }] of simulation.inputs.entries()) {
        const scores = await client.scores(sentenceOf(simulation, text, localeReferenceId), callOptions());
        steps.push({ index, userInput: text, nlu: { ...best(scores), entities: [] } });
      }
      return { id: `nlu-${crypto.randomUUID()}`, status: 'COMPLETED', steps };
    },
  };
}

/** Returns the options of the next call of a run. */
export type CallsWithin = () => CallOptions & { readonly totalTimeoutMs: number };

/**
 * Returns a function that limits the calls of one run together by its time limit.
 *
 * @throws `ConfigurationError` for what the run is called with.
 */
export function callsWithin(simulation: Simulation, options: RunOptions, clock: Clock): CallsWithin {
  checkFields('simulation', simulation, { inputs: 'a list of objects', assertions: 'a list of objects' });
  checkRunOptions(options);
  const { signal, timeoutMs, maxRetries, headers } = options;
  const deadline = clock.monotonic() + pollLimits(options).totalTimeoutMs;
  return () => ({
    signal,
    timeoutMs,
    maxRetries,
    headers,
    // A call needs some time; with a little it fails as a timeout.
    totalTimeoutMs: Math.max(1, Math.ceil(deadline - clock.monotonic())),
  });
}

/** Returns the sentence that is scored for one input of a simulation. */
export function sentenceOf(
  { environmentId, botId }: Simulation,
  sentence: string,
  localeReferenceId: string,
): NluQuery {
  return { projectId: environmentId, flowReferenceId: botId, localeReferenceId, sentence };
}

function best(scores: readonly NluScore[]): { readonly intent?: string; readonly confidence?: number } {
  const recognised = scores.filter(({ negated }) => negated !== true);
  const [first, ...rest] = recognised;
  if (first === undefined) return {};
  const { name, score } = rest.reduce((top, next) => (next.score > top.score ? next : top), first);
  return { intent: name, confidence: score };
}
