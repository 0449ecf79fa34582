import * as z from 'zod/mini';
import { isToken } from './credentials.js';

/** What a token endpoint grants (RFC 6749 §5.1). */
export interface TokenGrant {
  readonly accessToken: string;
  readonly idToken: string | undefined;
  readonly lifetimeMs: number;
}

/** A token as it lies in a store, in ms since the epoch and ms. */
export interface StoredToken {
  readonly accessToken: string;
  readonly idToken?: string | undefined;
  readonly issuedAt: number;
  readonly lifetimeMs: number;
}

/**
 * Lifetime of a token whose answer has no usable `expires_in`. RFC 6749 only recommends the field; a short guess costs
 * a fetch every few minutes, a long one costs calls that are refused.
 */
const DEFAULT_LIFETIME_S = 300;

const accessToken = z.string().check(z.refine(isToken, 'must be one or more visible ASCII characters'));

const bearer = z
  .string()
  .check(z.refine((value) => value.toLowerCase() === 'bearer', 'unsupported token type, expected Bearer'));

function lifetimeSeconds(expiresIn: unknown): number {
  // Some servers write the number as a string.
  const seconds = typeof expiresIn === 'string' ? Number(expiresIn) : expiresIn;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFETIME_S;
}

/** The answer of the token endpoint. A missing `token_type` counts as Bearer. */
export const tokenGrant: z.ZodMiniType<TokenGrant> = z.pipe(
  z.looseObject({ access_token: accessToken, token_type: z.nullish(bearer), expires_in: z.optional(z.unknown()) }),
  z.transform(({ access_token, expires_in, id_token }) => ({
    accessToken: access_token,
    idToken: typeof id_token === 'string' && isToken(id_token) ? id_token : undefined,
    lifetimeMs: lifetimeSeconds(expires_in) * 1000,
  })),
);

/** What a store answers. */
export const storedToken: z.ZodMiniType<StoredToken> = z.object({
  accessToken,
  idToken: z.optional(accessToken),
  issuedAt: z.number(),
  lifetimeMs: z.number(),
});
