import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import type { Clock } from '../../http/clock.js';
import { LinkedMap } from '../../linked-map.js';
import type { ServerParts } from '../server/http-listener.js';
import { KEPT } from '../server/kept.js';
import { found, HttpProblem } from '../server/problem.js';
import { accepted, ok } from '../server/router.js';
import { Nlu, type TrainingExample, type Understanding } from '../nlu/classifier.js';
import { sampleUtterances } from '../fixtures/sample-utterances.js';
import type { BotVersion } from '../../simulation/types.js';
import { checkKind, checkFields } from '../../options.js';

/** An environment, as the tenant returns it. */
export interface TenantEnvironment {
  readonly id: string;
  readonly name: string;
  /** Under `STRICT` only the allowed bots may run here. */
  readonly isolation_mode: string;
  /** The bots that `STRICT` allows. */
  readonly allowed_bot_ids: readonly string[];
}

/** A submitted simulation. */
export interface TenantSimulation {
  readonly botId: string;
  readonly environmentId: string;
  readonly versionId: string;
  /** The customer's inputs. */
  readonly inputs: readonly {
    readonly text: string;
    /** Pause before the input in ms. */
    readonly delay_ms?: number | undefined;
  }[];
  /** Variables. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** The assertions; the tenant checks only their indices. */
  readonly assertions?:
    | readonly {
        /** Position of the input, from 0. */
        readonly step_index: number;
      }[]
    | undefined;
}

// Written from protocol 7, on purpose without the SDK's own schema: a misreading shared by both would prove nothing.
const name = z.string().check(z.minLength(1));
const simulationBody: z.ZodMiniType<TenantSimulation> = z
  .strictObject({
    botId: name,
    environmentId: name,
    versionId: name,
    inputs: z
      .array(z.strictObject({ text: z.string(), delay_ms: z.optional(z.int().check(z.minimum(0))) }))
      .check(z.minLength(1)),
    context: z.optional(z.record(z.string(), z.unknown())),
    assertions: z.optional(
      z.array(
        z.strictObject({
          step_index: z.int().check(z.minimum(0)),
          expected_intent: name,
          expected_confidence_min: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
          expected_entities: z.optional(z.record(z.string(), z.unknown())),
        }),
      ),
    ),
  })
  .check(
    z.refine(({ inputs, assertions = [] }) => assertions.every(({ step_index }) => step_index < inputs.length), {
      path: ['assertions'],
      message: 'step_index must lie within inputs',
    }),
  );

/** A simulation that the tenant accepted. */
export interface TenantSimulationJob {
  readonly id: string;
  readonly simulation: TenantSimulation;
  /** Time of acceptance in ms since the epoch. */
  readonly createdAt: number;
}

/** Script of one simulation. */
export interface SimulationScript {
  /** Statuses that its first polls return, known or unknown, regardless of its real state. */
  readonly statuses?: readonly string[] | undefined;
  /** Makes it end as `FAILED` after this many steps. */
  readonly failAfterSteps?: number | undefined;
}

/** Returns the meaning of a sentence: the understanding of a bot. */
export type Understand = (text: string) => Understanding;

interface Job extends TenantSimulationJob {
  readonly doneAt: number;
  readonly understand: Understand;
  readonly failAfterSteps: number | undefined;
  readonly statuses: string[];
}

/** Bots, environments, and simulations that take time. A small NLU, which can be wrong, understands the inputs. */
export class TenantSimulations {
  /** Duration of a simulation in ms. Default 20. */
  durationMs = 20;

  readonly #clock: Clock;
  readonly #versions = new Map<string, BotVersion[]>();
  readonly #environments = new Map<string, TenantEnvironment>();
  readonly #jobs = new LinkedMap<string, Job>(KEPT);
  readonly #idByKey = new LinkedMap<string, string>(KEPT);
  readonly #scripts: SimulationScript[] = [];
  readonly #understandByVersion = new Map<string, Understand>();
  #understandByDefault: Understand | undefined;
  #submitted = 0;

