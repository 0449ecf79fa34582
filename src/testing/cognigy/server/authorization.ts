import { bearerToken, type RequestAuthorizer } from '../../server/authorization.js';
import { HttpProblem } from '../../server/problem.js';
import type { RecordedRequest } from '../../server/request-log.js';
import type { Grant, TokenRegistry } from '../../server/tokens.js';
import type { CognigyRole } from './api-router.js';

/** An API key, which acts with the roles of the user who made it. */
export interface CognigyApiKey {
  readonly key: string;
  /** Whether its user may read the audit events. @defaultValue true */
  readonly isAdmin?: boolean | undefined;
}

/** A user who can log in with a password. */
export interface CognigyUser {
  /** E-mail address. */
  readonly username: string;
  readonly password: string;
  /** Whether it may read the audit events. @defaultValue true */
  readonly isAdmin?: boolean | undefined;
}

/** @internal Returns the roles of a user or a key. */
export function rolesOf({ isAdmin = true }: { readonly isAdmin?: boolean | undefined }): readonly CognigyRole[] {
  return isAdmin ? ['user', 'admin'] : ['user'];
}

/**
 * @internal Knows API keys (header `X-API-Key` or query `api_key`), bearer tokens, and Basic for the management API.
 */
export class CognigyAuthorizer implements RequestAuthorizer {
  readonly #tokens: TokenRegistry;
  readonly #apiKeys: readonly CognigyApiKey[];
  readonly #users: readonly CognigyUser[];

  constructor(tokens: TokenRegistry, apiKeys: readonly CognigyApiKey[], users: readonly CognigyUser[]) {
    this.#tokens = tokens;
    this.#apiKeys = apiKeys;
    this.#users = users;
  }

  authorizeRequest(request: Pick<RecordedRequest, 'headers' | 'query'>, roles: readonly string[]): Grant {
    const grant = this.#grantOf(request, roles.includes('management'));
    if (grant === undefined) throw new HttpProblem(401, 'unauthorized', 'Unauthorized');
    if (roles.some((role) => grant.scopes.has(role))) return grant;
    throw new HttpProblem(403, 'forbidden', 'Forbidden');
  }

  #grantOf({ headers, query }: Pick<RecordedRequest, 'headers' | 'query'>, basic: boolean): Grant | undefined {
    const [, encoded] = /^Basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (encoded !== undefined) {
      const shown = Buffer.from(encoded, 'base64').toString('utf8');
      const user = this.#users.find(({ username, password }) => shown === `${username}:${password}`);
      return basic && user !== undefined ? { clientId: user.username, scopes: new Set(['management']) } : undefined;
    }
    const token = bearerToken(headers);
    if (token !== undefined) return this.#tokens.check(token);
    const shown = headers['x-api-key'] ?? query.get('api_key');
    const known = this.#apiKeys.find(({ key }) => key === shown);
    return known && { clientId: 'api-key', scopes: new Set(rolesOf(known)) };
  }
}
