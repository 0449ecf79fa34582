// Types only: at run time the runtime supplies the module, so that bundlers for browsers do not look for it.
// eslint-disable-next-line import-x/no-nodejs-modules
import type { FileHandle } from 'node:fs/promises';
import { ConfigurationError, RecordingError } from '../../errors.js';
import { fileSystem } from '../../file-system.js';
import { readLines } from '../lines.js';
import { spanFiles } from '../record/span-files.js';

const BUFFER_CHARACTERS = 262_144;

/** A file that appears when it is complete. */
export class LogFile {
  readonly #path: string;
  /** Of this replay alone: others may write to the same path at the same time. */
  readonly #part: string;
  readonly #handle: FileHandle;
  #text = '';

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

  /** Resolves at once most of the time; only a full buffer is written. */
  write(text: string): void | Promise<void> {
    this.#text += text;
    if (this.#text.length >= BUFFER_CHARACTERS) return this.#flush();
  }

  async complete(): Promise<void> {
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

/** Whoever confuses the two files must not lose the one that cannot be made again. */
async function isRecording(path: string): Promise<boolean> {
  try {
    // A file at the path of a recorder would be read instead of the recorder's files.
    if ((await spanFiles(path)).length > 0) return true;
    // A pipe would wait for its writer.
    if (!(await fileSystem('replay').stat(path)).isFile()) return false;
    for await (const [header] of readLines(path, undefined)) return header?.startsWith('{"type":"recording"') === true;
  } catch {
    // There is no such file, or none of lines.
  }
  return false;
}

function failed(path: string, error: unknown): RecordingError {
  return new RecordingError('write_failed', path, 'cannot be written', { cause: error });
}
