import { RecordingError } from '../../errors.js';
import {
  builtinModule,
  errorCodeOf,
  fileSystem,
  isDeleted,
  syncFolder,
  type FileHandle,
  writeProblem,
} from '../../file-system.js';

type Limits = Readonly<Record<'spanMs' | 'maxBytes', number>>;

/** A line that waits to be written. */
export interface PendingLine {
  /** When it arrived, in ms since the epoch. */
  readonly receivedAt: number;
  /** The event as JSON. */
  readonly json: string;
  /** Whether the stream delivered it; otherwise it marks a gap. */
  readonly isEvent: boolean;
}

interface SpanFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** Size of what is on disk for certain. */
  bytes: number;
  /** Number of the events in it. */
  events: number;
}

/** The oldest files make room for new lines, so one file is only a part of all. */
const FILES_WITHIN_LIMIT = 8;
/** Limit of one line, as of a frame of the stream. */
const MAX_LINE_BYTES = 1_048_576;

const encoder = new TextEncoder();

/**
 * The files of a recording, one for each span of time: `calls.jsonl` becomes `calls-20260131T093000.000Z.jsonl` and so
 * on. No file is opened again for writing, so only the last line of each can be torn.
 */
export class SpanFiles {
  readonly #path: string;
  readonly #limits: Limits;
  /** Oldest first. */
  readonly #closed: Pick<SpanFile, 'path' | 'bytes'>[];
  #open: SpanFile | undefined;

  private constructor(path: string, limits: Limits, closed: Pick<SpanFile, 'path' | 'bytes'>[]) {
    this.#path = path;
    this.#limits = limits;
    this.#closed = closed;
  }

