import * as z from '../schema.js';
import { absentable, anyString, checkedBy, tokenText, type AccessToken } from '../http/internal.js';

/**
 * Lifetime of a token without a valid `expires_in`, which RFC 6749 only recommends. Too short costs a fetch every few
 * minutes; too long costs refused calls.
 */
const DEFAULT_LIFETIME_S = 300;

const bearer = z.refine(
  anyString,
  (value) => value.toLowerCase() === 'bearer',
  'unsupported token type, expected Bearer',
);

/** Some servers send the number as a string. */
const seconds = checkedBy<number | string>(
  (value) => /^(?:number|string)$/.test(typeof value) && Number(value) > 0 && Number(value) < Infinity,
  'expected seconds above 0',
  { type: ['number', 'string'] },
);

/**
 * Returns the schema of one response of the token endpoint (RFC 6749 §5.1). A missing `token_type` counts as Bearer.
 *
 * @param onBody - called with the body, which may be a refusal.
 */
export function tokenGrant(
  onBody: (body: unknown) => void,
): z.Schema<Pick<AccessToken, 'value' | 'idToken' | 'lifetimeMs'>> {
  const grant = z.map(
    z.looseObject({
      access_token: tokenText,
      token_type: z.optional(z.nullable(bearer)),
      expires_in: absentable(seconds),
      id_token: absentable(tokenText),
    }),
    ({ access_token, expires_in, id_token }) => ({
      value: access_token,
      idToken: id_token,
      lifetimeMs: Number(expires_in ?? DEFAULT_LIFETIME_S) * 1000,
    }),
  );
  return z.preprocess((body) => {
    onBody(body);
    return body;
  }, grant);
}
