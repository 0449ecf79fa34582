import type { RunComparison } from '../compare.js';

/** What a report says besides the run itself. */
export interface ReportOptions {
  /** Name of the suite. */
  readonly name: string;
  /** What changed since a baseline. */
  readonly comparison?: RunComparison | undefined;
}
