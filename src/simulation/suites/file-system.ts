import { concat, decodeLines } from '../../bytes.js';
import { errorCodeOf, fileSystem, openRegularFile } from '../../file-system.js';
import { SuiteFileError, type FileIssue } from '../../errors.js';
import { safeParse, toIssues } from '../../http/internal.js';
import { parseJson } from '../../json.js';
import type * as z from '../../schema.js';

const CHUNK_BYTES = 65_536;

/** Reads a text file of limited size. @throws `SuiteFileError` if it cannot be read, is too large, or is not UTF-8. */
export async function readText(file: string, maxBytes: number): Promise<string> {
  const bytes = await readBytes(file, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const line = decodeLines(bytes).lines.length + 1;
    throw new SuiteFileError(file, [{ line, path: '', message: 'is not UTF-8 text' }]);
  }
}

async function readBytes(file: string, maxBytes: number): Promise<Uint8Array> {
  const refuse = (message: string): SuiteFileError => new SuiteFileError(file, [{ path: '', message }]);
  const fail = (error: unknown): never => {
    throw error instanceof SuiteFileError ? error : fileError(file, 'read', error);
  };
  const handle = await openRegularFile(fileSystem('reading suites'), file, refuse).catch(fail);
  try {
    const { size } = await handle.stat();
    const chunks: Uint8Array[] = [];
    // A file of the system, e.g. in /proc, may have the size 0.
    for (let length = 0; Math.max(size, length) <= maxBytes;) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(CHUNK_BYTES));
      if (bytesRead === 0) return concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    const found = size > maxBytes ? `has ${megabytes(size)}, more than` : 'is longer than';
    throw refuse(`${found} the limit of ${megabytes(maxBytes)}`);
  } catch (error) {
    return fail(error);
  } finally {
    await handle.close();
  }
}

/** Turns the system's failure to open, read or write a file into a `SuiteFileError`. */
export function fileError(file: string, work: 'opened' | 'read' | 'written', error: unknown): SuiteFileError {
  const code = errorCodeOf(error) ?? 'unknown error';
  return new SuiteFileError(file, [{ path: '', message: `cannot be ${work} (${code})` }], { cause: error });
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

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
  const notJson = (problem: string): Error =>
    new SuiteFileError(file, [{ ...place, path: '', message: `is ${problem}` }]);
  const value = parseJson(text, notJson);
  const parsed = safeParse(schemaFor(value), value);
  if (parsed.success) return parsed.data;
  throw new SuiteFileError(
    file,
    toIssues(parsed).map((issue) => ({ ...place, ...issue })),
  );
}
