import type { Page } from '../../http/internal.js';
import type { PlaybookTarget } from '../playbooks/types.js';

/** The target of a batch, and the language model that plays the customer. Known only from third-party code. */
export interface SimulatorRunConfig extends PlaybookTarget {
  /** Reference id of the language model that plays the customer. */
  readonly largeLanguageModelReferenceId: string;
  /** Unknown fields are sent unchanged, e.g. `userId`, `data`, `enableMocking`. */
  readonly [field: string]: unknown;
}

/** A batch of runs to schedule. Its fields are known only from third-party code. */
export interface SimulatorBatchDraft {
  readonly name: string;
  /** Id of the project. */
  readonly projectReference: string;
  /** Number of conversations. */
  readonly numberOfExecutions: number;
  readonly runConfig: SimulatorRunConfig;
}

/** A page of a list. */
export interface SimulatorPage<T> extends Page<T> {
  /** Number of all items, if the server sends it. */
  readonly total?: number | undefined;
}

/** Selects a page of a list. */
export interface SimulatorPageQuery {
  /** Page size, 1 to 100. @defaultValue the server's, 20 */
  readonly pageSize?: number | undefined;
  /** Start of the list: the `nextCursor` of an earlier page, a number of items. @defaultValue the beginning */
  readonly cursor?: string | undefined;
}

/** A scenario: a persona, a mission and criteria of success. Unknown fields are kept. */
export interface SimulatorScenario {
  /** Reference id of the scenario, used in the routes. */
  readonly referenceId: string;
  readonly name?: string | undefined;
  readonly [field: string]: unknown;
}

/** A batch of runs. Unknown fields, such as metrics, are kept. */
export interface SimulatorBatch {
  /** The status; `COMPLETED`, `FAILED` and `STOPPED` are final. */
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'STOPPED' | (string & {});
  readonly [field: string]: unknown;
}
