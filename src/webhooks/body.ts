import { ConfigurationError } from '../errors.js';

/**
 * Reads a request's body, and stops as soon as it is known to be longer than allowed, or when `signal` is aborted.
 *
 * @returns the body, or `undefined` when it is longer than `maxBytes`.
 * @throws `ConfigurationError` when someone else has read the body; what the body's stream throws.
 */
export async function readBody(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (request.bodyUsed) throw new ConfigurationError('webhook receiver: the body was read before; it needs the raw body');
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) {
    await request.body?.cancel();
    return undefined;
  }
  if (request.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const stop = (): void => {
    // Makes a pending read() end; what cancelling itself throws tells nothing more.
    reader.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(chunks, length);
    length += value.length;
    if (length > maxBytes) {
      stop();
      return undefined;
    }
    chunks.push(value);
  }
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
