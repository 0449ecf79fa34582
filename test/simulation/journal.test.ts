import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ClosedError, SuiteFileError } from 'agent-assist-sdk';
import { compareRuns, runSuite, type JournalEntry } from 'agent-assist-sdk/simulation';
import { loadRun, openJournal } from 'agent-assist-sdk/simulation/suites';
import { startTenant } from 'agent-assist-sdk/testing';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFiles } from './temporary-files.js';
import { caseOf, clientOf, resultOf } from './helpers.js';

const { folder, fileWith } = temporaryFiles();

describe('a journal in a file', () => {
  const entry = (id: string): JournalEntry => ({
    type: 'finished',
    id,
    hash: 'h',
    simulationId: 's',
    elapsedMs: 1,
    result: resultOf([{ intent: 'ä' }]),
  });

  test('gives back what was appended', async () => {
    const path = join(folder, 'journal-1.jsonl');
    const errored: JournalEntry = {
      type: 'errored',
      id: 'c',
      hash: 'h',
      error: { name: 'ServerError', message: 'out of order' },
    };
    {
      await using journal = await openJournal(path);
      expect(await journal.read()).toEqual({ entries: [] });
      await Promise.all([
        journal.append(entry('a')),
        journal.append({ type: 'submitted', id: 'b', hash: 'h', simulationId: 's' }),
        journal.append(errored),
      ]);
    }
    await using journal = await openJournal(path);
    expect(await journal.read()).toEqual({
      entries: [entry('a'), { type: 'submitted', id: 'b', hash: 'h', simulationId: 's' }, errored],
    });
  });

  test('refuses a line that is not UTF-8, and says which', async () => {
    const path = join(folder, 'journal-latin1.jsonl');
    const line = `${JSON.stringify(entry('a'))}\n`;
    writeFileSync(path, Buffer.concat([Buffer.from(line), Buffer.from(line, 'latin1'), Buffer.from(line)]));
    await using journal = await openJournal(path);
    await expect(journal.read()).rejects.toThrow(`${path}:2: is not UTF-8`);
  });

  test('cut off at any byte loses nothing but its last line, says so, and goes on from there', async () => {
    const path = join(folder, 'journal-2.jsonl');
    const lines = ['a', 'b', 'c'].map((id) => `${JSON.stringify(entry(id))}\n`);
    const bytes = Buffer.from(lines.join(''));
    const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join('')));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (length) => {
        writeFileSync(path, bytes.subarray(0, length));
        const whole = ends.filter((end) => end <= length).length;
        await using journal = await openJournal(path);
        const content = await journal.read();
        expect(content.entries.map(({ id }) => id)).toEqual(['a', 'b', 'c'].slice(0, whole));
        expect(content.tornLine).toBe(length === 0 || ends.includes(length) ? undefined : whole + 1);
        await journal.append(entry('next'));
        expect((await journal.read()).entries.map(({ id }) => id)).toEqual([
          ...['a', 'b', 'c'].slice(0, whole),
          'next',
        ]);
        expect(readFileSync(path, 'utf8')).toMatch(/\n$/);
      }),
      { numRuns: 60 },
    );
  });

  test('with a broken line in the middle is refused, with the line', async () => {
    const path = join(folder, 'journal-3.jsonl');
    writeFileSync(path, `${JSON.stringify(entry('a'))}\nnot json\n`);
    await using journal = await openJournal(path);
    await expect(journal.read()).rejects.toThrow(`${path}:2:1: is not valid JSON`);
    writeFileSync(path, '{"type":"finished","id":"a","hash":"h","simulationId":"s","elapsedMs":1,"result":{"id":4}}\n');
    await expect(journal.read()).rejects.toThrow(/journal-3\.jsonl:1:1: result\.id: expected string/);
    await expect(openJournal(folder)).rejects.toThrow(/cannot be opened \(EISDIR\)/);
  });

  test('writes no more once a write failed, and names what failed', async () => {
    const path = '/dev/full'; // where every write fails as on a full disk
    await using journal = await openJournal(path);
    const both = await Promise.allSettled([journal.append(entry('a')), journal.append(entry('b'))]);
    for (const { reason } of both as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(SuiteFileError);
      expect(reason).toMatchObject({ file: path, message: '/dev/full: cannot be written (ENOSPC)' });
    }
  });

  test('confirms no entry if its file was deleted', async () => {
    const path = join(folder, 'journal-deleted.jsonl');
    await using journal = await openJournal(path);
    await journal.append(entry('a'));
    rmSync(path);
    await expect(journal.append(entry('b'))).rejects.toThrow(`${path}: cannot be written (ENOENT)`);
    writeFileSync(path, '');
    await expect(journal.append(entry('c'))).rejects.toThrow(SuiteFileError);
  });

  test('puts its name on disk, without which a new file does not survive a power failure', async () => {
    const path = join(folder, 'journal-new.jsonl');
    await using handle = await open(folder, 'r');
    const flush = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
    onTestFinished(() => flush.mockRestore());
    await using journal = await openJournal(path);
    await journal.append(entry('a'));
    expect(flush).toHaveBeenCalledOnce();
  });

  test('writes what waits for the disk together, and confirms nothing before it is flushed', async () => {
    const path = join(folder, 'journal-6.jsonl');
    await using handle = await open(path, 'a');
    const flush = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'datasync');
    onTestFinished(() => flush.mockRestore());
    const flushes = Array.from({ length: 2 }, () => Promise.withResolvers<undefined>());
    for (const { promise } of flushes) flush.mockImplementationOnce(() => promise);
    const confirmed: string[] = [];
    await using journal = await openJournal(path);
    const append = async (id: string): Promise<void> => {
      await journal.append(entry(id));
      confirmed.push(id);
    };
    const lines = (): number => readFileSync(path, 'utf8').split('\n').length - 1;
    const first = append('a');
    await expect.poll(() => flush).toHaveBeenCalledTimes(1);
    const others = ['b', 'c', 'd'].map(append);
    expect([confirmed, lines()]).toEqual([[], 1]);
    flushes[0]?.resolve(undefined);
    await first;
    await expect.poll(() => flush).toHaveBeenCalledTimes(2);
    expect([confirmed, lines()]).toEqual([['a'], 4]);
    flushes[1]?.resolve(undefined);
    await Promise.all(others);
    expect(confirmed).toEqual(['a', 'b', 'c', 'd']);
    expect(flush).toHaveBeenCalledTimes(2);
  });

  test('takes no entry after its end', async () => {
    const journal = await openJournal(join(folder, 'journal-5.jsonl'));
    await journal[Symbol.asyncDispose]();
    await expect(journal.append(entry('a'))).rejects.toThrow(ClosedError);
  });

  test('makes a suite resumable, a torn line reported', async () => {
    await using tenant = await startTenant();
    const path = join(folder, 'journal-4.jsonl');
    const cases = ['a', 'b', 'c'].map((id) => caseOf(id, ['hi', 'greeting']));
    const run = async (events: unknown[]) => {
      await using journal = await openJournal(path);
      return await runSuite(cases, {
        client: clientOf(tenant),
        journal,
        concurrency: 1,
        pollIntervalMs: 5,
        onProgress: (event) => event.type === 'resumed' && events.push(event),
      });
    };
    await run([]);
    truncateSync(path, readFileSync(path).length - 10);
    appendFileSync(path, '');
    const events: unknown[] = [];
    const { results } = await run(events);
    expect(events).toEqual([{ type: 'resumed', finished: 2, tornLine: 6 }]);
    expect(results.map(({ id, resumed }) => [id, resumed])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
    expect(tenant.simulation.submitted).toBe(3);
  });
});

describe('a saved run', () => {
  test('is the baseline of a comparison', async () => {
    await using tenant = await startTenant();
    const run = await runSuite([caseOf('a', ['hi', 'greeting'])], { client: clientOf(tenant), pollIntervalMs: 5 });
    const baseline = await loadRun(fileWith(JSON.stringify(run), 'json'));
    expect(compareRuns(baseline, run)).toMatchObject({
      compared: 1,
      newlyFailing: [],
      drifts: [],
      gate: { holds: true },
    });
  });

  test('is refused when it is something else', async () => {
    await expect(loadRun(fileWith('{"results":[{"id":"a","status":"green"}]}'))).rejects.toThrow(
      /results\[0\]\.status: expected "passed" or "failed" or "errored"/,
    );
    await expect(loadRun(fileWith('<html>'))).rejects.toThrow(/is not valid JSON/);
  });
});
