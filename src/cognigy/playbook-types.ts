/** What a step of a playbook checks after its input was answered. `negate` turns it round. */
export type PlaybookAssert =
  | {
      /** The bot's text. */
      readonly type: 'assertText';
      /** `fuzzy` also accepts a similar text. */
      readonly params: {
        readonly text: string;
        readonly fuzzy?: boolean | undefined;
        readonly negate?: boolean | undefined;
      };
    }
  | {
      /** The bot's data, or the context. */
      readonly type: 'assertData' | 'assertContext';
      /** `partial` also accepts further fields. */
      readonly params: {
        readonly data: Readonly<Record<string, unknown>>;
        readonly partial?: boolean | undefined;
        readonly negate?: boolean | undefined;
      };
    }
  | {
      /** The state of the conversation. */
      readonly type: 'assertState';
      /** Its name. */
      readonly params: { readonly state: string; readonly negate?: boolean | undefined };
    }
  | {
      /** The recognized intent. */
      readonly type: 'assertIntent';
      /** Its name. */
      readonly params: { readonly intent: string; readonly negate?: boolean | undefined };
    }
  | {
      /** A slot that was found, whatever its value. */
      readonly type: 'assertSlot';
      /** Its name. */
      readonly params: { readonly slot: string; readonly negate?: boolean | undefined };
    };

/** One input of a playbook, with what is checked. */
export interface PlaybookStepDraft {
  /** What is said. */
  readonly text: string;
  /** Data of the input. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What is checked.
   *
   * @defaultValue nothing
   */
  readonly asserts?: readonly PlaybookAssert[] | undefined;
}

/** A playbook to be created. */
export interface PlaybookDraft {
  /** Id of the project, 24 hexadecimal digits. */
  readonly projectId: string;
  /** Its name. */
  readonly name: string;
  /**
   * Whether a run ends at the first step that fails.
   *
   * @defaultValue false
   */
  readonly abortOnError?: boolean | undefined;
  /**
   * Time in ms after which a step fails.
   *
   * @defaultValue 20,000
   */
  readonly timeoutMs?: number | undefined;
}

/** A step as the server has it. */
export interface PlaybookStep {
  /** Id of the step. */
  readonly id: string;
  /** What is said. */
  readonly text?: string | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** A playbook: inputs for a flow, and what is checked after each. */
export interface Playbook {
  /** Id of the playbook. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its steps, in order; absent in a list. */
  readonly steps?: readonly PlaybookStep[] | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** What a playbook runs against. */
export interface PlaybookTarget {
  /** Id of a snapshot, or of the project for its current state. */
  readonly entrypoint: string;
  /** Reference id (a UUID) of the flow. */
  readonly flowReferenceId: string;
  /** Reference id (a UUID) of the locale. */
  readonly localeReferenceId: string;
}

/** The task that runs a playbook. The server forgets it after a week. */
export interface PlaybookTask {
  /** Id of the task. */
  readonly id: string;
  /** It ends as `done`, `cancelled` or `error`; a value that this package does not know is passed on as it is. */
  readonly status: 'queued' | 'active' | 'done' | 'cancelling' | 'cancelled' | 'error' | (string & {});
  /** Per cent, where the server says so. */
  readonly progress?: number | undefined;
  /** Why it failed. */
  readonly failReason?: string | undefined;
  /** Id of the run that the task made, once it is done. */
  readonly playbookRunId?: string | undefined;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** The outcome of one check. */
export interface PlaybookAssertResult {
  /** Kind of check. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'successful' | 'failed' | (string & {});
  /** What was expected. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** What came, where the server says so; of no published shape. */
  readonly actual?: unknown;
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** The outcome of one step. */
export interface PlaybookStepResult {
  /** Whether all of its checks hold. */
  readonly status: 'successful' | 'failed' | (string & {});
  /** What was said. */
  readonly text?: string | undefined;
  /** Whether the bot took too long. */
  readonly timeout?: boolean | undefined;
  /** Its checks. */
  readonly asserts: readonly PlaybookAssertResult[];
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** The outcome of a playbook. */
export interface PlaybookRun {
  /** Id of the run. */
  readonly id: string;
  /** Whether all checks hold. */
  readonly status: 'successful' | 'failed' | (string & {});
  /** Its steps, in order, as far as the run came. */
  readonly stepResults: readonly PlaybookStepResult[];
  /** Fields that this package does not know. */
  readonly [field: string]: unknown;
}

/** How a playbook ended. */
export interface PlaybookOutcome {
  /** The task in its final state. */
  readonly task: PlaybookTask;
  /** The run; absent where the task ended as `cancelled` or `error`. */
  readonly run?: PlaybookRun | undefined;
}