  /** @internal */
  constructor({ router, clock }: ServerParts) {
    this.#clock = clock;
    router.on('GET /api/v1/bots/{botId}/versions', { scope: 'bot:read' }, ({ params }) =>
      ok(this.#versionsOf(params['botId'] ?? '')),
    );
    router.on('GET /api/v1/environments/{environmentId}', { scope: 'environment:read' }, ({ params }) =>
      ok(this.#environment(params['environmentId'] ?? '')),
    );
    const scope = 'simulation:execute';
    const body = { scope, body: simulationBody, invalidBodyStatus: 400 } as const;
    router.on('POST /api/v1/simulations', body, (context) => {
      const key = context.headers['x-idempotency-key'];
      return accepted(this.#submit(context.body, Array.isArray(key) ? key[0] : key));
    });
    router.on('GET /api/v1/simulations/{simulationId}', { scope }, ({ params }) =>
      ok(this.#report(params['simulationId'] ?? '')),
    );
    this.setBot('bot-123', [
      { id: 'ver-abc', name: 'v1.2', status: 'ACTIVE', deployed: true },
      { id: 'ver-next', name: 'v1.3', status: 'ACTIVE', deployed: false },
      { id: 'ver-old', name: 'v1.1', status: 'ARCHIVED', deployed: false },
    ]);
    this.setEnvironment({ id: 'env-staging', name: 'Staging', isolation_mode: 'OPEN', allowed_bot_ids: [] });
    this.setEnvironment({ id: 'env-prod', name: 'Production', isolation_mode: 'STRICT', allowed_bot_ids: ['bot-123'] });
  }

  /** The latest 10,000 simulations, oldest first. */
  get jobs(): readonly TenantSimulationJob[] {
    return [...this.#jobs].map(([, { id, simulation, createdAt }]) => ({ id, simulation, createdAt }));
  }

  /** Number of accepted simulations. */
  get submitted(): number {
    return this.#submitted;
  }

  /** Adds or replaces a bot. At first there is `bot-123` with `ver-abc`, `ver-next` and the archived `ver-old`. */
  setBot(botId: string, versions: readonly BotVersion[]): void {
    checkKind('botId', botId, 'a string');
    checkKind('versions', versions, 'a list of objects');
    this.#versions.set(botId, [...versions]);
  }

  /** Adds or replaces an environment. At first there are `env-staging` and, for `bot-123` alone, `env-prod`. */
  setEnvironment(environment: TenantEnvironment): void {
    checkFields('environment', environment, { id: 'a string' });
    this.#environments.set(environment.id, environment);
  }

  /**
   * Trains the NLU with examples. At first it knows a few dozen sentences of an airline's customers.
   *
   * @param versionId - the version concerned; by default every version without its own.
   */
  train(examples: readonly TrainingExample[], versionId?: string): void {
    const nlu = new Nlu(examples);
    this.understandWith((text) => nlu.understand(text), versionId);
  }

  /**
   * Replaces the bots' understanding with a custom function.
   *
   * @param versionId - the version concerned; by default every version without its own.
   */
  understandWith(understand: Understand, versionId?: string): void {
    checkKind('understand', understand, 'a function');
    if (versionId === undefined) this.#understandByDefault = understand;
    else this.#understandByVersion.set(versionId, understand);
  }

  /** Returns what a version of the bots understands of a sentence. */
  understand(text: string, versionId?: string): Understanding {
    checkKind('text', text, 'a string');
    return this.#understandingOf(versionId)(text);
  }

  /** Scripts the next simulation; several scripts apply in order, one per simulation. */
  scriptNext(...scripts: readonly SimulationScript[]): void {
    checkKind('scripts', scripts, 'a list of objects');
    this.#scripts.push(...scripts);
  }

  /** Deletes a simulation, as a server does after a while. */
  forget(simulationId: string): void {
    this.#jobs.delete(simulationId);
  }

  #versionsOf(botId: string): readonly BotVersion[] {
    return found(this.#versions.get(botId), 'bot');
  }

  #environment(environmentId: string): TenantEnvironment {
    return found(this.#environments.get(environmentId), 'environment');
  }

  #submit(simulation: TenantSimulation, idempotencyKey: string | undefined): Readonly<Record<string, unknown>> {
    const known = this.#jobs.get(this.#idByKey.get(idempotencyKey ?? '') ?? '');
    if (known !== undefined && !isDeepStrictEqual(known.simulation, simulation)) {
      throw new HttpProblem(409, 'idempotency_key_reused', 'the key was used for another simulation');
    }
    const job = known ?? this.#start(simulation, idempotencyKey);
    return { id: job.id, status: 'RUNNING', createdAt: new Date(job.createdAt).toISOString() };
  }

  #report(simulationId: string): Readonly<Record<string, unknown>> {
    const job = found(this.#jobs.get(simulationId), 'simulation');
    const { id, failAfterSteps } = job;
    const scripted = job.statuses.shift();
    if (scripted !== undefined) return { id, status: scripted };
    if (this.#clock.now() < job.doneAt) return { id, status: 'RUNNING' };
    return {
      id,
      status: failAfterSteps === undefined ? 'COMPLETED' : 'FAILED',
      durationMs: job.doneAt - job.createdAt,
      steps: job.simulation.inputs.slice(0, failAfterSteps).map(({ text }, index) => {
        const nlu = job.understand(text);
        return { index, userInput: text, botResponse: `I understand: ${nlu.intent.replaceAll('_', ' ')}.`, nlu };
      }),
    };
  }

  #start(simulation: TenantSimulation, idempotencyKey: string | undefined): Job {
    const { botId, environmentId, versionId } = simulation;
    const version = this.#versionsOf(botId).find(({ id }) => id === versionId);
    if (version?.status !== 'ACTIVE') throw new HttpProblem(400, 'version_not_active', 'the version is not active');
    const environment = this.#environment(environmentId);
    if (environment.isolation_mode === 'STRICT' && !environment.allowed_bot_ids.includes(botId)) {
      throw new HttpProblem(403, 'bot_not_allowed', 'the environment does not allow this bot');
    }
    const { statuses = [], failAfterSteps } = this.#scripts.shift() ?? {};
    this.#submitted += 1;
    const createdAt = this.#clock.now();
    const job: Job = {
      id: `sim-${this.#submitted}`,
      simulation,
      createdAt,
      doneAt: createdAt + this.durationMs,
      understand: this.#understandingOf(versionId),
      failAfterSteps,
      statuses: [...statuses],
    };
    this.#jobs.set(job.id, job);
    if (idempotencyKey !== undefined) this.#idByKey.set(idempotencyKey, job.id);
    return job;
  }

  #understandingOf(versionId: string | undefined): Understand {
    const own = versionId === undefined ? undefined : this.#understandByVersion.get(versionId);
    return own ?? (this.#understandByDefault ??= understandSamples());
  }
}

function understandSamples(): Understand {
  const nlu = new Nlu(sampleUtterances);
  return (text) => nlu.understand(text);
}
