import { AuditTrailError } from '../errors.js';
import { EMPTY_HEAD, isIntact, parseLine, type AuditTrailEntry, type AuditTrailHead } from './entry.js';
import { fileSystem } from '../file-system.js';
import { readTail } from './file.js';
import { withLock, writeFailed } from './lock.js';

/** What a crash in the middle of a write left at the end of a trail's file, and where it is now. */
export interface RecoveredTail {
  /** The record that was being written; it was never acknowledged. */
  readonly seq: number;
  /** How many bytes of it there were. */
  readonly bytes: number;
  /** The file that they were moved to, each such rest on a line of its own. */
  readonly movedTo: string;
}

type Handle = Awaited<ReturnType<ReturnType<typeof fileSystem>['open']>>;

/** A trail's file, open for appending. */
export interface TrailFile {
  /** Bytes of the file that are complete lines. */
  readonly size: number;
  /** Adds whole lines and returns when they are on the disk and nobody else wrote. */
  append(lines: string): Promise<void>;
  close(): Promise<void>;
}

class AppendedFile implements TrailFile {
  readonly #path: string;
  readonly #handle: Handle;
  #size: number;

  constructor(path: string, handle: Handle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async append(lines: string): Promise<void> {
    const bytes = new TextEncoder().encode(lines);
    await withLock(this.#path, async () => {
      await this.#expectSize(this.#size);
      try {
        await this.#handle.appendFile(bytes);
        await this.#handle.datasync();
      } catch (error) {
        // What is refused has no effect; a disk that takes not even this leaves a torn line for the next opening.
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

  /** Asks by path and not by handle, so that a file that was deleted or replaced is noticed too. */
  async #expectSize(expected: number): Promise<void> {
    const { size } = await fileSystem('AuditTrail')
      .stat(this.#path)
      .catch((error: unknown) => {
        throw writeFailed(this.#path, error);
      });
    if (size !== expected) {
      throw new AuditTrailError('conflict', this.#path, 'was changed by someone else while it was open');
    }
  }
}

/** An opened file and what was found at its end. */
export interface OpenedTrailFile {
  readonly file: TrailFile;
  readonly head: AuditTrailHead;
  readonly recovered: RecoveredTail | undefined;
}

/**
 * Opens or makes the file, and moves a torn last line aside. A line that another process is writing looks torn as well,
 * so the end is read again, and changed, only under the lock.
 */
export async function openTrailFile(path: string): Promise<OpenedTrailFile> {
  const handle = await openDurably(path);
  try {
    const { size, head, torn } = await readEnd(path, handle);
    if (torn.length === 0) return { file: new AppendedFile(path, handle, size), head, recovered: undefined };
    return await withLock(path, () => recover(path, handle));
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface End {
  readonly size: number;
  readonly head: AuditTrailHead;
  readonly torn: Uint8Array;
}

async function readEnd(path: string, handle: Handle): Promise<End> {
  try {
    const { size } = await handle.stat();
    const { lastLine, torn } = await readTail(handle, size);
    return { size, torn, head: lastLine === undefined ? EMPTY_HEAD : toHead(await readEntry(path, lastLine)) };
  } catch (error) {
    if (error instanceof AuditTrailError) throw error;
    throw new AuditTrailError('broken', path, 'cannot be read', { cause: error });
  }
}

async function recover(path: string, handle: Handle): Promise<OpenedTrailFile> {
  const { size, head, torn } = await readEnd(path, handle);
  if (torn.length === 0) return { file: new AppendedFile(path, handle, size), head, recovered: undefined };
  const whole = await readEntry(path, torn).catch(() => undefined);
  try {
    if (whole?.seq === head.count + 1 && whole.previousHash === head.hash) {
      await handle.appendFile('\n');
      await handle.datasync();
      return { file: new AppendedFile(path, handle, size + 1), head: toHead(whole), recovered: undefined };
    }
    const recovered: RecoveredTail = { seq: head.count + 1, bytes: torn.length, movedTo: `${path}.torn` };
    await keep(recovered.movedTo, torn);
    await handle.truncate(size - torn.length);
    await handle.datasync();
    return { file: new AppendedFile(path, handle, size - torn.length), head, recovered };
  } catch (error) {
    throw writeFailed(path, error);
  }
}

async function openDurably(path: string): Promise<Handle> {
  const fs = fileSystem('AuditTrail');
  try {
    const handle = await fs.open(path, 'a+', 0o600);
    // A new file survives a power cut only when its directory is on the disk as well. Not every system can do that.
    const directory = await fs.open(path.replace(/[^/\\]*$/, '') || '.', 'r').catch(() => undefined);
    await directory?.sync().catch(() => undefined);
    await directory?.close();
    return handle;
  } catch (error) {
    throw writeFailed(path, error);
  }
}

async function readEntry(path: string, line: Uint8Array): Promise<AuditTrailEntry> {
  const entry = parseLine(line);
  if (entry === undefined || !(await isIntact(line, entry))) {
    throw new AuditTrailError('broken', path, 'the last record is not as it was written; verify the trail first');
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
