import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './problem.js';

/** @internal Headers of an answer with tokens (RFC 6749 §5.1). */
export const NOT_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** @internal An error of a token endpoint, in the form of RFC 6749 §5.2. */
export class TokenProblem extends HttpProblem {
  constructor(code: string, message: string, status = 400, headers: Readonly<Record<string, string>> = {}) {
    super(status, code, message, { headers: { ...NOT_STORED, ...headers } });
  }

  override toBody(): Readonly<Record<string, unknown>> {
    return { error: this.code, error_description: this.message };
  }
}

/**
 * @internal Returns the parameters of a form. One without a value counts as left out (RFC 6749 §3.2).
 *
 * @throws `TokenProblem` for another content type, or a repeated parameter.
 */
export function readTokenForm(headers: IncomingHttpHeaders, bodyText: string): ReadonlyMap<string, string> {
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') {
    throw new TokenProblem('invalid_request', 'the content type must be application/x-www-form-urlencoded');
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(bodyText)) {
    if (form.has(name)) throw new TokenProblem('invalid_request', `${name} is repeated`);
    if (value !== '') form.set(name, value);
  }
  return form;
}

/** @internal Returns user and password of an `Authorization: Basic` header, unchanged. */
export function basicPair(authorization: string): readonly [user: string, password: string] | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [user, password.join(':')];
}

/** @internal Decodes a form-encoded text; returns `undefined` if it is malformed. */
export function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** @internal Returns the code challenge of a verifier (RFC 7636, S256). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
