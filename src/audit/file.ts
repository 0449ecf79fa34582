import { concat } from '../bytes.js';
import { AbortError, AuditTrailError } from '../errors.js';
import { fileSystem } from '../file-system.js';

/** A line of a file, without its line feed. */
export interface Line {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Whether a line feed ends it; only the last line can be without. */
  readonly complete: boolean;
}

const CHUNK_BYTES = 65_536;
const LINE_FEED = 0x0a;

/** How a file is read. */
export interface ReadOptions {
  /** Reads no further than this many bytes. Default: to the end. */
  readonly size?: number | undefined;
  /** Ends the reading with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The lines of a file, with no more than one line and one chunk in memory.
 *
 * @throws `AuditTrailError` when the file cannot be read.
 */
export async function* readLines(path: string, options: ReadOptions = {}): AsyncGenerator<Line, void, undefined> {
  const { size = Infinity, signal } = options;
  const handle = await fileSystem('AuditTrail')
    .open(path, 'r')
    .catch((error: unknown) => {
      throw new AuditTrailError('broken', path, 'cannot be read', { cause: error });
    });
  try {
    let rest: Uint8Array[] = [];
    let offset = 0;
    while (offset < size) {
      if (signal?.aborted === true) throw new AbortError(signal.reason);
      const { bytesRead, buffer } = await handle.read(
        new Uint8Array(CHUNK_BYTES),
        0,
        Math.min(CHUNK_BYTES, size - offset),
        offset,
      );
      if (bytesRead === 0) break;
      offset += bytesRead;
      let chunk = buffer.subarray(0, bytesRead);
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED)) {
        yield { bytes: concat([...rest, chunk.subarray(0, end)]), complete: true };
        rest = [];
        chunk = chunk.subarray(end + 1);
      }
      if (chunk.length > 0) rest.push(chunk);
    }
    if (rest.length > 0) yield { bytes: concat(rest), complete: false };
  } finally {
    await handle.close();
  }
}

/** The end of a file: its last complete line and what follows it. */
export interface Tail {
  /** The last line that a line feed ends, without it; `undefined` when there is none. */
  readonly lastLine: Uint8Array | undefined;
  /** What follows the last line feed; empty unless a write was cut short. */
  readonly torn: Uint8Array;
}

type Reader = Pick<Awaited<ReturnType<ReturnType<typeof fileSystem>['open']>>, 'read'>;

/** @internal Reads the end of a file backwards, so that opening a long trail costs no more than opening a short one. */
export async function readTail(file: Reader, size: number): Promise<Tail> {
  let tail: Uint8Array = new Uint8Array();
  for (let start = size; ;) {
    const end = tail.lastIndexOf(LINE_FEED);
    const before = end <= 0 ? -1 : tail.lastIndexOf(LINE_FEED, end - 1);
    if (before !== -1 || start === 0) {
      return { lastLine: end === -1 ? undefined : tail.subarray(before + 1, end), torn: tail.subarray(end + 1) };
    }
    // Growing steps keep a long last line from being copied over and over.
    const length = Math.min(start, Math.max(CHUNK_BYTES, tail.length));
    start -= length;
    tail = concat([await readFully(file, start, length), tail]);
  }
}

async function readFully(file: Reader, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
