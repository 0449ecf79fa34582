import type { PollOptions } from '../http/internal.js';

/** An input of the simulated customer. */
export interface SimulationInput {
  /** Text of the input; may be empty, as if the customer sends nothing. */
  readonly text: string;
  /** Pause before the input in ms. */
  readonly delayMs: number;
}

/** The expected response to one input (protocol 7). */
export interface SimulationAssertion {
  /** Position of the input in `inputs`, from 0. */
  readonly stepIndex: number;
  readonly expectedIntent: string;
  /** Minimum confidence, 0 to 1. */
  readonly expectedConfidenceMin: number;
  /**
   * Expected entities, by type. `null` or `undefined` expects the type with any value; any other value must be found
   * unchanged.
   */
  readonly expectedEntities: Readonly<Record<string, unknown>>;
}

/** A simulated conversation and its assertions (protocol 7). `buildSimulation` creates one. */
export interface Simulation extends SimulationTarget {
  /** The customer's inputs, in order; at least one. */
  readonly inputs: readonly SimulationInput[];
  /** Initial variables of the conversation. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly assertions: readonly SimulationAssertion[];
}

/** State of a simulation. Unknown values are passed on unchanged. */
export type SimulationStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | (string & {});

/** The response to a submitted simulation. */
export interface SubmittedSimulation {
  readonly id: string;
  /** Usually `RUNNING`. */
  readonly status: SimulationStatus;
  /** Time of creation, as the server writes it. */
  readonly createdAt?: string | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** An entity in a recognized input. */
export interface NluEntity {
  /** Type, e.g. `date`. */
  readonly type: string;
  /** Value, if the bot sends one. */
  readonly value?: unknown;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** What the bot understood of an input. If the server sends none, it has no intent and no entities. */
export interface NluResult {
  /** The recognized intent; absent without one. */
  readonly intent?: string | undefined;
  /** Confidence, 0 to 1; absent if the bot sends none. */
  readonly confidence?: number | undefined;
  readonly entities: readonly NluEntity[];
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** One exchange of a simulated conversation. */
export interface SimulationStep {
  /** Position of its input in `inputs`, from 0. */
  readonly index: number;
  readonly userInput?: string | undefined;
  readonly botResponse?: string | undefined;
  readonly nlu: NluResult;
  /** Duration in ms, if the server sends it. */
  readonly durationMs?: number | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** A simulation as the server sends it. */
export interface SimulationResult {
  readonly id: string;
  /** `COMPLETED` and `FAILED` are final, and so are others such as `CANCELLED`. */
  readonly status: SimulationStatus;
  /** Reason of the status `FAILED`, if known. */
  readonly failReason?: string | undefined;
  readonly durationMs?: number | undefined;
  /** The conversation so far. */
  readonly steps?: readonly SimulationStep[] | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** A version of a bot. */
export interface BotVersion {
  readonly id: string;
  readonly name?: string | undefined;
  /** Only an `ACTIVE` version can be simulated. */
  readonly status: 'ACTIVE' | 'ARCHIVED' | (string & {});
  readonly deployed?: boolean | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** An environment of bots. */
export interface BotEnvironment {
  readonly id: string;
  readonly name?: string | undefined;
  /** `STRICT` allows only the bots of `allowedBotIds`. */
  readonly isolationMode: 'STRICT' | (string & {});
  /** The bots that are allowed under `STRICT`. */
  readonly allowedBotIds: readonly string[];
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** The target of a simulation. */
export interface SimulationTarget {
  readonly botId: string;
  readonly environmentId: string;
  /** Id of the bot's version. */
  readonly versionId: string;
}

/** A reason why a target cannot be simulated (protocol 7), with the ids concerned. */
export type TargetRefusal = Partial<SimulationTarget> & {
  readonly message: string;
} & (
    | {
        /** The bot, version or environment is missing, or hidden from the client. */
        readonly reason: 'bot-missing' | 'version-missing' | 'environment-missing' | 'bot-not-allowed';
      }
    | {
        /** The version is not `ACTIVE`. */
        readonly reason: 'version-inactive';
        readonly status: string;
      }
  );

/** Whether a target can be simulated, and the refusals. */
export interface TargetCheck {
  /** True without refusals. */
  readonly ok: boolean;
  readonly refusals: readonly TargetRefusal[];
  readonly version: BotVersion | undefined;
  readonly environment: BotEnvironment | undefined;
}

/**
 * A part of a simulation that some runners do not support: the target (bot, environment and version), the pauses before
 * inputs, the conversation (each input is judged alone), the initial variables, the minimum confidence, the entities,
 * and the values of found entities.
 */
export type SimulationPart =
  'target' | 'delay' | 'context' | 'conversation' | 'confidence' | 'entities' | 'entityValues';

/** The parts that a runner does not support, with the reason for each. */
export type UnsupportedParts = Partial<Readonly<Record<SimulationPart, string>>>;

/** Options of {@link SimulationRunner.run}. */
export interface RunOptions extends PollOptions<SimulationResult> {
  /** Id of an earlier run to continue, as passed to `onSubmitted`. @defaultValue none: starts a new run */
  readonly submittedId?: string | undefined;
  /**
   * Called with the id of the run once it has been accepted, and awaited before the first poll. The journal of a suite
   * stores the id. If it throws or rejects, the run fails; `totalTimeoutMs` and `signal` end the wait for it.
   */
  readonly onSubmitted?: ((runId: string) => unknown) | undefined;
}

/**
 * Runs the simulations of a suite; `SimulationClient` fits. A runner whose runs cannot be continued never calls
 * `onSubmitted`; an interrupted case then runs again.
 */
export interface SimulationRunner {
  /** Parts that it does not support; `runSuite` refuses or notes them. Absent if it supports all. */
  readonly unsupported?: UnsupportedParts | undefined;
  /** Limit of inputs of one simulation; absent without a limit. */
  readonly maxInputs?: number | undefined;
  /**
   * Runs a simulation to its end.
   *
   * @returns the final state. Unsupported parts are absent; a simulation that `FAILED` is a result, not an error.
   * @throws (as rejection) `NotFoundError` if the run of `submittedId` no longer exists; a suite then starts a new one.
   * `TimeoutError` after `totalTimeoutMs`, `AbortError`, and what its calls throw.
   */
  run(simulation: Simulation, options?: RunOptions): Promise<SimulationResult>;
}
