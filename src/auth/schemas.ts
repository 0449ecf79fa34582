import * as z from '../schema.js';
import { anyString } from '../http/internal.js';
import { isToken } from './credentials.js';

/** A token response (RFC 6749 §5.1). */
export interface TokenGrant {
  readonly accessToken: string;
  readonly idToken: string | undefined;
  readonly lifetimeMs: number;
}

/**
 * Lifetime of a token without a valid `expires_in`, which RFC 6749 only recommends. Too short costs a fetch every few
 * minutes; too long costs refused calls.
 */
const DEFAULT_LIFETIME_S = 300;

const accessToken = z.refine(anyString, isToken, 'must be one or more visible ASCII characters');

const bearer = z.refine(
  anyString,
  (value) => value.toLowerCase() === 'bearer',
  'unsupported token type, expected Bearer',
);

function lifetimeSeconds(expiresIn: unknown): number {
  // Some servers send the number as a string.
  const seconds = typeof expiresIn === 'string' ? Number(expiresIn) : expiresIn;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFETIME_S;
}

/** The response of the token endpoint. A missing `token_type` counts as Bearer. */
export const tokenGrant: z.Schema<TokenGrant> = z.map(
  z.looseObject({
    access_token: accessToken,
    token_type: z.optional(z.nullable(bearer)),
    expires_in: z.optional(z.unknown()),
  }),
  ({ access_token, expires_in, id_token }) => ({
    accessToken: access_token,
    idToken: typeof id_token === 'string' && isToken(id_token) ? id_token : undefined,
    lifetimeMs: lifetimeSeconds(expires_in) * 1000,
  }),
);
