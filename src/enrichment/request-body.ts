import { readBody } from '../bytes.js';
import { RequestValidationError } from '../errors.js';
import { parseJson } from '../json.js';
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
  const bytes = await readBody(request.body, maxBytes, signal);
  if (bytes === undefined) throw tooLarge(maxBytes);
  try {
    return parseJson(bytes);
  } catch (error) {
    throw new RequestValidationError('enrichment request', [{ path: '', message: (error as SyntaxError).message }]);
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal({ status: 413, error: `The body is larger than ${maxBytes} bytes` });
}

function findMediaTypeProblem(headers: Headers): string | undefined {
  const [mediaType = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(mediaType)) return 'The content type must be application/json';
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) return 'The charset must be utf-8';
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  return encoding === 'identity' ? undefined : 'The body must not be compressed';
}
