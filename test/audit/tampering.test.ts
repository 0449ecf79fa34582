import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AbortError, ConfigurationError } from 'agent-assist-sdk';
import { AuditTrail, verifyAuditTrail, type AuditTrailEntry, type AuditTrailProblem } from 'agent-assist-sdk/audit';
import { forgeLine, trailPath, writeTrail } from './helpers.js';

const COUNT = 8;

async function trail(): Promise<{ path: string; lines: string[] }> {
  const path = await trailPath();
  await writeTrail(
    path,
    Array.from({ length: COUNT }, (_, n) => ({ n, action: 'calibration.applied', note: 'grüße \ufffd' })),
  );
  return { path, lines: (await readFile(path, 'utf8')).split('\n').slice(0, -1) };
}

async function problemOf(
  path: string,
  lines: readonly string[] | Uint8Array,
): Promise<Pick<AuditTrailProblem, 'kind' | 'seq'> | undefined> {
  await writeFile(path, lines instanceof Uint8Array ? lines : lines.map((line) => `${line}\n`).join(''));
  const result = await verifyAuditTrail(path);
  if (result.ok) return undefined;
  expect(result.problem.message).toContain(String(result.problem.seq));
  return { kind: result.problem.kind, seq: result.problem.seq };
}

const hashOf = (line: string | undefined): string =>
  line === undefined ? '0'.repeat(64) : (JSON.parse(line) as AuditTrailEntry).hash;
/** 1-based, like the trail's own numbers. */
const anyRecord = fc.integer({ min: 1, max: COUNT });

describe('verifyAuditTrail', () => {
  it('accepts an untouched trail and an empty one', async () => {
    const { path, lines } = await trail();
    expect(await verifyAuditTrail(path)).toEqual({ ok: true, head: { count: COUNT, hash: hashOf(lines.at(-1)) } });
    expect(await problemOf(path, [])).toBeUndefined();
  });

  it('names the record of any byte that was changed', async () => {
    const { path, lines } = await trail();
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 2 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const seq = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
        expect(await problemOf(path, changed)).toEqual({ kind: 'changed', seq });
      }),
      { numRuns: 500 },
    );
  });

  it('notices other bytes that read as the same text', async () => {
    const { path, lines } = await trail();
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const at = bytes.indexOf('\ufffd');
    expect(
      await problemOf(path, Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)])),
    ).toEqual({ kind: 'changed', seq: 1 });
    expect(await problemOf(path, Buffer.concat([Buffer.from('\ufeff'), bytes]))).toEqual({ kind: 'changed', seq: 1 });
  });

  it('notices another spelling of the same JSON', async () => {
    const { path, lines } = await trail();
    for (const respell of [
      (line: string) => line.replace('"seq":', '"seq": '),
      (line: string) => `${line}\r`,
      (line: string) => line.replace('"seq":', '"seq":99,"seq":'),
      (line: string) => line.replace('"seq":3', '"seq":3.0'),
      (line: string) => line.replace('}', ',"more":1}'),
      (line: string) => line.replace('grüße', 'gr\\u00fc\\u00dfe'),
    ])
      expect(
        await problemOf(
          path,
          lines.map((line, index) => (index === 2 ? respell(line) : line)),
        ),
      ).toEqual({ kind: 'changed', seq: 3 });
  });

  it('notices an entry that is right in itself but for the type of a field', async () => {
    const { path, lines } = await trail();
    const forge = (at: string, seq: string): string => {
      const rest = `"previousHash":"${hashOf(lines[6])}","record":{},"seq":${seq}}`;
      const hash = createHash('sha256').update(`{"at":${at},${rest}`).digest('hex');
      return `{"at":${at},"hash":"${hash}",${rest}`;
    };
    expect(await problemOf(path, lines.with(7, forge('"2026-01-01T00:00:00.000Z"', '8')))).toBeUndefined();
    expect(await problemOf(path, lines.with(7, forge('5', '8')))).toEqual({ kind: 'changed', seq: 8 });
    expect(await problemOf(path, lines.with(7, forge('"2026-01-01T00:00:00.000Z"', '8.5')))).toEqual({
      kind: 'changed',
      seq: 8,
    });
  });

  it('notices a record that could not have been appended', async () => {
    const { path, lines } = await trail();
    const forged = forgeLine(8, hashOf(lines[6]), { text: '\ud800' });
    expect(JSON.parse(forged)).toMatchObject({ record: { text: '\ud800' } });
    expect(await problemOf(path, lines.with(7, forged))).toEqual({ kind: 'changed', seq: 8 });
  });

  it('ends by its signal', async () => {
    const { path } = await trail();
    await expect(verifyAuditTrail(path, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortError);
  });

  it('names the first record that was removed', async () => {
    const { path, lines } = await trail();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: COUNT - 1 }), fc.integer({ min: 1, max: 3 }), async (seq, many) => {
        fc.pre(seq + many <= COUNT);
        expect(await problemOf(path, lines.toSpliced(seq - 1, many))).toEqual({ kind: 'removed', seq });
      }),
    );
  });

  it('names the first line that was inserted, forged in whatever way', async () => {
    const { path, lines } = await trail();
    const forgeries: readonly ((seq: number) => string)[] = [
      () => 'garbage',
      () => '',
      () => '{"seq":1}',
      (seq) => forgeLine(seq, 'f'.repeat(64), { forged: true }),
      (seq) => forgeLine(seq + 7, hashOf(lines[seq - 1]), { forged: true }),
      (seq) => (lines[seq - 1] ?? '').replace('applied', 'deleted'),
    ];
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.constantFrom(...forgeries), async (seq, forge) => {
        expect(await problemOf(path, lines.toSpliced(seq - 1, 0, forge(seq)))).toEqual({ kind: 'inserted', seq });
      }),
      { numRuns: 200 },
    );
  });

  it('names the place that two records have, both right in themselves, as a fork', async () => {
    const { path, lines } = await trail();
    await fc.assert(
      fc.asyncProperty(anyRecord, fc.integer({ min: 1, max: 3 }), async (seq, many) => {
        // As two writers at one instant leave it: each wrote its own batch behind the same record.
        const branch: string[] = [];
        for (let n = 0; n < many; n += 1) {
          branch.push(forgeLine(seq + n, hashOf(branch.at(-1) ?? lines[seq - 2]), { branch: n }));
        }
        const forked = { kind: 'forked', seq } as const;
        expect(await problemOf(path, [...lines.slice(0, seq), ...branch])).toEqual(forked);
        expect(await problemOf(path, [...lines, ...branch])).toEqual(forked);
        expect(await problemOf(path, lines.toSpliced(seq - 1, 0, ...branch))).toEqual(forked);
      }),
    );
  });

  it('names a copy of an earlier record, also at the end', async () => {
    const { path, lines } = await trail();
    await fc.assert(
      fc.asyncProperty(anyRecord, anyRecord, async (original, after) => {
        fc.pre(original <= after);
        expect(await problemOf(path, lines.toSpliced(after, 0, lines[original - 1] ?? ''))).toEqual({
          kind: 'inserted',
          seq: after + 1,
        });
      }),
    );
  });

  it('names a record that was changed together with its hash', async () => {
    const { path, lines } = await trail();
    for (let seq = 1; seq < COUNT; seq += 1) {
      const forged = forgeLine(seq, hashOf(lines[seq - 2]), { n: 'another' });
      // Its successor still holds the hash of what was there.
      expect(await problemOf(path, lines.with(seq - 1, forged))).toEqual({ kind: 'changed', seq });
    }
  });

  it('names the first of two records that changed places', async () => {
    const { path, lines } = await trail();
    const [a = '', b = ''] = lines.slice(3, 5);
    expect((await problemOf(path, lines.toSpliced(3, 2, b, a)))?.seq).toBe(4);
  });

  it('notices wrong numbers in a chain that holds', async () => {
    const { path } = await trail();
    const first = forgeLine(1, '0'.repeat(64), {});
    expect(await problemOf(path, [first, forgeLine(5, hashOf(first), {})])).toEqual({ kind: 'changed', seq: 2 });
  });
});

