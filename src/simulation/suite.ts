import type { EntityMatch } from './assertion.js';
import type { CaseResult } from './cases.js';
import type { SuiteSummary } from './summary.js';

/** The outcome of a suite. `JSON.stringify` of it is what `loadRun` reads. */
export interface SuiteRun {
  /** When it started; ISO 8601, UTC. */
  readonly startedAt: string;
  /** Duration in ms; of a resumed suite only that of the last run. */
  readonly elapsedMs: number;
  /** How entities were judged. */
  readonly entityMatch: EntityMatch;
  /** One result for each case, in their order. */
  readonly results: readonly CaseResult[];
  /** Totals over all cases. */
  readonly summary: SuiteSummary;
}
