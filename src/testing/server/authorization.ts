import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './problem.js';
import type { RecordedRequest } from './request-log.js';
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

/** @internal Identifies the client of a request that needs one of some scopes; throws 401 or 403. */
export interface RequestAuthorizer {
  authorizeRequest(request: Pick<RecordedRequest, 'headers' | 'query'>, scopes: readonly string[]): Grant;
}

/** @internal Identifies the client of a request. */
export class Authorizer implements RequestAuthorizer {
  readonly #tokens: TokenRegistry;
  readonly #apiKeys: ApiKeyOptions | undefined;

  constructor(tokens: TokenRegistry, apiKeys: ApiKeyOptions | undefined) {
    this.#tokens = tokens;
    this.#apiKeys = apiKeys;
  }

  authorizeRequest({ headers }: Pick<RecordedRequest, 'headers'>, scopes: readonly string[]): Grant {
    return this.authorize(bearerToken(headers), headers, scopes);
  }

  /** Returns the client of a call that needs one of `scopes`. Throws 401 or 403. */
  authorize(credential: string | undefined, headers: IncomingHttpHeaders, scopes: readonly string[]): Grant {
    const grant = this.#grantOf(credential, headers);
    if (scopes.some((scope) => grant.scopes.has(scope))) return grant;
    const missing = scopes.join(' or ');
    throw new HttpProblem(403, 'insufficient_scope', `this call needs the scope ${missing}`, {
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"` },
    });
  }

  #grantOf(credential: string | undefined, headers: IncomingHttpHeaders): Grant {
    const byKey = this.#grantOfKey(headers);
    if (byKey !== undefined) return byKey;
    if (credential === undefined) {
      throw new HttpProblem(401, 'unauthorized', 'a bearer token is missing', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    const grant = this.#tokens.check(credential);
    if (grant !== undefined) return grant;
    throw new HttpProblem(401, 'invalid_token', 'the token is unknown, has expired or was revoked', {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  }

  #grantOfKey(headers: IncomingHttpHeaders): Grant | undefined {
    if (this.#apiKeys === undefined) return undefined;
    const sent = headers[this.#apiKeys.header.toLowerCase()];
    const known = this.#apiKeys.keys.find(({ key }) => key === sent);
    return known && { clientId: 'api-key', scopes: new Set(known.scopes) };
  }
}

/** @internal Returns the token of an `Authorization: Bearer` header. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
}