describe('against a head that was kept elsewhere', () => {
  it('notices that the end was cut off', async () => {
    const { path, lines } = await trail();
    const expectedHead = { count: COUNT, hash: hashOf(lines.at(-1)) };
    expect(await problemOf(path, lines.slice(0, 6))).toBeUndefined();
    expect(await verifyAuditTrail(path, { expectedHead })).toMatchObject({
      ok: false,
      problem: { kind: 'removed', seq: 7 },
    });
  });

  it('notices that the trail was written anew, also when it went on since', async () => {
    const { path, lines } = await trail();
    const expectedHead = { count: 5, hash: hashOf(lines[4]) };
    expect(await verifyAuditTrail(path, { expectedHead })).toMatchObject({ ok: true, head: { count: COUNT } });
    const forged: string[] = [];
    for (let seq = 1; seq <= COUNT; seq += 1) forged.push(forgeLine(seq, hashOf(forged.at(-1)), { seq }));
    expect(await problemOf(path, forged)).toBeUndefined();
    expect(await verifyAuditTrail(path, { expectedHead })).toMatchObject({
      ok: false,
      problem: { kind: 'rewritten', seq: 5, message: expect.stringContaining('Record 5') as string },
    });
  });

  it.each([
    [{ expectedHead: {} }, /expectedHead: expected (?:the head|an object)/],
    [{ expectedHead: { count: '8', hash: '0'.repeat(64) } }, /expectedHead: expected (?:the head|an object)/],
    [{ expectedHead: { count: NaN, hash: '0'.repeat(64) } }, /expectedHead: expected (?:the head|an object)/],
    [{ expectedHead: { count: COUNT, hash: '' } }, /expectedHead: expected (?:the head|an object)/],
    [{ expectedHead: null }, /expectedHead: expected (?:the head|an object)/],
  ])('does not pass without a comparison: %j', async (options, message) => {
    const { path } = await trail();
    await expect(verifyAuditTrail(path, options as never)).rejects.toThrow(message);
    await using open = await AuditTrail.open(path);
    await expect(open.verify({ expectedHead: {} as never })).rejects.toBeInstanceOf(ConfigurationError);
  });

  it('is what an open trail does with its own', async () => {
    const { path, lines } = await trail();
    await using open = await AuditTrail.open(path);
    expect(await open.verify()).toEqual({ ok: true, head: open.head });
    await writeFile(
      path,
      lines
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect(await open.verify()).toMatchObject({ ok: false, problem: { kind: 'removed', seq: COUNT } });
  });
});
