import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './problem.js';
import type { RecordedRequest } from './recorded-request.js';
import type { Grant, TokenRegistry } from './tokens.js';

/** API keys that the tenant accepts instead of a bearer token. */
export interface ApiKeyOptions {
  /** Name of the header, e.g. `X-API-Key`. */
  readonly header: string;
  /** The keys and their scopes. */
  readonly keys: readonly {
    readonly key: string;
    readonly scopes: readonly string[];
  }[];
}

/**
 * @internal Identifies the client of a request that needs a scope; throws 401 or 403. Its token is in the header by
 * default.
 */
export type Authorize = (request: Pick<RecordedRequest, 'headers' | 'query'>, scope: string, token?: string) => Grant;

/** @internal Authorizes by an API key or a token. */
export function authorizeBy(tokens: TokenRegistry, apiKeys?: ApiKeyOptions): Authorize {
  return ({ headers }, scope, token = bearerToken(headers)) => {
    const shownKey = headers[apiKeys?.header.toLowerCase() ?? ''];
    const apiKey = apiKeys?.keys.find(({ key }) => key === shownKey);
    const grant = apiKey ? { clientId: 'api-key', scopes: new Set(apiKey.scopes) } : tokenGrant(tokens, token);
    if (grant.scopes.has(scope)) return grant;
    throw new HttpProblem(403, 'insufficient_scope', `this call needs the scope ${scope}`, {
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
    });
  };
}

function tokenGrant(tokens: TokenRegistry, token: string | undefined): Grant {
  if (token === undefined) {
    throw new HttpProblem(401, 'unauthorized', 'a bearer token is missing', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  const grant = tokens.check(token);
  if (grant !== undefined) return grant;
  throw new HttpProblem(401, 'invalid_token', 'the token is unknown, has expired or was revoked', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

/** @internal Returns the token of an `Authorization: Bearer` header. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
}
