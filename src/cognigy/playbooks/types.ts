import type { Page, PollOptions } from '../../http/internal.js';
import type { RunOptions } from '../../simulation/index.js';

/** A check of a playbook step, made after the response to its input. `negate` inverts it. */
export type PlaybookAssert = { readonly params: { readonly negate?: boolean | undefined } } & (
  | {
      /** The bot's text; `fuzzy` also accepts a similar one. */
      readonly type: 'assertText';
      readonly params: { readonly text: string; readonly fuzzy?: boolean | undefined };
    }
  | {
      /** The bot's data, or the context; `partial` also accepts further fields. */
      readonly type: 'assertData' | 'assertContext';
      readonly params: { readonly data: Readonly<Record<string, unknown>>; readonly partial?: boolean | undefined };
    }
  | { readonly type: 'assertState'; readonly params: { readonly state: string } }
  | { readonly type: 'assertIntent'; readonly params: { readonly intent: string } }
  | {
      /** A found slot, with any value. */
      readonly type: 'assertSlot';
      readonly params: { readonly slot: string };
    }
);

/** One input of a playbook, and its checks. */
export interface PlaybookStepDraft {
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** The checks. @defaultValue none */
  readonly asserts?: readonly PlaybookAssert[] | undefined;
}

/** A playbook to create. */
export interface PlaybookDraft {
  /** Id of the project, 24 hex digits. */
  readonly projectId: string;
  readonly name: string;
  /** Whether a run ends at the first step that fails. @defaultValue false */
  readonly abortOnError?: boolean | undefined;
  /** Time limit of a step in ms. @defaultValue 20,000 */
  readonly timeoutMs?: number | undefined;
}

/** A step as stored by the server. */
export interface PlaybookStep {
  readonly id: string;
  readonly text?: string | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** A playbook: inputs for a flow, with checks after each. */
export interface Playbook {
  readonly id: string;
  readonly name: string;
  /** Steps, in order; absent in a list. */
  readonly steps?: readonly PlaybookStep[] | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** Selects a page of a project's playbooks. */
export interface PlaybookQuery {
  /** Id of the project, 24 hex digits. */
  readonly projectId: string;
  /** Page size, at least 1. Sources disagree on the platform's maximum (25 or 100). @defaultValue the platform's, 25 */
  readonly pageSize?: number | undefined;
  /** Start of the list: the `nextCursor` of an earlier page. @defaultValue the beginning */
  readonly cursor?: string | undefined;
}

/** One page of playbooks, without their steps. */
export type PlaybookPage = Page<Playbook> & Readonly<Record<string, unknown>>;

/** The target of a playbook. */
export interface PlaybookTarget {
  /** Id of a snapshot, or of the project for its current state. */
  readonly entrypoint: string;
  /** Reference id (a UUID) of the flow. */
  readonly flowReferenceId: string;
  /** Reference id (a UUID) of the locale. */
  readonly localeReferenceId: string;
}

/** The task that runs a playbook. The server deletes it after a week. */
export interface PlaybookTask {
  readonly id: string;
  /** The status; `done`, `cancelled` and `error` are final. Unknown values are passed on unchanged. */
  readonly status: 'queued' | 'active' | 'done' | 'cancelling' | 'cancelled' | 'error' | (string & {});
  /** Percent, if the server sends it. */
  readonly progress?: number | undefined;
  readonly failReason?: string | undefined;
  /** Id of the task's run, once it is done. */
  readonly playbookRunId?: string | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** A task that was just created. */
export interface ScheduledTask {
  readonly id: string;
  /** The status, as of {@link PlaybookTask}; absent if the server sends only the id. */
  readonly status?: PlaybookTask['status'] | undefined;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** The outcome of one check. */
export interface PlaybookAssertResult {
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'successful' | 'failed' | (string & {});
  /** The expected value. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** The actual value, if the server sends it; its shape is not published. */
  readonly actual?: unknown;
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** The outcome of one step. */
export interface PlaybookStepResult {
  /** Whether all of its checks hold. */
  readonly status: 'successful' | 'failed' | (string & {});
  readonly text?: string | undefined;
  /** Whether the bot timed out. */
  readonly timeout?: boolean | undefined;
  readonly asserts: readonly PlaybookAssertResult[];
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** The outcome of a playbook. */
export interface PlaybookRun {
  readonly id: string;
  /** Whether all checks hold. */
  readonly status: 'successful' | 'failed' | (string & {});
  /** The steps that ran, in order. */
  readonly stepResults: readonly PlaybookStepResult[];
  /** Unknown fields are kept. */
  readonly [field: string]: unknown;
}

/** Result of `PlaybookClient.run`. */
export interface PlaybookOutcome {
  /** The task in its final state. */
  readonly task: PlaybookTask;
  /** The run; absent if the task ended as `cancelled` or `error`. */
  readonly run?: PlaybookRun | undefined;
}

/** Options of {@link PlaybookClient.run}; the id of a run is that of its task. */
export type PlaybookRunOptions = PollOptions<PlaybookTask> & Pick<RunOptions, 'submittedId' | 'onSubmitted'>;
