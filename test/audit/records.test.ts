import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestValidationError } from 'agent-assist-sdk';
import { AuditTrail, type AuditTrailEntry } from 'agent-assist-sdk/audit';
import { trailPath, writeTrail } from './helpers.js';

const ZEROS = '0'.repeat(64);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}

describe('what is written', () => {
  it('is one line of canonical JSON a record, chained by SHA-256, so that anyone can check it without this library', async () => {
    const path = await trailPath();
    await writeTrail(path, [{ b: 1, a: { d: [], c: 'ü' } }, {}, { action: 'x' }]);
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    let previousHash = ZEROS;
    for (const [index, line] of lines.entries()) {
      const { hash, ...rest } = JSON.parse(line) as AuditTrailEntry;
      expect(rest).toMatchObject({ seq: index + 1, previousHash, at: '2026-01-01T00:00:00.000Z' });
      expect(hash).toBe(
        createHash('sha256')
          .update(JSON.stringify(sorted(rest)))
          .digest('hex'),
      );
      expect(line).toBe(JSON.stringify(sorted({ ...rest, hash })));
      previousHash = hash;
    }
  });

  it('is readable for its owner only', async () => {
    const path = await trailPath();
    await writeTrail(path, [{}]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('comes back as it was recorded, whatever JSON can hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), {
          maxLength: 12,
        }),
        async (records) => {
          const path = await trailPath();
          {
            await using trail = await AuditTrail.open(path);
            const appended = await Promise.all(records.map((record) => trail.append(record)));
            expect(await Array.fromAsync(trail.records())).toEqual(appended);
          }
          await using trail = await AuditTrail.open(path);
          const read = await Array.fromAsync(trail.records(), ({ record }) => record);
          expect(JSON.stringify(sorted(read))).toBe(JSON.stringify(sorted(records)));
          expect(await trail.verify()).toEqual({ ok: true, head: trail.head });
          expect(trail.head.count).toBe(records.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('records that are long', () => {
  it('come back as they were over many reads of the file, whole and in their order', async () => {
    const path = await trailPath();
    const records = [300_000, 10, 65_000, 500_000].map((length, n) => ({
      n,
      text: Array.from({ length: length / 5 }, (_, at) => String(at % 100_000).padStart(5)).join(''),
    }));
    await writeTrail(path, records);
    await using trail = await AuditTrail.open(path);
    expect(await Array.fromAsync(trail.records(), ({ record }) => record)).toEqual(records);
    expect(await trail.verify()).toEqual({ ok: true, head: trail.head });
  });

  it('are read as they were when the reading began, whatever is appended meanwhile', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    // The end of the second one lies in another read than its beginning.
    for (const [n, length] of [10, 70_000].entries()) await trail.append({ n, text: 'x'.repeat(length) });
    const read: unknown[] = [];
    for await (const { record } of trail.records()) {
      read.push(record['n']);
      await trail.append({ n: 'later' });
    }
    expect(read).toEqual([0, 1]);
    expect(trail.head.count).toBe(4);
  });

  it('of exactly 1 MiB are taken, and no more', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    const empty = JSON.stringify({ a: '' }).length;
    expect((await trail.append({ a: 'x'.repeat(1_048_576 - empty) })).seq).toBe(1);
    await expect(trail.append({ a: 'x'.repeat(1_048_577 - empty) })).rejects.toBeInstanceOf(RequestValidationError);
  });

  it('are written 4 MiB at a time, each lot acknowledged when it is on the disk', async () => {
    // The first one is at work already when the others come.
    await using trail = await AuditTrail.open(await trailPath());
    const text = 'x'.repeat(1_000_000);
    const counts = await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        await trail.append({ n, text });
        return trail.head.count;
      }),
    );
    expect(counts).toEqual([1, 5, 5, 5, 5, 6]);
  });
});
