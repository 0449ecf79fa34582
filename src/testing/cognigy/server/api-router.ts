import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RouteAnswer, RouteContext, Route, Router } from '../../server/router.js';
import { isListParameter, pageOf, type PageSettings } from './pages.js';
import { invalidArgument } from './problems.js';

/** @internal A role that a route asks for: any user of the organization, or one of its administrators. */
export type CognigyRole = 'user' | 'admin' | 'management';

/** @internal A route of the REST API. */
export interface ApiRoute<Body = undefined> {
  readonly method: Route['method'];
  /** Path after `/v2.0`, or the whole path after the host where `base` is given. */
  readonly path: string;
  /**
   * Bases that it is served under.
   *
   * @defaultValue `/v2.0` and `/new/v2.0`
   */
  readonly bases?: readonly string[] | undefined;
  readonly role?: CognigyRole | undefined;
  /** Query parameters that it knows; any other is answered with 400. */
  readonly query?: readonly string[] | undefined;
  readonly body?: StandardSchemaV1<unknown, Body> | undefined;
  handle(context: RouteContext<Body>): RouteAnswer | Promise<RouteAnswer>;
}

/** @internal A list of the REST API. */
export interface ApiList {
  readonly path: string;
  readonly bases?: readonly string[] | undefined;
  readonly role?: CognigyRole | undefined;
  /** Query parameters besides those of pages. */
  readonly query?: readonly string[] | undefined;
  /** Fields that may be sorted and filtered by. */
  readonly fields?: readonly string[] | undefined;
  items(context: RouteContext<unknown>): readonly object[];
}

const BASES = ['/v2.0', '/new/v2.0'];
const FIELDS = ['name', 'createdAt', 'lastChanged'];

/** @internal Adds routes of the REST API, which refuses what it does not know. */
export class ApiRouter {
  readonly #router: Router;
  readonly #pages: PageSettings;

  constructor(router: Router, pages: PageSettings) {
    this.#router = router;
    this.#pages = pages;
  }

  add<Body = undefined>(route: ApiRoute<Body>): void {
    this.#add(route, (name) => route.query?.includes(name) ?? false);
  }

  list(list: ApiList): void {
    const { path, bases, role, query = [], fields = FIELDS } = list;
    this.#add<unknown>(
      {
        method: 'GET',
        path,
        bases,
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
    const { method, path, bases = BASES, role = 'user', body } = route;
    for (const base of bases) {
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
