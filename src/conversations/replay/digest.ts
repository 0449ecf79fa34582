// Types only: at run time the runtime supplies the module, so that bundlers for browsers do not look for it.
// eslint-disable-next-line import-x/no-nodejs-modules
import type * as NodeCrypto from 'node:crypto';
import { builtinModule } from '../../file-system.js';
import type { ReadEvent } from '../types.js';

/** A call of the hash for each event would cost more than its bytes. */
const BUFFER_CHARACTERS = 65_536;

/** The SHA-256 of the events of a replay, each as a line of JSON: `[number, offsetMs, event]`. */
export class EventDigest {
  readonly #hash = (builtinModule('node:crypto', 'replay') as typeof NodeCrypto).createHash('sha256');
  #text = '';

  add(number: number, { offsetMs, event }: ReadEvent): void {
    this.#text += `${JSON.stringify([number, offsetMs, event])}\n`;
    if (this.#text.length < BUFFER_CHARACTERS) return;
    this.#hash.update(this.#text);
    this.#text = '';
  }

  /** Returns it in hex, once. */
  end(): string {
    return this.#hash.update(this.#text).digest('hex');
  }
}
