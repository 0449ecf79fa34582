import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFile, chmod, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestValidationError } from 'agent-assist-sdk';
import { AuditTrail, readAuditTrail, readAuditTrailCsv, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { trailPath, writeTrail } from '../helpers.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const outfile = `${root}node_modules/.audit-two-writers-${process.pid}.mjs`;

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./writer.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    alias: { 'agent-assist-sdk/audit': `${root}src/audit/index.ts` },
  });
});
afterAll(() => rm(outfile, { force: true }));

interface Writer {
  readonly child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<string>;
}

async function openWriter(path: string, name: string): Promise<Writer> {
  const child = spawn(process.execPath, [outfile, path, name]);
  child.stderr.pipe(process.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('open');
  return { child, outcome: lines.next().then(({ value }) => String(value)) };
}

describe('two processes that append at one instant', () => {
  it('leave a trail with what was acknowledged and nothing else', async () => {
    for (let trial = 0; trial < 10; trial += 1) {
      const path = await trailPath();
      await writeTrail(path, [{ by: 'before' }]);
      const writers = await Promise.all(['a', 'b'].map(async (name) => openWriter(path, name)));
      const at = Date.now() + 30;
      for (const { child } of writers) child.stdin.end(String(at));
      const outcomes = await Promise.all(writers.map(({ outcome }) => outcome));
      expect(outcomes.toSorted()).toEqual(['acknowledged 2', 'refused conflict']);
      const winner = outcomes[0] === 'acknowledged 2' ? 'a' : 'b';
      const kept = await Array.fromAsync(readAuditTrail(path), ({ record }) => record['by']);
      expect(kept).toEqual(['before', winner]);
      expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 2 } });
    }
  }, 60_000);
});

describe('the lock', () => {
  it('of a dead writer is taken over', async () => {
    const path = await trailPath();
    await using trail = await AuditTrail.open(path);
    await mkdir(`${path}.lock`);
    const past = new Date(Date.now() - 10_000);
    await utimes(`${path}.lock`, past, past);
    expect((await trail.append({ n: 1 })).seq).toBe(1);
    await expect(stat(`${path}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps an opening from taking the line for torn that someone else is writing', async () => {
    const path = await trailPath();
    await writeTrail(path, [{ n: 1 }, { n: 2 }]);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, -20));
    await mkdir(`${path}.lock`);
    const opening = AuditTrail.open(path);
    await appendFile(path, whole.subarray(-20));
    await rm(`${path}.lock`, { recursive: true });
    await using trail = await opening;
    expect([trail.head.count, trail.recovered]).toEqual([2, undefined]);
    expect(await readFile(path)).toEqual(whole);
  });

  it('lets two trails of one process take turns', async () => {
    const path = await trailPath();
    await using first = await AuditTrail.open(path);
    await using second = await AuditTrail.open(path);
    const outcomes = await Promise.allSettled([first.append({ by: 1 }), second.append({ by: 2 })]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 1 } });
  });
});

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  it('is named when a trail is opened again', async () => {
    const path = await trailPath();
    await writeFile(path, '{"torn');
    await symlink('/dev/full', `${path}.torn`);
    await expect(AuditTrail.open(path)).rejects.toMatchObject({
      reason: 'write_failed',
      message: expect.stringContaining('the disk is full') as string,
    });
    expect(await readFile(path, 'utf8')).toBe('{"torn');
  });
});

describe('reading', () => {
  it('needs no write access', async () => {
    const path = await trailPath();
    await writeTrail(path, [{ n: 1 }, { n: 2 }]);
    const folder = path.replace(/\/[^/]*$/, '');
    await chmod(path, 0o400);
    await chmod(folder, 0o500);
    try {
      expect(await verifyAuditTrail(path)).toMatchObject({ ok: true, head: { count: 2 } });
      expect(await Array.fromAsync(readAuditTrail(path), ({ record }) => record['n'])).toEqual([1, 2]);
      const csv = await Array.fromAsync(readAuditTrailCsv(path, { columns: ['n'] }));
      expect(csv.map((line) => line.replace(/,.*,/, '…'))).toEqual(['seq…n\r\n', '1…1\r\n', '2…2\r\n']);
    } finally {
      await chmod(folder, 0o700);
    }
  });

  it('leaves out a last line that is being written', async () => {
    const path = await trailPath();
    await writeTrail(path, [{ n: 1 }, { n: 2 }]);
    await writeFile(path, (await readFile(path)).subarray(0, -20));
    expect(await Array.fromAsync(readAuditTrail(path), ({ record }) => record['n'])).toEqual([1]);
  });
});

class Money {
  readonly amount = 5;
}

describe('a record', () => {
  it.each([
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['an Error', new Error('x')],
    ['a RegExp', /x/],
    ['bytes', new Uint8Array(2)],
    ['a Buffer', Buffer.from('x')],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['a WeakMap', new WeakMap()],
    ['a Promise', Promise.resolve()],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an instance of a class', new Money()],
    ['a boxed number', Object(1) as unknown],
  ])('with %s is refused, wherever it stands', async (_, value) => {
    await using trail = await AuditTrail.open(await trailPath());
    for (const record of [value, { value }, { list: [{ value }] }]) {
      await expect(trail.append(record as Record<string, unknown>)).rejects.toBeInstanceOf(RequestValidationError);
    }
    expect((await trail.append({ n: 1 })).seq).toBe(1);
  });

  it('may hold what says itself how it is written, objects without a prototype, and one object twice', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    const twice = { a: 1 };
    const bare = Object.assign(Object.create(null) as object, { b: 2 });
    const { record } = await trail.append({
      at: new Date(0),
      to: new URL('https://a.example/'),
      bare,
      list: [twice, twice],
    });
    expect(record).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      to: 'https://a.example/',
      bare: { b: 2 },
      list: [twice, twice],
    });
  });
});

describe.skipIf(process.platform !== 'linux')('a device in place of a file', () => {
  it('is refused: it may never end', async () => {
    const refused = { reason: 'broken', message: expect.stringContaining('is not a regular file') as string };
    await expect(AuditTrail.open('/dev/zero')).rejects.toMatchObject(refused);
    await expect(verifyAuditTrail('/dev/zero')).rejects.toMatchObject(refused);
  });
});
