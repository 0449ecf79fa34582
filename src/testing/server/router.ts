import type { IncomingHttpHeaders } from 'node:http';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { compilePath } from './route-selector.js';
import type { Grant } from './tokens.js';

/** What a route's handler receives. */
export interface RouteContext<Body = undefined> {
  readonly method: string;
  /** Path as it was sent, without the query. */
  readonly path: string;
  /** Path parameters, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Request headers, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The body as text, exactly as received. */
  readonly bodyText: string;
  /** The parsed body, after the route's `body` schema accepted it; `undefined` for a route without one. */
  readonly body: Body;
  /** The client of the request; an empty id without scopes for a public route. */
  readonly grant: Grant;
  /** Value of the response's `x-request-id`. */
  readonly requestId: string;
  /** Aborted when the caller goes away or the tenant closes. */
  readonly signal: AbortSignal;
}

/** The response of a route. */
export interface RouteAnswer {
  readonly status: number;
  /** Sent as JSON; leave it out for an empty body. */
  readonly json?: unknown;
  /** Sent unchanged, with the content type that `headers` names, instead of `json`. */
  readonly text?: string | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One route of the tenant. */
export interface Route<Body = undefined> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The whole path, e.g. `/api/v1/simulations/{id}`. */
  readonly path: string;
  /** The scope that a caller needs, or `public`. */
  readonly scope: string;
  /**
   * Schema of the JSON body, from any library that implements [Standard Schema](https://standardschema.dev). A wrong
   * content type gets a 415, malformed JSON a 400, and a body that violates the schema a 422 (or `invalidBodyStatus`)
   * with the issues. Without it, the body is not checked.
   */
  readonly body?: StandardSchemaV1<unknown, Body> | undefined;
  /** Status for a body that violates the schema. @defaultValue 422 */
  readonly invalidBodyStatus?: 400 | 422 | undefined;
  /** Handles a request that passed all checks; throws an `HttpProblem` for an error. */
  handle(context: RouteContext<Body>): RouteAnswer | Promise<RouteAnswer>;
}

/** A route's method and path, e.g. `GET /api/v1/simulations/{id}`. */
export type RouteTarget = `${Route['method']} ${string}`;

/** @internal */
export const ok = (json: unknown): RouteAnswer => ({ status: 200, json });
/** @internal */
export const created = (json: unknown): RouteAnswer => ({ status: 201, json });
/** @internal */
export const accepted = (json?: unknown): RouteAnswer => ({ status: 202, json });
/** @internal */
export const NO_CONTENT: RouteAnswer = { status: 204 };

export type RouteMatch =
  | { readonly found: true; readonly route: Route<unknown>; readonly params: Readonly<Record<string, string>> }
  | { readonly found: false; readonly allowedMethods: readonly string[] };

interface CompiledRoute {
  readonly route: Route<unknown>;
  readonly pattern: RegExp;
}

/**
 * The tenant's routes. To add a feature: write `routes/<feature>.ts` with a class that holds what the feature
 * remembers, and whose constructor calls {@link Router.on} for each call of protocol 4; then make it a field of `Tenant`
 * in `tenant.ts`. A handler sees only requests
 * whose token, scope and body were accepted; it answers with a {@link RouteAnswer} or throws an `HttpProblem`.
 */
export class Router {
  readonly #routes: CompiledRoute[] = [];

  /** Adds a route. Of those that match, the one added last wins. */
  add<Body = undefined>(route: Route<Body>): void {
    // The listener parses the body with this very route's schema before it calls `handle`.
    this.#routes.unshift({ route, pattern: compilePath(route.path) });
  }

  /** Adds a route, its method and path as one text. */
  on<Body = undefined>(
    target: RouteTarget,
    options: Pick<Route<Body>, 'scope' | 'body' | 'invalidBodyStatus'>,
    handle: Route<Body>['handle'],
  ): void {
    const [method, path] = target.split(' ') as [Route['method'], string];
    this.add({ ...options, method, path, handle });
  }

  find(method: string, path: string): RouteMatch {
    const allowedMethods: string[] = [];
    for (const { route, pattern } of this.#routes) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const params = decodeAll(match.groups ?? {});
      if (params === undefined) continue;
      if (route.method === method) return { found: true, route, params };
      allowedMethods.push(route.method);
    }
    return { found: false, allowedMethods };
  }
}

function decodeAll(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}
