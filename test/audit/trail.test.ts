import { execFileSync } from 'node:child_process';
import { appendFile, readdir, readFile, readlink, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { AbortError, AuditTrailError, ClosedError, ConfigurationError, RequestValidationError } from 'agent-assist-sdk';
import { AuditTrail, readAuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { FakeClock } from '../helpers/fake-clock.js';
import { trailPath, writeTrail } from './helpers.js';

const ZEROS = '0'.repeat(64);

describe('a file that cannot be read', () => {
  it('is named with the reason, and a pipe is not waited for', async () => {
    const missing = await trailPath();
    const pipe = await trailPath();
    execFileSync('mkfifo', [pipe]);
    for (const [path, message] of [
      [missing, `${missing}: cannot be read: ENOENT`],
      [pipe, `${pipe}: is not a regular file`],
      // Fails while it is read.
      ['/proc/self/mem', '/proc/self/mem: cannot be read: EIO'],
    ] as const) {
      const failure = { name: 'AuditTrailError', reason: 'broken', message };
      await expect(verifyAuditTrail(path)).rejects.toMatchObject(failure);
      await expect(Array.fromAsync(readAuditTrail(path))).rejects.toMatchObject(failure);
    }
  });
});

describe('AuditTrail', () => {
  it('keeps the order of the calls and goes on where it ended', async () => {
    const path = await trailPath();
    await writeTrail(
      path,
      Array.from({ length: 300 }, (_, n) => ({ n })),
    );
    await using trail = await AuditTrail.open(path);
    expect(trail.head.count).toBe(300);
    const entry = await trail.append({ n: 300 });
    expect(entry.seq).toBe(301);
    expect(trail.head).toEqual({ count: 301, hash: entry.hash });
    expect(await Array.fromAsync(trail.records(), ({ record }) => record['n'])).toEqual(
      Array.from({ length: 301 }, (_, n) => n),
    );
  });

  it('takes the time from its clock and the record as it is at the call', async () => {
    const clock = new FakeClock();
    await clock.advance(1_500);
    await using trail = await AuditTrail.open(await trailPath(), { clock });
    const record = { state: 'before' };
    const appending = trail.append(record);
    record.state = 'after';
    expect(await appending).toMatchObject({ at: '2026-01-01T00:00:01.500Z', record: { state: 'before' } });
  });

  it.each([
    ['a.b[1]', 'has a toJSON that returns nothing', { a: { b: [0, new Date(NaN)] } }],
    ['a', 'has a symbol as a key', { a: { [Symbol('s')]: 1 } }],
    ['', 'has a symbol as a key', { [Symbol('s')]: 1 }],
    ['a', 'other than its elements', { a: Object.assign([1], { extra: 2 }) }],
    ['a', 'has a gap', { a: Object.assign(Array<number>(2), { 1: 1 }) }],
    ['a', 'has a gap', { a: Array<number>(1) }],
    ['a[0]', 'is undefined', { a: [undefined] }],
    ['a[0]', 'is a function', { a: [() => 1] }],
    ['a', 'is Infinity', { a: Infinity }],
    ['a', 'is a bigint', { a: 1n }],
    ['a', 'lone surrogate', { a: '\ud800' }],
    ['a', 'binary', { a: Buffer.from('x') }],
    ['a', 'instance of a class', { a: new Map([[1, 2]]) }],
    ['a.m', 'instance of a class', { a: { toJSON: () => ({ m: new Set([1]) }) } }],
    ['"x\\ny"', 'instance of a class', { 'x\ny': new Error('lost') }],
  ])('refuses at "%s" what %s', async (path, reason, record) => {
    await using trail = await AuditTrail.open(await trailPath());
    await expect(trail.append(record)).rejects.toMatchObject({
      name: 'RequestValidationError',
      issues: [{ path, message: expect.stringContaining(reason) as string }],
    });
    expect(trail.head.count).toBe(0);
  });

  it('keeps what JSON holds, leaves out undefined fields and writes -0 as 0', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    const at = new Date(0);
    const shared = { deep: [null, true, 'x'] };
    const { record } = await trail.append({ at, n: -0, gone: undefined, one: shared, two: shared });
    expect(record).toEqual({ at: '1970-01-01T00:00:00.000Z', n: 0, one: shared, two: shared });
    expect(Object.keys(record)).not.toContain('gone');
    expect(await trail.verify()).toMatchObject({ ok: true });
  });

  it.each([
    ['an array', []],
    ['a text', 'x'],
    ['null', null],
    ['nothing', undefined],
    ['NaN', { a: NaN }],
    ['a bigint', { a: 1n }],
    ['a lone surrogate', { a: '\ud800' }],
    ['more than 1 MiB', { a: 'x'.repeat(1_048_576) }],
  ])('refuses %s', async (_, record) => {
    await using trail = await AuditTrail.open(await trailPath());
    await expect(trail.append(record as Record<string, unknown>)).rejects.toBeInstanceOf(RequestValidationError);
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    await expect(trail.append(cyclic)).rejects.toBeInstanceOf(RequestValidationError);
    expect((await trail.append({})).seq).toBe(1);
  });

  it('refuses what comes beyond its queue, and takes more once there is room', async () => {
    await using trail = await AuditTrail.open(await trailPath(), { capacity: 2 });
    const attempts = [1, 2, 3].map((n) => trail.append({ n }));
    await expect(attempts[2]).rejects.toMatchObject({ name: 'QueueFullError', capacity: 2 });
    await Promise.all(attempts.slice(0, 2));
    expect((await trail.append({ n: 4 })).seq).toBe(3);
  });

  it('holds 1,000 where nothing else is said, and acknowledges them in the order of the calls', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    const acknowledged: number[] = [];
    const attempts = Array.from({ length: 1001 }, async (_, n) => {
      const { seq } = await trail.append({ n });
      acknowledged.push(seq);
    });
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.findIndex(({ status }) => status === 'rejected')).toBe(1000);
    expect(outcomes.at(-1)).toMatchObject({ reason: { name: 'QueueFullError', capacity: 1000 } });
    expect(acknowledged).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  });

  it('lets a caller stop waiting; the record is written all the same', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    const controller = new AbortController();
    const appending = trail.append({ n: 1 }, { signal: controller.signal });
    controller.abort();
    await expect(appending).rejects.toBeInstanceOf(AbortError);
    expect((await trail.append({ n: 2 })).seq).toBe(2);
    const aborted = { signal: AbortSignal.abort() };
    await expect(trail.append({ n: 3 }, aborted)).rejects.toBeInstanceOf(AbortError);
    expect(trail.head.count).toBe(2);
    expect((await trail.append({ n: 4 })).seq).toBe(3);
    await expect(Array.fromAsync(trail.records(aborted))).rejects.toBeInstanceOf(AbortError);
    await expect(trail.verify(aborted)).rejects.toBeInstanceOf(AbortError);
  });

  it('writes what waits before it closes, closes once, and takes nothing after that', async () => {
    const path = await trailPath();
    const trail = await AuditTrail.open(path);
    const appending = Array.from({ length: 20 }, (_, n) => trail.append({ n }));
    await Promise.all([trail.close(), trail.close()]);
    await Promise.all(appending);
    await expect(trail.append({})).rejects.toBeInstanceOf(ClosedError);
    expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 20 } });
  });

  it.skipIf(process.platform !== 'linux')('leaves no file open, also when its reader stops in the middle', async () => {
    const path = await trailPath();
    const isOpen = async (): Promise<boolean> => {
      const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(links)).some((target) => target.startsWith(path));
    };
    await writeFile(path, '{"torn');
    {
      await using trail = await AuditTrail.open(path);
      await trail.append({ n: 1 });
      expect(await isOpen()).toBe(true);
      for await (const entry of trail.records()) {
        expect(entry.seq).toBe(1);
        break;
      }
      await trail.verify();
    }
    expect(await isOpen()).toBe(false);
    await appendFile(path, 'garbage\n');
    await expect(AuditTrail.open(path)).rejects.toMatchObject({ reason: 'broken' });
    expect(await isOpen()).toBe(false);
  });

  it('is closed at the end of its block', async () => {
    let kept: AuditTrail;
    {
      await using trail = await AuditTrail.open(await trailPath());
      kept = trail;
    }
    await expect(kept.append({})).rejects.toBeInstanceOf(ClosedError);
  });

  it('refuses options that make no sense', async () => {
    for (const capacity of [0, -1, 1.5]) {
      await expect(AuditTrail.open(await trailPath(), { capacity })).rejects.toBeInstanceOf(ConfigurationError);
    }
  });

  it('says so where it cannot write or read', async () => {
    await expect(AuditTrail.open('/nowhere/at/all.jsonl')).rejects.toMatchObject({ reason: 'write_failed' });
    await expect(verifyAuditTrail('/nowhere/at/all.jsonl')).rejects.toBeInstanceOf(AuditTrailError);
  });

  it('says so where there are no files', async () => {
    const path = await trailPath();
    vi.stubGlobal('process', undefined);
    try {
      await expect(AuditTrail.open(path)).rejects.toBeInstanceOf(ConfigurationError);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('is not slowed by a long last record, and refuses to go on after one that is not intact', async () => {
    const path = await trailPath();
    await writeTrail(path, [{ n: 1 }, { text: 'x'.repeat(400_000) }]);
    {
      await using trail = await AuditTrail.open(path);
      expect(trail.head.count).toBe(2);
    }
    await appendFile(path, 'garbage\n');
    await expect(AuditTrail.open(path)).rejects.toMatchObject({
      reason: 'broken',
      message: expect.stringContaining('last record') as string,
    });
  });

  it.each([
    ['garbage'],
    ['null'],
    ['[]'],
    ['{}'],
    ...[
      '"seq":1.5',
      '"seq":"1"',
      '"at":5',
      '"previousHash":null',
      '"hash":7',
      '"record":[]',
      '"record":null',
      '"record":"x"',
    ].map((field) => [
      JSON.stringify({
        at: '',
        hash: '',
        previousHash: '',
        record: {},
        seq: 1,
        ...(JSON.parse(`{${field}}`) as object),
      }),
    ]),
  ])('reads no further than a line that is no entry, and names it: %s', async (line) => {
    const path = await trailPath();
    await writeTrail(path, [{ n: 1 }, { n: 2 }]);
    const [first = '', second = ''] = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [first, line, second, ''].join('\n'));
    await using trail = await AuditTrail.open(path);
    const read: unknown[] = [];
    await expect(
      (async () => {
        for await (const { record } of trail.records()) read.push(record);
      })(),
    ).rejects.toMatchObject({ reason: 'broken', path, message: expect.stringContaining('line 2') as string });
    expect(read).toEqual([{ n: 1 }]);
  });
});

