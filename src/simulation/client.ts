import { NotFoundError } from '../errors.js';
import {
  checkedHttp,
  ApiPromise,
  Poller,
  pollLimits,
  validateRequest,
  type CallOptions,
  type HttpClient,
  type PollOptions,
} from '../http/index.js';
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
  Simulation,
  SimulationResult,
  SimulationTarget,
  SubmittedSimulation,
  TargetCheck,
  TargetRefusal,
} from './types.js';

const EXECUTE = ['simulation:execute'];

/**
 * Simulated conversations with a bot (protocol 4 and 7).
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient, SimulationClient, buildSimulation, cognigy, evaluate } from 'agent-assist-sdk';
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
export class SimulationClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /** The versions of a bot. Scope `bot:read`. Rejects as `HttpClient.request` does. */
  versions(botId: string, options?: CallOptions): ApiPromise<readonly BotVersion[]> {
    return ApiPromise.attempt(() =>
      this.#http.request(
        {
          method: 'GET',
          path: this.#http.paths.botVersions,
          pathParams: { botId },
          scopes: ['bot:read'],
          response: botVersions,
        },
        options,
      ),
    );
  }

  /** One environment. Scope `environment:read`. Rejects as `HttpClient.request` does. */
  environment(environmentId: string, options?: CallOptions): ApiPromise<BotEnvironment> {
    return ApiPromise.attempt(() =>
      this.#http.request(
        {
          method: 'GET',
          path: this.#http.paths.environment,
          pathParams: { environmentId },
          scopes: ['environment:read'],
          response: botEnvironment,
        },
        options,
      ),
    );
  }

  /**
   * Whether a version of a bot can be simulated in an environment: everything that speaks against it is returned, not
   * thrown (protocol 7).
   *
   * @throws what {@link SimulationClient.versions} and {@link SimulationClient.environment} throw, save for the
   * `NotFoundError` of either, which is a refusal.
   */
  async checkTarget(target: SimulationTarget, options?: CallOptions): Promise<TargetCheck> {
    const [versions, environment] = await Promise.all([
      unlessMissing(this.versions(target.botId, options)),
      unlessMissing(this.environment(target.environmentId, options)),
    ]);
    return judgeTarget(target, versions, environment);
  }

  /**
   * Submits a simulation. Nobody can tell whether a submission that was cut off took effect, so it is repeated only
   * where the server says that nothing was done (protocol 3), or with `idempotencyKey`. Scope `simulation:execute`.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; else as `HttpClient.request`.
   */
  submit(simulation: Simulation, options?: CallOptions): ApiPromise<SubmittedSimulation> {
    return ApiPromise.attempt(() =>
      this.#http.request(
        {
          method: 'POST',
          path: this.#http.paths.simulations,
          scopes: EXECUTE,
          json: toWire(validateRequest(simulationSchema, simulation, 'simulation')),
          response: submittedSimulation,
        },
        options,
      ),
    );
  }

  /** A simulation as it stands. Scope `simulation:execute`. Rejects as `HttpClient.request` does. */
  get(simulationId: string, options?: CallOptions): ApiPromise<SimulationResult> {
    return ApiPromise.attempt(() =>
      this.#http.request(
        {
          method: 'GET',
          path: this.#http.paths.simulation,
          pathParams: { simulationId },
          scopes: EXECUTE,
          response: simulationResult,
        },
        options,
      ),
    );
  }

  /**
   * Polls a submitted simulation until it is `COMPLETED` or `FAILED`; any other status, known or not, is waited out.
   *
   * @returns the final state. A simulation that failed is a result too: its `status` is `FAILED`.
   * @throws `TimeoutError` when `totalTimeoutMs` (default ten minutes) is over first; `AbortError`; and what
   * {@link SimulationClient.get} throws.
   */
  wait(simulationId: string, options: PollOptions<SimulationResult> = {}): Promise<SimulationResult> {
    return this.#poll(simulationId, options, this.#http.clock.monotonic());
  }

  /**
   * Submits a simulation and polls it, every 2 s by default, until it is over (protocol 7). One limit covers both:
   * `totalTimeoutMs`, ten minutes by default.
   *
   * @returns the final state; `status` is `COMPLETED` or `FAILED`.
   * @throws what {@link SimulationClient.submit} and {@link SimulationClient.wait} throw.
   */
  async run(simulation: Simulation, options: PollOptions<SimulationResult> = {}): Promise<SimulationResult> {
    const { totalTimeoutMs } = pollLimits(options);
    const { signal, timeoutMs, maxRetries, headers } = options;
    const startedAt = this.#http.clock.monotonic();
    const { id } = await this.submit(simulation, { signal, timeoutMs, maxRetries, headers, totalTimeoutMs });
    return this.#poll(id, options, startedAt);
  }

  #poll(simulationId: string, options: PollOptions<SimulationResult>, startedAt: number): Promise<SimulationResult> {
    const poller = new Poller<SimulationResult>(
      {
        subject: `simulation ${simulationId}`,
        read: (callOptions) => this.get(simulationId, callOptions),
        isDone: ({ status }) => status === 'COMPLETED' || status === 'FAILED',
        clock: this.#http.clock,
        logger: this.#http.logger,
        startedAt,
      },
      options,
    );
    return poller.pollUntilDone();
  }
}

/** `undefined` in place of a 404. */
async function unlessMissing<T>(call: ApiPromise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/**
 * Judges a target by what the server said of it (protocol 7): the version must exist with status `ACTIVE`, and in a
 * `STRICT` environment the bot must be among the allowed ones.
 *
 * @param versions - the bot's versions; `undefined` when there is no such bot.
 * @param environment - `undefined` when there is no such environment.
 */
export function judgeTarget(
  target: SimulationTarget,
  versions: readonly BotVersion[] | undefined,
  environment: BotEnvironment | undefined,
): TargetCheck {
  const { botId, environmentId, versionId } = target;
  const named = versions?.filter(({ id }) => id === versionId) ?? [];
  const version = named.find(({ status }) => status === 'ACTIVE') ?? named[0];
  const refusals: TargetRefusal[] = [];
  if (versions === undefined) {
    refusals.push({ reason: 'bot-missing', botId, message: `there is no bot ${botId}` });
  } else if (version === undefined) {
    refusals.push({ reason: 'version-missing', versionId, message: `bot ${botId} has no version ${versionId}` });
  } else if (version.status !== 'ACTIVE') {
    const { status } = version;
    refusals.push({
      reason: 'version-inactive',
      versionId,
      status,
      message: `version ${versionId} is ${status}, not ACTIVE`,
    });
  }
  if (environment === undefined) {
    refusals.push({
      reason: 'environment-missing',
      environmentId,
      message: `there is no environment ${environmentId}`,
    });
  } else if (environment.isolationMode === 'STRICT' && !environment.allowedBotIds.includes(botId)) {
    const message = `environment ${environmentId} is STRICT and does not allow bot ${botId}`;
    refusals.push({ reason: 'bot-not-allowed', botId, environmentId, message });
  }
  return { ok: refusals.length === 0, refusals, version, environment };
}
