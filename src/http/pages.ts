import { PaginationError } from '../errors.js';
import { checkCounts, checkKind, checkOptions, type Known } from '../options.js';
import type { ApiResponse } from './client.js';
import { callOptions } from './request.js';
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

/** Range of an iteration over pages. */
export interface PageRange {
  /** Cursor of the first page. @defaultValue the beginning */
  readonly cursor?: string | undefined;
  /** Limit of yielded items. @defaultValue no limit */
  readonly maxItems?: number | undefined;
}

/** The names of the options of a list that is followed over its pages, to check options. */
export const listOptions: Known<CallOptions & Pick<PageRange, 'maxItems'>> = { ...callOptions, maxItems: true };

/**
 * Creates a {@link PagedIterable} from a function that fetches one page.
 *
 * @param fetchPage - called with `range.cursor` first, then with each page's `nextCursor`.
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

const EMPTY: readonly unknown[] = [undefined, null, false, ''];

/** Returns the number of items that a server sent in a page, including invalid items, but not omitted fields. */
export function receivedItems({ items }: Pick<Page<unknown>, 'items'>, omitted: readonly OmittedPart[]): number {
  return items.length + new Set(omitted.flatMap((part) => /^\w+\[\d+\]$/.exec(part.omitted) ?? [])).size;
}

/** A page, and the number of items that the server sent, including those left out as invalid. */
export interface FetchedPage<P> {
  readonly page: P;
  readonly received: number;
}

/**
 * {@link paginate} for `listAll` of lists that end with a page without a cursor, of which `fetchPage` checks that it is
 * the last. If the iteration started at the beginning, no page's `total` may be above the number of items read; the
 * smallest `total` counts, since items may be added meanwhile.
 *
 * @throws `ConfigurationError` for arguments of a wrong type, and like {@link paginate}; while iterating,
 * {@link PaginationError} also for such a `total`.
 */
export function followCursors<T, P extends Page<T> = Page<T>>(
  query: Pick<PageRange, 'cursor'>,
  options: CallOptions & Pick<PageRange, 'maxItems'>,
  fetchPage: (cursor: string | undefined, options: CallOptions) => PromiseLike<FetchedPage<P>>,
): PagedIterable<T, P> {
  checkKind('query', query, 'an object');
  checkOptions('listAll', options, listOptions);
  const { maxItems, ...callOptions } = options;
  const range = { cursor: query.cursor, maxItems };
  const before = new Map([[range.cursor, { read: 0, total: Infinity }]]);
  return paginate<T, P>(async (cursor) => {
    const { page, received } = await fetchPage(cursor, callOptions);
    const { total: own } = page as { readonly total?: unknown };
    const soFar = before.get(cursor) ?? { read: 0, total: Infinity };
    const read = soFar.read + received;
    const total = Math.min(soFar.total, typeof own === 'number' ? own : Infinity);
    if (page.nextCursor !== undefined) before.set(page.nextCursor, { read, total });
    else if (range.cursor === undefined && total < Infinity) checkTotal(total, read);
    return page;
  }, range);
}

/**
 * Checks that a page without a cursor is the last, so that a list never ends silently too early.
 *
 * @param request - the sent cursor, which a server may echo, and the number of items read so far, this page included,
 * if known.
 * @throws {@link PaginationError} if the page has a cursor under another name, says that more follow (`next`,
 * `has_more`), or has a `total` above the number of items read.
 */
export function checkLastPage(
  page: object,
  { cursor, read = Infinity }: { readonly cursor: string | undefined; readonly read: number | undefined },
): void {
  for (const [name, value] of Object.entries(page) as [string, unknown][]) {
    const isCursor = /((?<!prev(ious)?_?)cursor|^next)$/i.test(name) && !EMPTY.includes(value) && value !== cursor;
    const isMore = /^has_?(more|next)$/i.test(name) && value === true;
    if (isCursor || isMore)
      throw new PaginationError(`The page has no cursor, but its field ${formatKey(name)} says that more items follow`);
    if (name === 'total') checkTotal(value, read);
  }
}

function checkTotal(total: unknown, read: number): void {
  if (Number(total) > read)
    throw new PaginationError(`The page has no cursor, but total is ${String(total)} and only ${read} items were read`);
}

/**
 * Returns the cursor of the page after this one, by the first of these names. Absent, `null` and empty mean that it is
 * the last.
 *
 * @param cursor - the cursor that was sent.
 * @throws {@link PaginationError} if the page is not the last but cannot be followed.
 */
export function nextCursorOf(
  { data, omitted }: Pick<ApiResponse<Pick<Page<unknown>, 'items'>>, 'data' | 'omitted'>,
  cursor: string | undefined,
  names: readonly string[],
): string | undefined {
  const values = names.map((name) => (data as Readonly<Record<string, unknown>>)[name]);
  const next = values.find((value): value is string => typeof value === 'string' && value !== '');
  if (next === undefined)
    checkLastPage(data, { cursor, read: cursor === undefined ? receivedItems(data, omitted) : undefined });
  return next;
}
