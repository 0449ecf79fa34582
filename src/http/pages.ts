import { PaginationError } from '../errors.js';

/** One page of a list. */
export interface Page<T> {
  /** The items of this page, in the server's order. */
  readonly items: readonly T[];
  /** Where the next page begins; absent on the last page. Pass it to resume later. */
  readonly nextCursor?: string | undefined;
}

/**
 * A list that is fetched page by page while it is iterated. Iterate it for items, or {@link PagedIterable.byPage} for
 * whole pages. Each iteration starts anew; the next page is fetched when it is asked for, never ahead.
 *
 * @example
 * ```ts
 * for await (const record of audit.all()) console.log(record);
 * for await (const page of audit.all().byPage()) console.log(page.items.length, page.nextCursor);
 * ```
 */
export interface PagedIterable<T, P extends Page<T> = Page<T>> extends AsyncIterable<T> {
  /** The same list as whole pages. */
  byPage(): AsyncIterable<P>;
}

/**
 * Makes a {@link PagedIterable} of a function that fetches one page.
 *
 * @param fetchPage - gets `firstCursor` first and then each page's `nextCursor`.
 * @param firstCursor - where to begin; `undefined` for the beginning.
 * @throws (while iterating) {@link PaginationError} when a cursor comes back a second time, and what `fetchPage` throws.
 */
export function paginate<T, P extends Page<T> = Page<T>>(
  fetchPage: (cursor: string | undefined) => PromiseLike<P>,
  firstCursor?: string,
): PagedIterable<T, P> {
  async function* byPage(): AsyncGenerator<P, void, undefined> {
    const seen = new Set<string | undefined>([firstCursor]);
    let cursor = firstCursor;
    for (;;) {
      const page = await fetchPage(cursor);
      yield page;
      cursor = page.nextCursor;
      if (cursor === undefined) return;
      if (seen.has(cursor)) throw new PaginationError('A cursor came back twice; following it would never end');
      seen.add(cursor);
    }
  }
  return {
    byPage,
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
      for await (const page of byPage()) yield* page.items;
    },
  };
}