  /** @throws {@link RecordingError} if the folder cannot be created or read. */
  static async open(given: string, limits: Limits): Promise<SpanFiles> {
    // A program that changes its folder later must not continue elsewhere.
    const path = builtinModule('node:path', 'recordStream').resolve(given);
    try {
      await makeFolder(path);
      if ((await statOf(path))?.isFile() === true)
        throw new RecordingError('write_failed', path, 'is a file that would be read instead of the recording');
      const closed: Pick<SpanFile, 'path' | 'bytes'>[] = [];
      for (const file of await spanFiles(path)) {
        const stat = await statOf(file);
        if (stat !== undefined) closed.push({ path: file, bytes: stat.size });
      }
      return new SpanFiles(path, limits, closed);
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  /** The size of all files in bytes. */
  get bytes(): number {
    return this.#closed.reduce((sum, { bytes }) => sum + bytes, this.#open?.bytes ?? 0);
  }

  /** Limit of a line in bytes. */
  get maxLineBytes(): number {
    return Math.min(MAX_LINE_BYTES, this.#maxFileBytes);
  }

  /**
   * Closes the open file if its span or its size is at the end, or if someone has deleted or truncated it.
   *
   * @returns how many events were lost with it.
   * @throws {@link RecordingError} if the system does not tell.
   */
  async rotate(receivedAt: number): Promise<number> {
    const file = this.#open;
    if (file === undefined) return 0;
    try {
      const isLost = !(await isWhole(file));
      if (isLost) file.bytes = (await statOf(file.path))?.size ?? 0;
      if (isLost || this.#isOver(file, receivedAt) || file.bytes >= this.#maxFileBytes) await this.close();
      return isLost ? file.events : 0;
    } catch (error) {
      await this.#abandon();
      throw writeFailed(this.#path, error);
    }
  }

  /**
   * Appends lines up to the end of a file's span. Resolves with their number when they are on disk.
   *
   * @throws {@link RecordingError} if the system cannot write. Then none of the lines is in a file, as far as the system
   *   still removes what it has written.
   */
  async append(lines: readonly PendingLine[]): Promise<number> {
    const [first] = lines;
    if (first === undefined) return 0;
    try {
      const file = (this.#open ??= await create(this.#path, first.receivedAt));
      const header = JSON.stringify({
        type: 'recording',
        version: 1,
        startedAt: new Date(file.startedAt).toISOString(),
      });
      let text = file.bytes === 0 ? `${header}\n` : '';
      let [count, events] = [0, 0];
      for (const { receivedAt, json, isEvent } of lines) {
        if (count > 0 && (this.#isOver(file, receivedAt) || text.length * 3 > this.#maxFileBytes)) break;
        text += `{"offsetMs":${receivedAt - file.startedAt},"event":${json}}\n`;
        count += 1;
        if (isEvent) events += 1;
      }
      const bytes = encoder.encode(text);
      await this.#makeRoom(bytes.length);
      await file.handle.appendFile(bytes);
      await file.handle.datasync();
      file.bytes += bytes.length;
      file.events += events;
      return count;
    } catch (error) {
      await this.#abandon();
      throw writeFailed(this.#path, error);
    }
  }

  async close(): Promise<void> {
    const file = this.#open;
    this.#open = undefined;
    if (file === undefined) return;
    this.#closed.push(file);
    await file.handle.close();
  }

  get #maxFileBytes(): number {
    return Math.floor(this.#limits.maxBytes / FILES_WITHIN_LIMIT);
  }

  #isOver(file: SpanFile, receivedAt: number): boolean {
    return receivedAt >= file.startedAt + this.#limits.spanMs;
  }

  /** A recorder runs for months: the last days are worth more than the first ones, so the oldest file goes. */
  async #makeRoom(bytes: number): Promise<void> {
    while (this.bytes + bytes > this.#limits.maxBytes) {
      const [oldest] = this.#closed;
      if (oldest === undefined) return;
      await fileSystem('recordStream').rm(oldest.path, { force: true });
      this.#closed.shift();
    }
  }

  /** After a failure nobody knows how the file ends, so the next lines go to another one. */
  async #abandon(): Promise<void> {
    const file = this.#open;
    if (file === undefined) return;
    await file.handle.truncate(file.bytes).catch(() => undefined);
    await this.close().catch(() => undefined);
    if (file.bytes > 0) return;
    this.#closed.pop();
    await fileSystem('recordStream')
      .rm(file.path, { force: true })
      .catch(() => undefined);
  }
}

async function makeFolder(path: string): Promise<void> {
  await fileSystem('recordStream').mkdir(partsOf(path).folder, { recursive: true, mode: 0o700 });
}

/** Returns the state of a file; `undefined` if it is gone. */
async function statOf(path: string): Promise<{ readonly size: number; isFile(): boolean } | undefined> {
  return fileSystem('recordStream')
    .stat(path)
    .catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
}

/** Returns whether what was written is still there. The system lets others delete and truncate an open file. */
async function isWhole({ path, handle, bytes }: SpanFile): Promise<boolean> {
  return (await handle.stat()).size >= bytes && !(await isDeleted(path, handle, 'recordStream'));
}

async function create(path: string, startedAt: number): Promise<SpanFile> {
  const fs = fileSystem('recordStream');
  const { folder, name } = partsOf(path);
  // Someone may have deleted it since the last file.
  await makeFolder(path);
  const stamp = new Date(startedAt).toISOString().replaceAll(/[-:]/g, '');
  for (let number = 1; ; number += 1) {
    const file = `${folder}/${name}-${stamp}${number === 1 ? '' : `-${number}`}.jsonl`;
    try {
      const handle = await fs.open(file, 'ax', 0o600);
      await syncFolder(file, 'recordStream');
      return { path: file, handle, startedAt, bytes: 0, events: 0 };
    } catch (error) {
      if (errorCodeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Returns the files of a recording, oldest first. */
export async function spanFiles(path: string): Promise<readonly string[]> {
  const { folder, name } = partsOf(path);
  const files = (await fileSystem('readRecording').readdir(folder)).flatMap((file) => {
    const [, stamp, number = '1'] = file.startsWith(`${name}-`) ? (SPAN.exec(file.slice(name.length)) ?? []) : [];
    return stamp === undefined ? [] : [{ path: `${folder}/${file}`, stamp, number: Number(number) }];
  });
  files.sort((a, b) => (a.stamp === b.stamp ? a.number - b.number : a.stamp < b.stamp ? -1 : 1));
  return files.map((file) => file.path);
}

const SPAN = /^-(\d{8}T\d{6}\.\d{3}Z)(?:-(\d+))?\.jsonl$/;

function partsOf(path: string): { readonly folder: string; readonly name: string } {
  const { dir, base } = builtinModule('node:path', 'recordStream').parse(path);
  return { folder: dir === '' ? '.' : dir, name: base.replace(/\.jsonl$/, '') };
}

function writeFailed(path: string, error: unknown): RecordingError {
  if (error instanceof RecordingError) return error;
  return new RecordingError('write_failed', path, writeProblem(error), { cause: error });
}
