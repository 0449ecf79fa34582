import { RequestValidationError } from '../errors.js';
import { abortable } from '../http/index.js';
import { Refusal } from './refusal.js';

/**
 * Reads a request's JSON of at most `maxBytes`; of a longer one nothing more is read.
 *
 * @throws `Refusal` with 413, 415 or 422; `AbortError` when `signal` ends first.
 */
export async function readJson(request: Request, maxBytes: number, signal: AbortSignal): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const problem = findMediaTypeProblem(request.headers);
  if (problem !== undefined) throw new Refusal({ status: 415, error: problem });
  const bytes = await readBytes(request.body, maxBytes, signal);
  if (bytes === undefined) throw tooLarge(maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new RequestValidationError('enrichment request', [{ path: '', message: 'not valid JSON' }]);
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal({ status: 413, error: `The body is larger than ${maxBytes} bytes` });
}

function findMediaTypeProblem(headers: Headers): string | undefined {
  const [mediaType = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';').map((part) => part.trim());
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(mediaType)) return 'The content type must be application/json';
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) return 'The charset must be utf-8';
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  return encoding === 'identity' ? undefined : 'The body must not be compressed';
}

/** The whole body, or `undefined` when it has more than `maxBytes`. */
async function readBytes(body: ReadableStream<Uint8Array> | null, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) break;
      length += value.length;
      if (length > maxBytes) return undefined;
      chunks.push(value);
    }
  } finally {
    // After the last chunk this changes nothing; before it, the rest is not wanted.
    reader?.cancel().catch(() => undefined);
  }
  return join(chunks, length);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
