import { AbortError, ConfigurationError } from '../../errors.js';
import { guarded, resolveLogger, systemClock, type HttpClientOptions } from '../../http/internal.js';
import { checkKind, checkOptions, checkTimeLimits, signalKind } from '../../options.js';
import { checkEntityMatch, type EntityMatch } from '../judge/assertion.js';
import { evaluate } from '../judge/evaluate.js';
import { hashSimulation, historyIn, type JournalEntry, type SuiteJournal } from './journal.js';
import { attempt, RateGate, runCase, type CaseRunner } from './run-case.js';
import { checkSupported, type UnsupportedRule } from './unsupported.js';
import { checkCases, summarize, type CaseResult, type SuiteCase, type SuiteRun } from './suite.js';
import type { SimulationResult, SimulationRunner } from '../types.js';

/** An event in the progress of a suite. */
export type SuiteProgress =
  | {
      /** The journal was read. */
      readonly type: 'resumed';
      /** Number of cases that an earlier run finished. */
      readonly finished: number;
      /** Number of the journal's last line, from 1, if it is incomplete. */
      readonly tornLine?: number | undefined;
    }
  | {
      /** The server accepted a simulation. */
      readonly type: 'submitted';
      /** Id of the case. */
      readonly id: string;
      readonly simulationId: string;
    }
  | {
      /** The server limits the rate, and all cases wait. */
      readonly type: 'paused';
      /** Duration of the pause in ms. */
      readonly delayMs: number;
    }
  | {
      /** A case ended. */
      readonly type: 'case';
      readonly result: CaseResult;
      /** Number of cases that have ended. */
      readonly done: number;
      /** Number of all cases. */
      readonly total: number;
    };

