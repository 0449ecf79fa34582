import { NotFoundError } from '../errors.js';
import {
  checkedHttp,
  pollLimits,
  pollOptions,
  pollUntilDone,
  checkRunOptions,
  validateRequest,
  type ApiPromise,
  type CallOptions,
  type HttpClient,
  type JobStart,
  type PollOptions,
} from '../http/internal.js';
import { checkFields, checkOptions } from '../options.js';
import {
  botEnvironment,
  botVersions,
  simulationResult,
  simulationSchema,
  submittedSimulation,
  toWire,
} from './schemas.js';
import type {
  BotEnvironment,
  BotVersion,
  RunOptions,
  Simulation,
  SimulationResult,
  SimulationRunner,
  SimulationTarget,
  SubmittedSimulation,
  TargetCheck,
  TargetRefusal,
} from './types.js';

const EXECUTE = ['simulation:execute'];

/**
 * Runs simulated conversations with a bot (protocol 4 and 7).
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient, SimulationClient, cognigy } from 'agent-assist-sdk';
 * import { buildSimulation, evaluate } from 'agent-assist-sdk/simulation';
 *
 * const platform = cognigy({ tenant: 'acme' });
 * const scopes = ['simulation:execute', 'bot:read', 'environment:read'];
 * const auth = new AuthClient({ platform, clientId: 'id', clientSecret: 'secret', scopes });
 * const simulations = new SimulationClient(new HttpClient({ platform, auth }));
 *
 * const simulation = buildSimulation({
 *   botId: 'bot-123', environmentId: 'env-staging', versionId: 'ver-abc',
 *   inputs: ['book flight to paris'],
 *   assertions: [{ stepIndex: 0, expectedIntent: 'book_flight' }],
 * });
 * const result = await simulations.run(simulation);
 * console.log(evaluate(result, simulation.assertions).metrics);
 * ```
 */
