import { bearerToken, type Authorize } from '../../server/authorization.js';
import { HttpProblem } from '../../server/problem.js';
import { basicPair } from '../../server/token-endpoint.js';
import type { Grant, TokenRegistry } from '../../server/tokens.js';
import type { CognigyRole } from './api-router.js';

/** An API key, which acts with the roles of the user who made it. */
export interface CognigyApiKey {
  readonly key: string;
  /** Whether its user may read the audit events. @defaultValue true */
  readonly isAdmin?: boolean | undefined;
}

/** @internal The user who can log in with a password, an administrator. */
export const USER = { username: 'designer@example.com', password: 'cognigy-password' };

/** @internal Roles of an administrator. */
export const ADMIN: readonly CognigyRole[] = ['user', 'admin'];

/** @internal Knows API keys (header `X-API-Key` or query `api_key`), bearer tokens, and Basic for the management API. */
export function authorizeByRole(tokens: TokenRegistry, apiKeys: readonly CognigyApiKey[]): Authorize {
  const grantOf = ({ headers, query }: Parameters<Authorize>[0], role: string): Grant | undefined => {
    if (/^Basic /i.test(headers.authorization ?? '')) {
      const [name, password] = basicPair(headers.authorization ?? '') ?? [];
      const isKnown = name === USER.username && password === USER.password;
      return isKnown && role === 'management' ? { clientId: USER.username, scopes: new Set([role]) } : undefined;
    }
    const token = bearerToken(headers);
    if (token !== undefined) return tokens.check(token);
    const shown = headers['x-api-key'] ?? query.get('api_key');
    const known = apiKeys.find(({ key }) => key === shown);
    return known && { clientId: 'api-key', scopes: new Set(known.isAdmin === false ? ['user'] : ADMIN) };
  };
  return (request, role) => {
    const grant = grantOf(request, role);
    if (grant === undefined) throw new HttpProblem(401, 'unauthorized', 'Unauthorized');
    if (grant.scopes.has(role)) return grant;
    throw new HttpProblem(403, 'forbidden', 'Forbidden');
  };
}
