import { PaginationError } from '../errors.js';
import { checkCounts } from '../options.js';
import { formatKey } from './validation.js';

/** One page of a list. */
export interface Page<T> {
  /** The items of this page, in the server's order. */
  readonly items: readonly T[];
  /** Where the next page begins; absent on the last page. Pass it to resume later. */
  readonly nextCursor?: string | undefined;
}

/**
 * A list that is fetched page by page while it is iterated. Iterate it for items, or {@link PagedIterable.byPage} for
 * whole pages. Each iteration starts again; the next page is fetched when it is asked for, never ahead.
 *
 * @example
 * ```ts
 * for await (const entry of audit.listAll()) console.log(entry);
 * for await (const page of audit.listAll().byPage()) console.log(page.items.length, page.nextCursor);
 * ```
 */
export interface PagedIterable<T, P extends Page<T> = Page<T>> extends AsyncIterable<T> {
  /** The same list as whole pages. */
  byPage(): AsyncIterable<P>;
}

/** Where an iteration over pages begins and ends. */
export interface PageRange {
  /**
   * The first page's cursor.
   *
   * @defaultValue the beginning
   */
  readonly cursor?: string | undefined;
  /**
   * How many items to yield at most.
   *
   * @defaultValue all
   */
  readonly maxItems?: number | undefined;
}

/**
 * Makes a {@link PagedIterable} of a function that fetches one page.
 *
 * @param fetchPage - gets `range.cursor` first and then each page's `nextCursor`.
 * @throws {@link ConfigurationError} if `maxItems` is not an integer of at least 1; while iterating,
 * {@link PaginationError} if the server returns a cursor twice, and what `fetchPage` throws.
 */
export function paginate<T, P extends Page<T> = Page<T>>(
  fetchPage: (cursor: string | undefined) => PromiseLike<P>,
  range: PageRange = {},
): PagedIterable<T, P> {
  const { maxItems } = range;
  checkCounts({ maxItems });
  async function* byPage(): AsyncGenerator<P, void, undefined> {
    const seen = new Set<string | undefined>([range.cursor]);
    let left = maxItems ?? Infinity;
    for (let { cursor } = range; ; seen.add(cursor)) {
      const page = await fetchPage(cursor);
      yield page.items.length > left ? { ...page, items: page.items.slice(0, left) } : page;
      left -= page.items.length;
      cursor = page.nextCursor;
      if (cursor === undefined || left <= 0) return;
      if (seen.has(cursor)) throw new PaginationError('The server returned the same cursor twice');
    }
  }
  return {
    byPage,
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
      for await (const page of byPage()) yield* page.items;
    },
  };
}

/** The names that servers have for where the next page begins. */
const CURSOR_NAMES = ['nextCursor', 'next_cursor'] as const;

/** Where the next page of a list begins, as the server says it. Absent, `null` and empty mean that this page is the last. */
export function cursorOf(page: object): string | undefined {
  const values = CURSOR_NAMES.map((name) => (page as Readonly<Record<string, unknown>>)[name]);
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

/** A page, and how many items the server put into it, those included that were left out of it. */
export interface FetchedPage<P> {
  readonly page: P;
  readonly received: number;
}

/**
 * {@link paginate} for lists that only a page without a cursor ends: that page is checked to be the last one. Where an
 * iteration began at the beginning, no page's `total` may be above what was read; the smallest one counts, since events may
 * be added meanwhile.
 *
 * @throws as {@link paginate}; while iterating, {@link PaginationError} also as {@link checkLastPage}.
 */
export function followCursors<T, P extends Page<T> = Page<T>>(
  fetchPage: (cursor: string | undefined) => PromiseLike<FetchedPage<P>>,
  range: PageRange = {},
): PagedIterable<T, P> {
  const before = new Map([[range.cursor, { read: 0, total: Infinity }]]);
  return paginate<T, P>(async (cursor) => {
    const { page, received } = await fetchPage(cursor);
    const { total: own } = page as { readonly total?: unknown };
    const soFar = before.get(cursor) ?? { read: 0, total: Infinity };
    const read = soFar.read + received;
    const total = Math.min(soFar.total, typeof own === 'number' ? own : Infinity);
    if (page.nextCursor !== undefined) before.set(page.nextCursor, { read, total });
    else checkLastPage({ ...page, total }, { cursor, read: range.cursor === undefined ? read : undefined });
    return page;
  }, range);
}

/**
 * Checks that a page without a cursor is the last one: a page that cannot be followed must not end a list silently.
 *
 * @param request - the cursor that was sent, which a server may echo, and how many items were read so far, this page
 * included, where that is known.
 * @throws {@link PaginationError} if the page has a cursor under another name, says that more follow (`next`, `has_more`),
 * or has a `total` above what was read.
 */
export function checkLastPage(
  page: object,
  { cursor, read }: { readonly cursor: string | undefined; readonly read: number | undefined },
): void {
  for (const [name, value] of Object.entries(page) as [string, unknown][]) {
    const isCursor = /(?:(?<!prev(?:ious)?_?)cursor|^next)$/i.test(name) && !isEmpty(value) && value !== cursor;
    const isMore = /^has_?(?:more|next)$/i.test(name) && value === true;
    if (isCursor || isMore)
      throw new PaginationError(`The page has no cursor, but its field ${formatKey(name)} says that more follow`);
    if (name === 'total' && typeof value === 'number' && read !== undefined && value > read && value !== Infinity)
      throw new PaginationError(`The page has no cursor, but total is ${value} and only ${read} items were read`);
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === '';
}
