import { invalidArgument } from '../../server/problem.js';
import { ok, type Route, type RouteContext, type Router, type RouteTarget } from '../../server/router.js';
import { isListParameter, pageOf, type PageSettings } from './pages.js';

/** @internal A role that a route asks for: any user of the organization, or one of its administrators. */
export type CognigyRole = 'user' | 'admin' | 'management';

interface RouteOptions<Body> extends Pick<Route<Body>, 'body'> {
  readonly role?: CognigyRole | undefined;
  /** Query parameters that it accepts in addition to those of a list; any other gets a 400. */
  readonly query?: readonly string[] | undefined;
}

interface ListOptions extends Omit<RouteOptions<unknown>, 'body'> {
  /** Fields that may be sorted and filtered by. */
  readonly fields?: readonly string[] | undefined;
}

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

  /** Adds a route; its path follows the router's bases. */
  on<Body = undefined>(target: RouteTarget, options: RouteOptions<Body>, handle: Route<Body>['handle']): void {
    this.#add(target, options, () => false, handle);
  }

  /** Adds a list, which is answered in pages. */
  list(path: string, options: ListOptions, items: (context: RouteContext) => readonly object[]): void {
    const { fields = ['name', 'createdAt', 'lastChanged'] } = options;
    const isOfList = (parameter: string): boolean => isListParameter(parameter, fields);
    this.#add(`GET ${path}`, options, isOfList, (context) =>
      ok(pageOf(items(context), fields, context.query, this.#pages)),
    );
  }

  #add<Body = undefined>(
    target: RouteTarget,
    { role = 'user', query = [], body }: RouteOptions<Body>,
    isKnown: (parameter: string) => boolean,
    handle: Route<Body>['handle'],
  ): void {
    const known = ['api_key', ...query];
    for (const base of this.#bases) {
      const based = target.replace(' ', ` ${base}`) as RouteTarget;
      this.#router.on<Body>(based, { scope: role, body, invalidBodyStatus: 400 }, (context) => {
        const unknown = [...context.query.keys()].find((name) => !known.includes(name) && !isKnown(name));
        if (unknown !== undefined) throw invalidArgument(`${JSON.stringify(unknown)} is not allowed in the query`);
        return handle(context);
      });
    }
  }
}
