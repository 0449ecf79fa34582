import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireProgram } from '../helpers/programs.js';
import { csvOf } from './helpers.js';

describe.skipIf(!requireProgram('python3', 'python3'))('Python’s csv module', () => {
  it('reads back each cell', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r', '=', '-', '\t', ';', 'ü', '🎧', ' ', "'"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ x: text, y: text }), { minLength: 1, maxLength: 30 }), async (records) => {
        const script =
          'import csv,io,json,sys; print(json.dumps(list(csv.reader(io.TextIOWrapper(sys.stdin.buffer, "utf-8", newline=""), strict=True))))';
        const { stdout } = spawnSync('python3', ['-c', script], { input: await csvOf(records), encoding: 'utf8' });
        const rows = JSON.parse(stdout) as string[][];
        const guarded = (value: string): string =>
          (/^\s*[=-]|^[\t\r\n]/.test(value) ? "'" : '') + value.replace(/([;\t\r\n])([ "]*)(?=[=-])/g, "$1'$2");
        expect(rows.slice(1).map((row) => row.slice(4))).toEqual(records.map(({ x, y }) => [guarded(x), guarded(y)]));
      }),
      { numRuns: 15 },
    );
  });
});
