import { escapeForRegExp } from '../../regexp.js';
import type { RecordedRequest } from './recorded-request.js';
import { ConfigurationError } from '../../errors.js';
import { syncResult } from '../../http/guard.js';

/**
 * Selects requests: `'POST /agentassist/suggest'`, a path alone for every method, `{name}` for any one segment
 * (`'GET /simulations/{id}'`), a regular expression that is tried on `METHOD /path`, or a predicate. The path of a
 * string may omit the part that the base URL contains: `/api/v1`, or `/new`, `/v2.0` and `/new/v2.0` of Cognigy.AI.
 */
export type RouteSelector = string | RegExp | ((request: RecordedRequest) => boolean);

/** @internal */
export function routeMatcher(selector: RouteSelector): (request: RecordedRequest) => boolean {
  if (typeof selector === 'function') return (request) => syncResult('route', selector(request));
  if (selector instanceof RegExp) {
    const expression = new RegExp(selector.source, selector.flags.replace(/[gy]/g, ''));
    return ({ method, path }) => expression.test(`${method} ${path}`);
  }
  const [, method, path = ''] = /^(?:([A-Z]+) )?(\/.*)$/.exec(selector) ?? [];
  if (path === '')
    throw new ConfigurationError(`not a route: ${JSON.stringify(selector)}; write e.g. "POST /agentassist/suggest"`);
  const pattern = expressionOf(path, () => '[^/]+');
  return (request) =>
    (method === undefined || method === request.method) &&
    BASES.some((base) => request.path.startsWith(base) && pattern.test(request.path.slice(base.length)));
}

/** What a base URL may carry before the path of a call. */
const BASES = ['', '/api/v1', '/new', '/v2.0', '/new/v2.0'];

/** Turns `/simulations/{id}` into an expression whose groups are the parameters, each one path segment. */
export function compilePath(path: string): RegExp {
  return expressionOf(path, (name) => `(?<${name}>[^/]+)`);
}

function expressionOf(path: string, segment: (name: string) => string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? segment(part.slice(1, -1)) : escapeForRegExp(part)))
    .join('');
  return new RegExp(`^${source}$`);
}