describe('a second writer', () => {
  it('is noticed before anything is written, and nothing more is taken', async () => {
    const path = await trailPath();
    await using first = await AuditTrail.open(path);
    await using second = await AuditTrail.open(path);
    await first.append({ by: 'first' });
    await expect(second.append({ by: 'second' })).rejects.toMatchObject({ reason: 'conflict' });
    await expect(second.append({ by: 'second' })).rejects.toMatchObject({ reason: 'conflict' });
    expect((await first.append({ by: 'first' })).seq).toBe(2);
    expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 2 } });
    await using third = await AuditTrail.open(path);
    expect((await third.append({ by: 'third' })).seq).toBe(3);
  });

  it.each([
    ['cut', (path: string) => truncate(path, 10)],
    [
      'replaced',
      async (path: string) => {
        await writeFile(`${path}.other`, 'something else\n');
        await rename(`${path}.other`, path);
      },
    ],
  ])('or whoever has %s the file', async (_, meddle) => {
    const path = await trailPath();
    await using trail = await AuditTrail.open(path);
    await trail.append({ n: 1 });
    await meddle(path);
    await expect(trail.append({ n: 2 })).rejects.toMatchObject({ reason: 'conflict' });
  });

  it('is not forgiven when the file is again as it was: the trail has to be opened anew', async () => {
    const path = await trailPath();
    await using trail = await AuditTrail.open(path);
    await trail.append({ n: 1 });
    const bytes = await readFile(path);
    await truncate(path, 10);
    await expect(trail.append({ n: 2 })).rejects.toMatchObject({ reason: 'conflict' });
    await writeFile(path, bytes);
    await expect(trail.append({ n: 3 })).rejects.toMatchObject({ reason: 'conflict' });
    expect(await readFile(path)).toEqual(bytes);
    await using again = await AuditTrail.open(path);
    expect((await again.append({ n: 3 })).seq).toBe(2);
  });

  it('and a deleted file is a failed write for all that waits', async () => {
    const path = await trailPath();
    await using trail = await AuditTrail.open(path);
    await rm(path);
    const results = await Promise.allSettled([trail.append({ n: 1 }), trail.append({ n: 2 })]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(trail.append({ n: 3 })).rejects.toMatchObject({ reason: 'write_failed' });
  });
});

