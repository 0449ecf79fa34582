import { SuiteFileError, type FileIssue } from '../../errors.js';
import { safeParse, toIssues } from '../../http/internal.js';
import { parseJson } from '../../json.js';
import type * as z from '../../schema.js';

/**
 * Parses JSON of a file by the schema for its value.
 *
 * @param place - where the JSON begins in the file.
 * @throws `SuiteFileError` with all problems.
 */
export function parseJsonText<T>(
  file: string,
  text: string,
  schemaFor: (value: unknown) => z.Schema<T>,
  place: Pick<FileIssue, 'line' | 'column'> = {},
): T {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new SuiteFileError(file, [{ ...place, path: '', message: `is ${(error as SyntaxError).message}` }]);
  }
  const parsed = safeParse(schemaFor(value), value);
  if (parsed.success) return parsed.data;
  throw new SuiteFileError(
    file,
    toIssues(parsed).map((issue) => ({ ...place, ...issue })),
  );
}
