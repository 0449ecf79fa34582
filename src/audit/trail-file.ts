// Types only: at run time the runtime supplies the module, so that bundlers for browsers do not look for it.
// eslint-disable-next-line import-x/no-nodejs-modules
import type * as NodeModule from 'node:module';
import type { LockOptions } from 'proper-lockfile';
import { concat } from '../bytes.js';
import { AuditTrailError, ConfigurationError } from '../errors.js';
import { errorCodeOf, fileSystem, readFully, syncFolder, writeProblem, type FileHandle } from '../file-system.js';
import { EMPTY_HEAD, decodeLine, isIntact, parseLine } from './entry.js';
import { CHUNK_BYTES, LINE_FEED, readFailed } from './read.js';
import type { AuditTrailEntry, AuditTrailHead, RecoveredTail } from './types.js';

/** @internal A trail's file, open for appending. */
export class TrailFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #size: number;

  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.#size = size;
  }

  /** Size of the complete lines in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Appends whole lines. Resolves when they are on disk and nobody else wrote. */
  async append(lines: string): Promise<void> {
    const bytes = new TextEncoder().encode(lines);
    await withLock(this.#path, async () => {
      await this.#expectSize(this.#size);
      try {
        await this.#handle.appendFile(bytes);
        await this.#handle.datasync();
      } catch (error) {
        // A refused append has no effect. If the disk refuses even this, the next opening finds a torn line.
        await this.#handle.truncate(this.#size).catch(() => undefined);
        throw writeFailed(this.#path, error);
      }
      await this.#expectSize(this.#size + bytes.length);
    });
    this.#size += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Checks by path, not by handle, to notice a file that was deleted or replaced. */
  async #expectSize(expected: number): Promise<void> {
    const { size } = await fileSystem('AuditTrail')
      .stat(this.#path)
      .catch((error: unknown) => {
        throw writeFailed(this.#path, error);
      });
    if (size !== expected) {
      throw new AuditTrailError('conflict', this.#path, 'was changed by another writer while it was open');
    }
  }
}

/** @internal An opened file and the state of its end. */
export interface OpenedTrailFile {
  readonly file: TrailFile;
  readonly head: AuditTrailHead;
  readonly recovered: RecoveredTail | undefined;
}

/**
 * Opens or creates the file, and moves a torn last line aside. A line that another process is writing also looks torn,
 * so the end is read again, and changed, only under the lock.
 *
 * @internal
 */
export async function openTrailFile(path: string): Promise<OpenedTrailFile> {
  const handle = await openDurably(path);
  try {
    const end = await readEnd(path, handle);
    const { size, head, recovered } = end.torn.length === 0 ? end : await withLock(path, () => recover(path, handle));
    return { file: new TrailFile(path, handle, size), head, recovered };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The end of a file, which is whole unless a line is torn. */
interface End extends Pick<OpenedTrailFile, 'head' | 'recovered'> {
  readonly size: number;
}

async function readEnd(path: string, handle: FileHandle): Promise<End & { readonly torn: Uint8Array }> {
  try {
    const { size } = await handle.stat();
    const { lastLine, torn } = await readTail(handle, size);
    const head = lastLine === undefined ? EMPTY_HEAD : toHead(await readEntry(path, lastLine));
    return { size, head, torn, recovered: undefined };
  } catch (error) {
    throw readFailed(path, error);
  }
}

async function recover(path: string, handle: FileHandle): Promise<End> {
  const end = await readEnd(path, handle);
  const { size, head, torn } = end;
  if (torn.length === 0) return end;
  const whole = await readEntry(path, torn).catch(() => undefined);
  try {
    if (whole?.seq === head.count + 1 && whole.previousHash === head.hash) {
      await handle.appendFile('\n');
      await handle.datasync();
      return { size: size + 1, head: toHead(whole), recovered: undefined };
    }
    const recovered: RecoveredTail = { seq: head.count + 1, bytes: torn.length, movedTo: `${path}.torn` };
    await keep(recovered.movedTo, torn);
    await handle.truncate(size - torn.length);
    await handle.datasync();
    return { size: size - torn.length, head, recovered };
  } catch (error) {
    throw writeFailed(path, error);
  }
}

async function openDurably(path: string): Promise<FileHandle> {
  const fs = fileSystem('AuditTrail');
  try {
    const handle = await fs.open(path, 'a+', 0o600);
    if (!(await handle.stat()).isFile()) {
      await handle.close();
      throw new AuditTrailError('broken', path, 'is not a regular file');
    }
    await syncFolder(path, 'AuditTrail');
    return handle;
  } catch (error) {
    throw error instanceof AuditTrailError ? error : writeFailed(path, error);
  }
}

async function readEntry(path: string, line: Uint8Array): Promise<AuditTrailEntry> {
  const text = decodeLine(line);
  const entry = parseLine(text);
  if (entry === undefined || !(await isIntact(text, entry))) {
    throw new AuditTrailError('broken', path, 'the last record was changed; verify the trail first');
  }
  return entry;
}

function toHead({ seq, hash }: AuditTrailEntry): AuditTrailHead {
  return { count: seq, hash };
}

async function keep(path: string, torn: Uint8Array): Promise<void> {
  const handle = await fileSystem('AuditTrail').open(path, 'a', 0o600);
  try {
    await handle.appendFile(torn);
    await handle.appendFile('\n');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Reads the end of a file backward, so that opening a long trail costs no more than opening a short one.
 *
 * @returns the last complete line without its line feed, if there is one, and the bytes after the last line feed, of
 * which there are some only if a write was interrupted.
 */
async function readTail(file: FileHandle, size: number) {
  let tail: Uint8Array = new Uint8Array();
  for (let start = size; ;) {
    const end = tail.lastIndexOf(LINE_FEED);
    const before = end <= 0 ? -1 : tail.lastIndexOf(LINE_FEED, end - 1);
    if (before !== -1 || start === 0) {
      return { lastLine: end === -1 ? undefined : tail.subarray(before + 1, end), torn: tail.subarray(end + 1) };
    }
    // Growing steps avoid copying a long last line repeatedly.
    const length = Math.min(start, Math.max(CHUNK_BYTES, tail.length));
    start -= length;
    tail = concat([await readFully(file, start, length), tail]);
  }
}

type Lock = (path: string, options: LockOptions) => Promise<() => Promise<void>>;

/** A lock that was not renewed for this long belongs to a dead process; the minimum of the library. */
const STALE_MS = 2_000;
const RENEW_MS = 1_000;
/** Waits at least 10 s for a live writer: many times longer than a write to a slow disk. */
const RETRIES = { retries: 150, factor: 1.3, minTimeout: 5, maxTimeout: 100, randomize: true };

/** Kept, since resolving the package's file again would take longer than the lock itself. */
let loaded: Lock | undefined;

/** Loads the library in a way that bundlers do not follow: it needs files. */
function loadLock(): Lock {
  const { process } = globalThis as { process?: { cwd: () => string; getBuiltinModule?: (name: string) => unknown } };
  const module = process?.getBuiltinModule?.('node:module') as typeof NodeModule | undefined;
  try {
    if (module === undefined) throw new Error('no modules');
    // A CommonJS bundle does not know its URL.
    const { url = `${process?.cwd() ?? ''}/` } = import.meta as { url?: string };
    loaded ??= (module.createRequire(url)('proper-lockfile') as { lock: Lock }).lock;
    return loaded;
  } catch (error) {
    throw new ConfigurationError('AuditTrail needs the package proper-lockfile; mark it as external in your bundler', {
      cause: error,
    });
  }
}

/**
 * Runs `work` while nobody else writes to the file, in this process or another. The lock of a dead process is taken
 * over after two seconds.
 *
 * @throws {@link AuditTrailError} if another writer holds the lock for too long, or if it cannot be created.
 */
async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = loadLock();
  // A writer that loses the lock during a write finds the file longer than expected, or releases nothing.
  const onCompromised = (): void => undefined;
  const release = await lock(path, { stale: STALE_MS, update: RENEW_MS, retries: RETRIES, onCompromised }).catch(
    (error: unknown) => {
      if (errorCodeOf(error) === 'ELOCKED')
        throw new AuditTrailError('conflict', path, 'is being written by another writer', { cause: error });
      throw writeFailed(path, error);
    },
  );
  try {
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}

function writeFailed(path: string, error: unknown): AuditTrailError {
  return new AuditTrailError('write_failed', path, writeProblem(error), { cause: error });
}
