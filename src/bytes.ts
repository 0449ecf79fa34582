export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Decodes base64 (RFC 4648 §4). Throws a `DOMException` for anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Decodes base64url (RFC 4648 §5). Throws a `DOMException` for anything else. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

/** Concatenates chunks. Does not copy a single chunk. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const LINE_FEED = 0x0a;

/** Returns the lines of a text up to the first that is not UTF-8, and whether these are all. */
export function decodeLines(bytes: Uint8Array): { readonly lines: string[]; readonly isUtf8: boolean } {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { lines: decoder.decode(bytes).split('\n'), isUtf8: true };
  } catch {
    // Only to find the line: at once is faster.
  }
  const lines: string[] = [];
  try {
    for (let start = 0; start <= bytes.length;) {
      const end = bytes.indexOf(LINE_FEED, start);
      const stop = end === -1 ? bytes.length : end;
      lines.push(decoder.decode(bytes.subarray(start, stop)));
      start = stop + 1;
    }
    // Together they are longer than a string can be.
    return { lines, isUtf8: true };
  } catch {
    return { lines, isUtf8: false };
  }
}
