/** One thing that the simulated customer says. */
export interface SimulationInput {
  /** What is said; may be empty, as when a customer sends nothing. */
  readonly text: string;
  /** Pause before it is said, in ms. */
  readonly delayMs: number;
}

/** What is expected of the step that answers one input (protocol 7). */
export interface SimulationAssertion {
  /** Position of the input in `inputs`, from 0. */
  readonly stepIndex: number;
  /** The intent that must be recognized. */
  readonly expectedIntent: string;
  /** The least confidence, 0 to 1. */
  readonly expectedConfidenceMin: number;
  /**
   * Entities that must be found, by their type. A value of `null` or `undefined` asks for the type alone; any other one
   * must be found as it is.
   */
  readonly expectedEntities: Readonly<Record<string, unknown>>;
}

/** A conversation to be simulated and what is expected of it (protocol 7). `buildSimulation` makes one. */
export interface Simulation {
  /** The bot. */
  readonly botId: string;
  /** The environment that it runs in. */
  readonly environmentId: string;
  /** The bot's version. */
  readonly versionId: string;
  /** What the customer says, in order; at least one input. */
  readonly inputs: readonly SimulationInput[];
  /** Variables that the conversation starts with. */
  readonly context: Readonly<Record<string, unknown>>;
  /** What is expected. */
  readonly assertions: readonly SimulationAssertion[];
}

/** State of a simulation; a value that this package does not know is passed on as it is. */
export type SimulationStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | (string & {});

/** The answer to a submitted simulation. */
export interface SubmittedSimulation {
  /** Id of the simulation. */
  readonly id: string;
  /** Usually `RUNNING`. */
  readonly status: SimulationStatus;
  /** When it was created, as the server writes it. */
  readonly createdAt?: string | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** Something that the bot found in what was said. */
export interface NluEntity {
  /** Kind of thing, e.g. `date`. */
  readonly type: string;
  /** What was found, where the bot says so. */
  readonly value?: unknown;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** What the bot understood. */
export interface NluResult {
  /** The recognized intent; absent where there was none. */
  readonly intent?: string | undefined;
  /** How sure the bot is, 0 to 1; absent where it tells nothing of the kind. */
  readonly confidence?: number | undefined;
  /** What it found. */
  readonly entities: readonly NluEntity[];
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** One exchange of a simulated conversation. */
export interface SimulationStep {
  /** Position of its input in `inputs`, from 0. */
  readonly index: number;
  /** What the customer said. */
  readonly userInput?: string | undefined;
  /** What the bot answered. */
  readonly botResponse?: string | undefined;
  /** What the bot understood. */
  readonly nlu: NluResult;
  /** How long the bot took, in ms, where the server says so. */
  readonly durationMs?: number | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** A simulation as the server reports it. */
export interface SimulationResult {
  /** Id of the simulation. */
  readonly id: string;
  /** It ends as `COMPLETED` or `FAILED`. */
  readonly status: SimulationStatus;
  /** Why it `FAILED`, where that is known. */
  readonly failReason?: string | undefined;
  /** How long it took, in ms. */
  readonly durationMs?: number | undefined;
  /** The conversation as far as it came. */
  readonly steps?: readonly SimulationStep[] | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** A version of a bot. */
export interface BotVersion {
  /** Id of the version. */
  readonly id: string;
  /** Its name. */
  readonly name?: string | undefined;
  /** Only an `ACTIVE` one can be simulated. */
  readonly status: 'ACTIVE' | 'ARCHIVED' | (string & {});
  /** Whether it is deployed. */
  readonly deployed?: boolean | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** An environment that bots run in. */
export interface BotEnvironment {
  /** Id of the environment. */
  readonly id: string;
  /** Its name. */
  readonly name?: string | undefined;
  /** With `STRICT` only the bots of `allowedBotIds` may run here. */
  readonly isolationMode: 'STRICT' | (string & {});
  /** The bots that may run here under `STRICT`. */
  readonly allowedBotIds: readonly string[];
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** What a simulation is to run against. */
export interface SimulationTarget {
  /** The bot. */
  readonly botId: string;
  /** The environment that it runs in. */
  readonly environmentId: string;
  /** The bot's version. */
  readonly versionId: string;
}

/** A reason why a target cannot be simulated (protocol 7), with the ids that it is about. */
export type TargetRefusal = Partial<SimulationTarget> & {
  /** The reason in a sentence. */
  readonly message: string;
} & (
    | {
        /** A bot or environment that is missing may also be hidden from the client. */
        readonly reason: 'bot-missing' | 'version-missing' | 'environment-missing' | 'bot-not-allowed';
      }
    | {
        /** The version is not `ACTIVE`. */
        readonly reason: 'version-inactive';
        /** Its status. */
        readonly status: string;
      }
  );

/** Whether a target can be simulated, and everything that speaks against it. */
export interface TargetCheck {
  /** True when nothing speaks against it. */
  readonly ok: boolean;
  /** Everything that speaks against it. */
  readonly refusals: readonly TargetRefusal[];
  /** The version, where it exists. */
  readonly version: BotVersion | undefined;
  /** The environment, where it exists. */
  readonly environment: BotEnvironment | undefined;
}