export class SimulationClient implements SimulationRunner {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /** Lists the versions of a bot. Needs the scope `bot:read`. Rejects as `HttpClient.request` does. */
  listVersions(botId: string, options?: CallOptions): ApiPromise<readonly BotVersion[]> {
    return this.#http.call(options, () => {
      const path = this.#http.path('botVersions', '/bots/{botId}/versions');
      return { method: 'GET', path, pathParams: { botId }, scopes: ['bot:read'], response: botVersions };
    });
  }

  /** Fetches an environment. Needs the scope `environment:read`. Rejects as `HttpClient.request` does. */
  getEnvironment(environmentId: string, options?: CallOptions): ApiPromise<BotEnvironment> {
    return this.#http.call(options, () => {
      const path = this.#http.path('environment', '/environments/{environmentId}');
      return {
        method: 'GET',
        path,
        pathParams: { environmentId },
        scopes: ['environment:read'],
        response: botEnvironment,
      };
    });
  }

  /**
   * Checks whether a version of a bot can be simulated in an environment (protocol 7): the version must be `ACTIVE`,
   * and a `STRICT` environment must allow the bot. Returns all refusals instead of throwing.
   *
   * @throws (as rejection) what {@link SimulationClient.listVersions} and {@link SimulationClient.getEnvironment}
   * throw, except `NotFoundError`, which is a refusal.
   */
  async checkTarget(target: SimulationTarget, options?: CallOptions): Promise<TargetCheck> {
    checkFields('target', target, { botId: 'a string', environmentId: 'a string', versionId: 'a string' });
    const [versions, environment] = await Promise.all([
      unlessMissing(this.listVersions(target.botId, options)),
      unlessMissing(this.getEnvironment(target.environmentId, options)),
    ]);
    return judgeTarget(target, versions, environment);
  }

  /**
   * Submits a simulation. If the connection breaks, the server may have started it. So the client retries only if the
   * server did nothing (protocol 3), or with an `idempotencyKey`. Needs the scope `simulation:execute`.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  submit(simulation: Simulation, options?: CallOptions): ApiPromise<SubmittedSimulation> {
    return this.#http.call(options, () => {
      const path = this.#http.path('simulations', '/simulations');
      const json = toWire(validateRequest(simulationSchema, simulation, 'simulation'));
      return { method: 'POST', path, scopes: EXECUTE, json, response: submittedSimulation };
    });
  }

  /**
   * Fetches a simulation in its current state. Needs the scope `simulation:execute`. Rejects as `HttpClient.request`
   * does.
   */
  get(simulationId: string, options?: CallOptions): ApiPromise<SimulationResult> {
    return this.#http.call(options, () => {
      const path = this.#http.path('simulation', '/simulations/{simulationId}');
      return { method: 'GET', path, pathParams: { simulationId }, scopes: EXECUTE, response: simulationResult };
    });
  }

  /**
   * Polls a submitted simulation until it has ended: its status is `COMPLETED`, `FAILED`, or another final status such
   * as `CANCELLED`. Any other status means that it is still running.
   *
   * @returns the final state. A `FAILED` simulation is a result, not an error.
   * @throws (as rejection) `TimeoutError` after `totalTimeoutMs` (default 600,000 ms, ten minutes); `AbortError`; and
   * what {@link SimulationClient.get} throws in the first call, and later only for a permanent failure.
   */
  async wait(simulationId: string, options: PollOptions<SimulationResult> = {}): Promise<SimulationResult> {
    checkOptions('wait', options, pollOptions);
    return this.#poll(simulationId, options);
  }

  /**
   * Submits a simulation and polls it, every 2 s by default, until it has ended (protocol 7). `totalTimeoutMs` (default
   * 600,000 ms, ten minutes) covers both. With `submittedId` it only polls. For ten seconds after the submission, a 404
   * of the simulation does not end the poll.
   *
   * @returns the final state, as {@link SimulationClient.wait} does.
   * @throws (as rejection) what {@link SimulationClient.submit} and {@link SimulationClient.wait} throw.
   */
  async run(simulation: Simulation, options: RunOptions = {}): Promise<SimulationResult> {
    checkRunOptions(options);
    const { totalTimeoutMs } = pollLimits(options);
    const { signal, timeoutMs, maxRetries, headers, submittedId, onSubmitted } = options;
    const startedAt = this.#http.clock.monotonic();
    if (submittedId !== undefined) return this.#poll(submittedId, options, { startedAt });
    const { id } = await this.submit(simulation, { signal, timeoutMs, maxRetries, headers, totalTimeoutMs });
    return this.#poll(id, options, { startedAt, accepted: { onSubmitted } });
  }

  #poll(simulationId: string, options: PollOptions<SimulationResult>, start?: JobStart): Promise<SimulationResult> {
    const read = (callOptions: CallOptions): ApiPromise<SimulationResult> => this.get(simulationId, callOptions);
    return pollUntilDone(this.#http, { job: 'simulation', id: simulationId, read, ...start }, options);
  }
}

/** Resolves with `undefined` instead of a 404. */
async function unlessMissing<T>(call: ApiPromise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function judgeTarget(
  { botId, environmentId, versionId }: SimulationTarget,
  versions: readonly BotVersion[] | undefined,
  environment: BotEnvironment | undefined,
): TargetCheck {
  // Several versions can have the same id, e.g. after a rollback.
  const named = versions?.filter(({ id }) => id === versionId) ?? [];
  const version = named.find(({ status }) => status === 'ACTIVE') ?? named[0];
  const refusals: TargetRefusal[] = [];
  if (versions === undefined) {
    refusals.push({ reason: 'bot-missing', botId, message: `bot ${botId} does not exist` });
  } else if (version === undefined) {
    refusals.push({ reason: 'version-missing', versionId, message: `bot ${botId} has no version ${versionId}` });
  } else if (version.status !== 'ACTIVE') {
    const { status } = version;
    const message = `version ${versionId} is ${status}, not ACTIVE`;
    refusals.push({ reason: 'version-inactive', versionId, status, message });
  }
  if (environment === undefined) {
    const message = `environment ${environmentId} does not exist`;
    refusals.push({ reason: 'environment-missing', environmentId, message });
  } else if (environment.isolationMode === 'STRICT' && !environment.allowedBotIds.includes(botId)) {
    const message = `environment ${environmentId} is STRICT and does not allow bot ${botId}`;
    refusals.push({ reason: 'bot-not-allowed', botId, environmentId, message });
  }
  return { ok: refusals.length === 0, refusals, version, environment };
}
