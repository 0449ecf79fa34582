import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RouteAnswer, RouteContext, Route, Router } from '../../server/router.js';
import { isListParameter, pageOf, type PageSettings } from './pages.js';
import { invalidArgument } from './problems.js';

/** @internal A role that a route asks for: any user of the organization, or one of its administrators. */
export type CognigyRole = 'user' | 'admin' | 'management';

/** @internal A route of the REST API. */
export interface ApiRoute<Body = undefined> {
  readonly method: Route['method'];
  /** Path after the router's bases. */
  readonly path: string;
  readonly role?: CognigyRole | undefined;
  /** Query parameters that it knows; any other is answered with 400. */
  readonly query?: readonly string[] | undefined;
  readonly body?: StandardSchemaV1<unknown, Body> | undefined;
  handle(context: RouteContext<Body>): RouteAnswer | Promise<RouteAnswer>;
}

/** @internal A list of the REST API. */
export interface ApiList {
  readonly path: string;
  readonly role?: CognigyRole | undefined;
  /** Query parameters besides those of pages. */
  readonly query?: readonly string[] | undefined;
  /** Fields that may be sorted and filtered by. */
  readonly fields?: readonly string[] | undefined;
  items(context: RouteContext<unknown>): readonly object[];
}

const FIELDS = ['name', 'createdAt', 'lastChanged'];

/** @internal Adds routes of the REST API, which refuses what it does not know. */
export class ApiRouter {
  readonly #router: Router;
  readonly #pages: PageSettings;
  readonly #bases: readonly string[];

  constructor(router: Router, pages: PageSettings, bases: readonly string[] = ['/v2.0', '/new/v2.0']) {
    this.#router = router;
    this.#pages = pages;
    this.#bases = bases;
  }

  /** Returns a router of the paths under other bases. */
  under(...bases: readonly string[]): ApiRouter {
    return new ApiRouter(this.#router, this.#pages, bases);
  }

  add<Body = undefined>(route: ApiRoute<Body>): void {
    this.#add(route, (name) => route.query?.includes(name) ?? false);
  }

  list(list: ApiList): void {
    const { path, role, query = [], fields = FIELDS } = list;
    this.#add<unknown>(
      {
        method: 'GET',
        path,
        role,
        handle: (context) => ({
          status: 200,
          json: pageOf({ items: list.items(context), fields }, context.query, this.#pages),
        }),
      },
      (name) => query.includes(name) || isListParameter(name, fields),
    );
  }

  #add<Body>(route: ApiRoute<Body>, isKnown: (parameter: string) => boolean): void {
    const { method, path, role = 'user', body } = route;
    for (const base of this.#bases) {
      this.#router.add<Body>({
        method,
        path: `${base}${path}`,
        scope: role,
        body,
        invalidBodyStatus: 400,
        handle: (context) => {
          const unknown = [...context.query.keys()].find((name) => name !== 'api_key' && !isKnown(name));
          if (unknown !== undefined) throw invalidArgument(`${JSON.stringify(unknown)} is not allowed in the query`);
          return route.handle(context);
        },
      });
    }
  }
}
