import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the files of one test file, which is removed after its tests. */
export function temporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'suites-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  const fileWith = (content: string | Uint8Array, extension = 'yaml'): string => {
    const path = join(folder, `file-${(files += 1)}.${extension}`);
    writeFileSync(path, content);
    return path;
  };
  return { folder, fileWith };
}