describe('a torn last line', () => {
  it('is reported, moved aside and never lost, at whatever byte the write was cut; the chain goes on', async () => {
    const path = await trailPath();
    await writeTrail(path, [{ n: 1 }, { n: 2 }, { n: 3, text: 'grüße 🎧' }]);
    const whole = await readFile(path);
    const start = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (let end = start + 1; end < whole.length; end += 1) {
      await writeFile(path, whole.subarray(0, end));
      await rm(`${path}.torn`, { force: true });
      expect(await verifyAuditTrail(path)).toMatchObject({ ok: false, problem: { kind: 'torn', seq: 3 } });
      await using trail = await AuditTrail.open(path);
      const complete = end === whole.length - 1;
      if (complete) {
        // Only its line feed was missing: the record is there.
        expect([trail.head.count, trail.recovered]).toEqual([3, undefined]);
      } else {
        expect(trail.recovered).toEqual({ seq: 3, bytes: end - start, movedTo: `${path}.torn` });
        expect(await readFile(`${path}.torn`)).toEqual(Buffer.concat([whole.subarray(start, end), Buffer.from('\n')]));
        expect((await stat(`${path}.torn`)).mode & 0o777).toBe(0o600);
      }
      await trail.append({ n: 'next' });
      expect(await trail.verify()).toMatchObject({ ok: true, head: { count: complete ? 4 : 3 } });
      expect((await readFile(path)).subarray(0, start)).toEqual(whole.subarray(0, start));
    }
  });

  it('of a first record leaves an empty trail, and several are kept', async () => {
    const path = await trailPath();
    for (const torn of ['{"at":', '{"at":"2026']) {
      await writeFile(path, torn);
      await using trail = await AuditTrail.open(path);
      expect(trail.recovered).toMatchObject({ seq: 1, bytes: torn.length });
      expect(trail.head).toEqual({ count: 0, hash: ZEROS });
    }
    expect(await readFile(`${path}.torn`, 'utf8')).toBe('{"at":\n{"at":"2026\n');
  });
});
