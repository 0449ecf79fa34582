import { AbortError } from './errors.js';

/** Parts, one after the other, as one. A single part is not copied. */
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

/**
 * Reads a request's body to its end; no further than to where it is longer than allowed, or when `signal` ends.
 *
 * @returns its bytes, or `undefined` when there are more than `maxBytes`.
 * @throws `AbortError` when `signal` ends first; what the stream throws.
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  // Ends a pending read; what cancelling throws tells nothing more.
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const chunks: Uint8Array[] = [];
    for (let length = 0; length <= maxBytes;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw new AbortError(signal.reason);
      if (done) return concat(chunks);
      chunks.push(value);
      length += value.length;
    }
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
