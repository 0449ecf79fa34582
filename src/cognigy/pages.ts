import { checkLastPage, cursorOf, receivedItems, type ApiResponse, type Page } from '../http/internal.js';

/**
 * Returns the cursor of the page after this one. Servers name it `nextCursor`; comments of older API descriptions name
 * it `next`.
 *
 * @param cursor - the cursor that was sent.
 * @throws `PaginationError` if the page is not the last but cannot be followed.
 */
export function nextCursorOf(
  { data, omitted }: Pick<ApiResponse<Page<unknown>>, 'data' | 'omitted'>,
  cursor: string | undefined,
): string | undefined {
  const nextCursor = cursorOf(data) ?? cursorOf({ nextCursor: (data as { readonly next?: unknown }).next });
  if (nextCursor === undefined)
    checkLastPage(data, { cursor, read: cursor === undefined ? receivedItems(data, omitted) : undefined });
  return nextCursor;
}
