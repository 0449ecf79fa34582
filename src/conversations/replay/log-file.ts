import { ConfigurationError, RecordingError } from '../../errors.js';
import { builtinModule, fileSystem, type FileHandle } from '../../file-system.js';
import { readLines } from '../lines.js';
import { spanFiles } from '../record/span-files.js';
import type { ReadEvent } from '../types.js';
import { canonicalLine, type ReplayEnd, type ReplayHeader, type ReplayOutcome, type ReplayTotals } from './outcome.js';

const BUFFER_CHARACTERS = 262_144;
/** A call of the hash for each event would cost more than its bytes. */
const HASHED_CHARACTERS = 65_536;

/** The log of a replay: a file that appears when it is complete. */
export class LogFile {
  readonly #path: string;
  /** Of this replay alone: others may write to the same path at the same time. */
  readonly #part: string;
  readonly #handle: FileHandle;
  readonly #hash = builtinModule('node:crypto', 'replay').createHash('sha256');
  #text = '';
  #events = '';

  private constructor(path: string, part: string, handle: FileHandle) {
    this.#path = path;
    this.#part = part;
    this.#handle = handle;
  }

  /** @throws {@link RecordingError}; `ConfigurationError` if it would replace a recording. */
  static async create(path: string): Promise<LogFile> {
    if (await isRecording(path)) throw new ConfigurationError(`outcomes: ${path} is a recording`);
    const part = `${path}.${crypto.randomUUID()}.part`;
    try {
      return new LogFile(path, part, await fileSystem('replay').open(part, 'wx', 0o600));
    } catch (error) {
      throw failed(path, error);
    }
  }

  /** Adds an event that the target receives to the digest, as a line of JSON: `[number, offsetMs, event]`. */
  digest(number: number, { offsetMs, event }: ReadEvent): void {
    this.#events += `${JSON.stringify([number, offsetMs, event])}\n`;
    if (this.#events.length < HASHED_CHARACTERS) return;
    this.#hash.update(this.#events);
    this.#events = '';
  }

  /** Resolves at once most of the time; only a full buffer is written. */
  write(line: ReplayHeader | ReplayOutcome | ReplayEnd): void | Promise<void> {
    this.#text += canonicalLine(line);
    if (this.#text.length >= BUFFER_CHARACTERS) return this.#flush();
  }

  async complete(totals: ReplayTotals): Promise<void> {
    await this.write({ type: 'end', ...totals, digest: this.#hash.update(this.#events).digest('hex') });
    await this.#flush();
    try {
      await this.#handle.close();
      await fileSystem('replay').rename(this.#part, this.#path);
    } catch (error) {
      throw failed(this.#path, error);
    }
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await fileSystem('replay')
      .rm(this.#part, { force: true })
      .catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    try {
      await this.#handle.appendFile(text);
    } catch (error) {
      throw failed(this.#path, error);
    }
  }
}

/** If someone confuses the two files, the recording must survive, because it cannot be made again. */
async function isRecording(path: string): Promise<boolean> {
  try {
    // A file at the path of a recorder would be read instead of the recorder's files.
    if ((await spanFiles(path)).length > 0) return true;
    for await (const [header] of readLines(path, undefined)) return header?.startsWith('{"type":"recording"') === true;
  } catch {
    // There is no such file, or none of lines.
  }
  return false;
}

function failed(path: string, error: unknown): RecordingError {
  return new RecordingError('write_failed', path, 'cannot be written', { cause: error });
}
