// Types only: at run time the runtime supplies the module, so that bundlers for browsers do not look for it.
// eslint-disable-next-line import-x/no-nodejs-modules
import type * as NodeCrypto from 'node:crypto';

/** Returns bytes as lowercase hex digits. */
export function toHex(bytes: Uint8Array): string {
  let digits = '';
  for (const byte of bytes) digits += (byte + 0x100).toString(16).slice(1);
  return digits;
}

/**
 * Returns the SHA-256 of a text's UTF-8 in hex; a lone surrogate counts as U+FFFD. Synchronous where the runtime has
 * `hash` of `node:crypto`: WebCrypto costs a job of the thread pool, about fifty times the hash itself.
 */
export function sha256Hex(text: string): string | Promise<string> {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const node = process?.getBuiltinModule?.('node:crypto') as Partial<typeof NodeCrypto> | undefined;
  return node?.hash?.('sha256', text, 'hex') ?? digestHex(text);
}

async function digestHex(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