/** Options of {@link runSuite}. */
export interface RunSuiteOptions extends Pick<HttpClientOptions, 'logger' | 'clock' | 'random'> {
  /** Runs each simulation: a `SimulationClient`, or the runner of another platform. */
  readonly client: SimulationRunner;
  /** Limit of simulations in progress; 1 to 1,000. @defaultValue 4 */
  readonly concurrency?: number | undefined;
  /** Interval between polls of a simulation in ms. @defaultValue 2,000 */
  readonly pollIntervalMs?: number | undefined;
  /** Time limit of each case in ms, waits for a rate limit included. @defaultValue 600,000 (ten minutes) */
  readonly timeoutMs?: number | undefined;
  /** How entities are judged (protocol 7). @defaultValue `value` */
  readonly entityMatch?: EntityMatch | undefined;
  /**
   * What to do if the runner does not support a part of the cases. `refuse`: the suite rejects before anything is sent.
   * `note`: it runs without that part, which is listed in the verdicts, the run and the reports. Pauses and the
   * previous conversation are always only noted, since the assertions are judged without them.
   *
   * @defaultValue `refuse`
   */
  readonly unsupported?: UnsupportedRule | undefined;
  /**
   * Makes the suite resumable. Finished cases are read from the journal instead of run again, and new results are
   * written to it.
   */
  readonly journal?: SuiteJournal | undefined;
  /** Called with each event. Errors that it throws are logged and ignored. */
  readonly onProgress?: ((event: SuiteProgress) => unknown) | undefined;
  /** Stops submitting and ends the polls; the suite rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the simulations of a suite, `concurrency` at a time, and judges each.
 *
 * If a call fails, its case is `errored` and the others continue. Rejected credentials (401, 403, an OAuth error) end
 * the suite, because they would fail every case. If a call still gets a 429 after its retries, all cases pause together;
 * a poll only waits longer itself.
 *
 * With a journal, an interrupted suite resumes. It skips finished cases, polls submitted simulations, and reruns
 * errored and changed cases. If the process dies between the server's response to a submission and the line in the
 * journal, the server has a simulation that nobody reads. The case still has one result.
 *
 * @returns one result for each case, in the order of the cases.
 * @throws (as rejection) `RequestValidationError`, before anything is sent, if a case is invalid, two have the same id,
 * or the runner does not support a part of a case; `ConfigurationError`; `AbortError`; `AuthenticationError`,
 * `PermissionDeniedError` or `OAuthError`; and what the journal throws.
 *
 * @example
 * ```ts
 * import type { SimulationClient } from 'agent-assist-sdk';
 * import { buildSimulation, runSuite } from 'agent-assist-sdk/simulation';
 *
 * async function smokeTest(client: SimulationClient): Promise<boolean> {
 *   const simulation = buildSimulation({
 *     botId: 'bot-123', environmentId: 'env-staging', versionId: 'ver-abc', inputs: ['hello'],
 *     assertions: [{ stepIndex: 0, expectedIntent: 'greeting' }],
 *   });
 *   const run = await runSuite([{ id: 'greeting', simulation }], { client, concurrency: 20 });
 *   return run.summary.passed === run.results.length;
 * }
 * ```
 */
export async function runSuite(cases: readonly SuiteCase[], options: RunSuiteOptions): Promise<SuiteRun> {
  const settings = checkedOptions(options);
  const { client, concurrency, entityMatch, clock, journal } = settings;
  checkCases(cases);
  const unsupported = checkSupported(cases, client, settings);
  const onProgress = guarded('onProgress', options.onProgress, resolveLogger(options.logger));
  const startedAt = clock.now();
  const start = clock.monotonic();
  const halt = new AbortController();
  const signal = options.signal === undefined ? halt.signal : AbortSignal.any([options.signal, halt.signal]);
  const suite: Suite = { ...settings, gate: new RateGate(clock), signal, onProgress };

  const results = new Map<string, CaseResult>();
  const queue: (() => Promise<void>)[] = [];
  const earlier = await journal?.read();
  const historyOf = historyIn(earlier?.entries ?? []);
  for (const suiteCase of cases) {
    const { id } = suiteCase;
    const hash = journal === undefined ? '' : await hashSimulation(suiteCase.simulation);
    const { finished, simulationId } = historyOf(id, hash);
    if (finished !== undefined) {
      const { result, elapsedMs } = finished;
      results.set(id, { ...judge(suite, suiteCase, result), elapsedMs, resumed: true });
      continue;
    }
    queue.push(async () => {
      const result = await runOne(suite, suiteCase, hash, simulationId);
      results.set(id, result);
      onProgress({ type: 'case', result, done: results.size, total: cases.length });
    });
  }
  if (earlier !== undefined) onProgress({ type: 'resumed', finished: results.size, tornLine: earlier.tornLine });

  await workThrough(queue, concurrency, halt, signal);
  if (options.signal?.aborted === true && results.size < cases.length) throw new AbortError(options.signal.reason);
  if (halt.signal.aborted) throw halt.signal.reason as Error;

  const ordered = cases.map(({ id }) => results.get(id)).filter((result) => result !== undefined);
  return {
    startedAt: new Date(startedAt).toISOString(),
    elapsedMs: clock.monotonic() - start,
    entityMatch,
    ...(unsupported.length > 0 ? { unsupported } : {}),
    results: ordered,
    summary: summarize(ordered),
  };
}

/** What the cases of a suite share. */
interface Suite extends ReturnType<typeof checkedOptions>, Pick<CaseRunner, 'gate' | 'signal'> {
  readonly onProgress: (event: SuiteProgress) => void;
}

/** Runs and judges one case, and writes its progress to the journal. */
async function runOne(
  suite: Suite,
  suiteCase: SuiteCase,
  hash: string,
  submittedId: string | undefined,
): Promise<CaseResult> {
  const { clock, onProgress, journal } = suite;
  const { id, simulation } = suiteCase;
  const record = async (entry: JournalEntry): Promise<void> => journal?.append(entry);
  const start = clock.monotonic();
  let simulationId = submittedId;
  const outcome = await attempt(
    runCase(simulation, submittedId, {
      ...suite,
      onPaused: (delayMs) => onProgress({ type: 'paused', delayMs }),
      onSubmitted: async (acceptedId) => {
        simulationId = acceptedId;
        await record({ type: 'submitted', id, hash, simulationId });
        onProgress({ type: 'submitted', id, simulationId });
      },
    }),
  );
  const elapsedMs = clock.monotonic() - start;
  if ('error' in outcome) {
    const error = { name: outcome.error.name, message: outcome.error.message };
    await record({ type: 'errored', id, hash, error });
    return { ...suiteCase, status: 'errored', simulationId, error, elapsedMs, resumed: false };
  }
  const { result } = outcome;
  await record({ type: 'finished', id, hash, simulationId: result.id, elapsedMs, result });
  return { ...judge(suite, suiteCase, result), elapsedMs, resumed: false };
}

function judge(
  { entityMatch, client: { unsupported } }: Suite,
  suiteCase: SuiteCase,
  result: SimulationResult,
): Omit<CaseResult, 'elapsedMs' | 'resumed'> {
  const evaluation = evaluate(result, suiteCase.simulation.assertions, { entityMatch, unsupported });
  const status = evaluation.passed ? 'passed' : 'failed';
  return { ...suiteCase, status, simulationId: result.id, result, evaluation };
}

/** Returns the options with their defaults. */
function checkedOptions(options: RunSuiteOptions) {
  checkOptions('runSuite', options, {
    client: 'anything',
    concurrency: true,
    pollIntervalMs: true,
    timeoutMs: true,
    entityMatch: true,
    unsupported: true,
    journal: 'a journal with append()',
    onProgress: 'a function',
    logger: true,
    signal: signalKind,
    clock: 'a clock with monotonic()',
    random: 'a function',
  });
  const {
    client,
    concurrency = 4,
    timeoutMs: totalTimeoutMs = 600_000,
    pollIntervalMs,
    journal,
    entityMatch = 'value',
    unsupported: rule = 'refuse',
    clock = systemClock,
    random = Math.random,
  } = options;
  checkKind('client', client, 'a runner of simulations with run()');

  checkTimeLimits({ timeoutMs: totalTimeoutMs, pollIntervalMs });
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1000) {
    throw new ConfigurationError('concurrency: expected an integer from 1 to 1000');
  }
  checkEntityMatch(entityMatch);
  return { client, concurrency, totalTimeoutMs, pollIntervalMs, journal, entityMatch, rule, clock, random };
}

/**
 * Does work, so much at a time, until all is done or `signal` is aborted. The first that fails aborts the signal: the
 * rejections of the others carry no new information.
 */
async function workThrough(
  queue: readonly (() => Promise<void>)[],
  concurrency: number,
  halt: AbortController,
  signal: AbortSignal,
): Promise<void> {
  const waiting = queue.values();
  const work = async (): Promise<void> => {
    for (const next of waiting) {
      if (signal.aborted) return;
      await next().catch((error: unknown) => halt.abort(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, work));
}
