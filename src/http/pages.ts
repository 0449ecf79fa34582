import { PaginationError } from '../errors.js';
import { checkCounts, checkKind, checkOptions } from '../options.js';
import { callOptions } from './request.js';
import type { ApiResponse } from './client.js';
import type { CallOptions } from './types.js';
import { formatKey, type OmittedPart } from './validation.js';

/** One page of a list. */
export interface Page<T> {
  /** The items of this page, in the server's order. */
  readonly items: readonly T[];
  /** Cursor of the next page; absent on the last page. Pass it to resume later. */
  readonly nextCursor?: string | undefined;
}

/**
 * A list that is fetched page by page during iteration. Iterate it for items, or {@link PagedIterable.byPage} for
 * pages. Each iteration starts again. A page is fetched when it is needed, never ahead.
 *
 * @example
 * ```ts
 * for await (const entry of audit.listAll()) console.log(entry);
 * for await (const page of audit.listAll().byPage()) console.log(page.items.length, page.nextCursor);
 * ```
 */
export interface PagedIterable<T, P extends Page<T> = Page<T>> extends AsyncIterable<T> {
  /** Returns the same list as pages. */
  byPage(): AsyncIterable<P>;
}

/** Options of a list that is followed over its pages: those of the call for each page, and `maxItems`. */
export interface ListAllOptions extends CallOptions {
  /** Limit of yielded items. @defaultValue no limit */
  readonly maxItems?: number | undefined;
}

/** What an iteration has read so far, for {@link withNextCursor}. */
export interface Progress {
  /** Number of items that the server sent; infinite if the iteration did not start at the beginning. */
  read?: number;
  /** The smallest `total` of the pages, since items may be added meanwhile. */
  total?: number;
}

/**
 * Creates the {@link PagedIterable} of a list.
 *
 * @param method - its name, for errors.
 * @param fetchPage - called with the cursor of the query first, then with the `nextCursor` of each page. Each iteration has
 * its own `soFar`, for {@link withNextCursor}.
 * @throws {@link ConfigurationError} for arguments of a wrong type, and if `maxItems` is not an integer of at least 1;
 * while iterating, {@link PaginationError} if the server returns a cursor twice, and what `fetchPage` throws.
 */
export function followCursors<T, P extends Page<T> = Page<T>>(
  method: string,
  query: { readonly cursor?: string | undefined },
  options: ListAllOptions,
  fetchPage: (cursor: string | undefined, options: CallOptions, soFar: Progress) => PromiseLike<{ readonly data: P }>,
): PagedIterable<T, P> {
  checkKind('query', query, 'an object');
  checkOptions<ListAllOptions>(method, options, { ...callOptions, maxItems: true });
  const { maxItems, ...perCall } = options;
  checkCounts({ maxItems });
  async function* byPage(): AsyncGenerator<P, void, undefined> {
    const seen = new Set<string | undefined>();
    const soFar = {};
    let { cursor } = query;
    let left = maxItems ?? Infinity;
    do {
      if (seen.has(cursor)) throw new PaginationError('The server returned the same cursor twice');
      seen.add(cursor);
      const { data: page } = await fetchPage(cursor, perCall, soFar);
      yield { ...page, items: page.items.slice(0, left) };
      left -= page.items.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined && left > 0);
  }
  return {
    byPage,
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
      for await (const page of byPage()) yield* page.items;
    },
  };
}

/** Returns the number of items that a server sent in a page, including invalid items, but not omitted fields. */
export function receivedItems({ items }: Pick<Page<unknown>, 'items'>, omitted: readonly OmittedPart[]): number {
  return items.length + new Set(omitted.flatMap((part) => /^\w+\[\d+\]$/.exec(part.omitted) ?? [])).size;
}

/**
 * Returns the response with the cursor of its next page. Absent, `null` and empty mean that this page is the last, which is
 * checked.
 *
 * @param names - what servers call the cursor.
 * @param cursor - the cursor that was sent.
 * @param soFar - what was read before, in an iteration; the page is added. If that is the whole list, no `total` may be
 * above its number of items.
 * @throws {@link PaginationError} like {@link checkLastPage}.
 */
export function withNextCursor<P extends object & Pick<Page<unknown>, 'items'>>(
  response: ApiResponse<P>,
  names: readonly string[],
  cursor: string | undefined,
  soFar: Progress = {},
): ApiResponse<P & Pick<Page<unknown>, 'nextCursor'>> {
  const { data, omitted } = response as ApiResponse<P & Readonly<Record<string, unknown>>>;
  const { total } = data;
  soFar.read = (soFar.read ?? (cursor === undefined ? 0 : Infinity)) + receivedItems(data, omitted);
  if (typeof total === 'number') soFar.total = Math.min(soFar.total ?? total, total);
  const nextCursor = names.map((name) => data[name]).find((value) => typeof value === 'string' && value !== '');
  if (nextCursor === undefined) checkLastPage({ ...data, ...soFar }, cursor, soFar.read);
  return {
    ...response,
    data: { ...data, nextCursor: nextCursor as string | undefined },
  };
}

/**
 * Checks that a page without a cursor is the last, so that a list never ends silently too early.
 *
 * @param cursor - the sent cursor, which a server may echo.
 * @param read - the number of items read so far, this page included; infinite if it is unknown.
 * @throws {@link PaginationError} if the page has a cursor under another name, says that more follow (`next`,
 * `has_more`), or has a `total` above the number of items read. Any value but the text `false` counts as in JavaScript:
 * an error is seen, a list that ends early is not.
 */
export function checkLastPage(page: object, cursor: string | undefined, read: number): void {
  for (const [name, value] of Object.entries(page) as [string, unknown][]) {
    const isSaid = Boolean(value) && value !== 'false' && value !== cursor;
    if (isSaid && /((?<!prev(ious)?_?)cursor|^(has_?)?(next|more))$/i.test(name))
      throw new PaginationError(`The page has no cursor, but its field ${formatKey(name)} says that more items follow`);
    if (name === 'total' && Number(value) > read)
      throw new PaginationError(
        `The page has no cursor, but total is ${String(value)} and only ${read} items were read`,
      );
  }
}
