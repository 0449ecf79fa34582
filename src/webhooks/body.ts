import { readBody } from '../bytes.js';
import { ConfigurationError } from '../errors.js';

/**
 * Reads a request's body as it arrived.
 *
 * @returns the body, or `undefined` when it is longer than `maxBytes`; of one that says so itself nothing is read.
 * @throws `ConfigurationError` when someone else has read the body; what `readBody` throws.
 */
export async function readRawBody(
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (request.bodyUsed)
    throw new ConfigurationError('webhook receiver: the body was read before; it needs the raw body');
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) {
    await request.body?.cancel();
    return undefined;
  }
  return readBody(request.body, maxBytes, signal);
}
