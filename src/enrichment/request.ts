import { AbortError, ConfigurationError, EnrichmentError, RequestValidationError, type Issue } from '../errors.js';
import { isToken, readBody } from '../http/internal.js';
import { parseJson } from '../json.js';

/** An error response. */
interface ErrorAnswer {
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly issues?: readonly Issue[] | undefined;
  readonly unavailable?: readonly string[] | undefined;
}

/** Thrown to end the request with an error response. */
export class Refusal extends Error {
  readonly answer: ErrorAnswer;

  constructor(answer: ErrorAnswer) {
    super(answer.error);
    this.answer = answer;
  }
}

/** Returns the response to an error (protocol 9). Unexpected errors are not described. */
export function toErrorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof Refusal) return error.answer;
  if (error instanceof RequestValidationError) {
    return { status: 422, error: 'The request is invalid', issues: error.issues };
  }
  if (error instanceof EnrichmentError) {
    return error.timedOut
      ? { status: 504, error: 'A service did not respond in time', unavailable: [error.source] }
      : { status: 502, error: 'A service failed', unavailable: [error.source] };
  }
  // Nobody reads it, since the caller has left; the status is for the log.
  if (error instanceof AbortError) return { status: 499, error: 'The caller has disconnected' };
  return { status: 500, error: 'Context enrichment failed' };
}

/**
 * Reads a request's JSON of at most `maxBytes`. Stops reading a larger one.
 *
 * @throws `Refusal` with 413, 415 or 422; `AbortError` if `signal` is aborted.
 */
export async function readJson(request: Request, maxBytes: number, signal: AbortSignal): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const problem = findMediaTypeProblem(request.headers);
  if (problem !== undefined) throw new Refusal({ status: 415, error: problem });
  const bytes = await readBody(request.body, maxBytes, signal);
  if (bytes === undefined) throw tooLarge(maxBytes);
  return parseJson(bytes, (message) => new RequestValidationError('enrichment request', [{ path: '', message }]));
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
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) return 'The charset must be utf-8';
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  return encoding === 'identity' ? undefined : 'The body must not be compressed';
}

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Compares the token of an `Authorization: Bearer` header with the configured ones. Each comparison covers the whole
 * presented token, so its duration reveals nothing about a token or its length. It is synchronous: a digest by
 * WebCrypto would wait for a thread, and under load every request would wait for it.
 *
 * @throws {@link ConfigurationError} without a token, or for a token that a header cannot carry.
 */
export function bearerMatcher(tokens: readonly string[]): (authorization: string | null) => boolean {
  // A number would pass the pattern, and has no length: it would equal an absent token.
  if (tokens.length === 0 || !tokens.every(isToken)) {
    throw new ConfigurationError('webhookToken: expected one or more tokens of visible ASCII characters');
  }
  return (authorization) => {
    const presented = BEARER.exec(authorization ?? '')?.[1] ?? '';
    // Not `some`, which would stop at the token that matches.
    return tokens.map((token) => areEqual(presented, token)).includes(true);
  };
}

function areEqual(presented: string, token: string): boolean {
  let difference = presented.length ^ token.length;
  for (let index = 0; index < presented.length; index += 1) {
    difference |= presented.charCodeAt(index) ^ token.charCodeAt(index % token.length);
  }
  return difference === 0;
}
