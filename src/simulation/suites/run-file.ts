import * as z from '../../schema.js';
import { anyString, finiteNumber, integer, oneOf } from '../../http/internal.js';
import type { ComparableRun } from '../judge/compare.js';
import { parseJsonText, readText } from './file-system.js';
import { checkKind } from '../../options.js';

const MAX_BYTES = 100 * 2 ** 20;

const runSchema: z.Schema<ComparableRun> = z.object({
  results: z.array(
    z.object({
      id: anyString,
      status: oneOf(['passed', 'failed', 'errored']),
      evaluation: z.optional(
        z.object({
          verdicts: z.array(
            z.object({
              assertion: z.object({ stepIndex: integer }),
              actual: z.optional(z.object({ confidence: z.optional(finiteNumber) })),
            }),
          ),
        }),
      ),
    }),
  ),
});

/**
 * Reads the baseline for `compareRuns` from a file with the `JSON.stringify` of a `SuiteRun`.
 *
 * @throws `SuiteFileError` if the file cannot be read, has more than 100 MiB, or contains something else;
 * `ConfigurationError` in runtimes without files.
 */
export async function loadRun(file: string): Promise<ComparableRun> {
  checkKind('file', file, 'a string', 'its name');
  return parseJsonText(file, await readText(file, MAX_BYTES), () => runSchema);
}
