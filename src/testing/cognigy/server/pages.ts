import { invalidArgument } from '../../server/problem.js';
import { cursorAt, queryInteger, readCursor } from '../../server/query.js';

/**
 * How pages deviate: `short-pages` have one entry fewer than requested · `repeated-cursor` repeats a cursor forever ·
 * `lost-cursor` omits the cursor although more entries follow · `old-names` calls the cursors `next` and `previous`.
 */
export type CognigyPageQuirk = 'short-pages' | 'repeated-cursor' | 'lost-cursor' | 'old-names';

/** @internal Settings of pages. */
export interface PageSettings {
  quirk: CognigyPageQuirk | undefined;
}

/** A greater `limit` is cut to it, since the vendor's clients disagree about the maximum. */
const MAX_PAGE_SIZE = 100;
const pageParameters: readonly string[] = ['limit', 'skip', 'next', 'previous', 'sort', 'filter'];

/** @internal Returns one page of a list: `{items, total, nextCursor, previousCursor}`. */
export function pageOf(
  items: readonly object[],
  fields: readonly string[],
  query: URLSearchParams,
  { quirk }: PageSettings,
): object {
  if (query.has('skip') && (query.has('next') || query.has('previous'))) {
    throw invalidArgument('skip cannot be combined with a cursor');
  }
  const limit = Math.min(queryInteger(query, 'limit', { least: 1, absent: 25 }), MAX_PAGE_SIZE);
  const found = sorted(filtered(items, fields, query), fields, query.get('sort'));
  const cursor = query.get('next') ?? query.get('previous');
  const start = cursor === null ? queryInteger(query, 'skip', { least: 0, absent: 0 }) : readCursor(cursor);
  const end = start + Math.max(1, limit - (quirk === 'short-pages' ? 1 : 0));
  const hasMore = end < found.length;
  const next = quirk === 'repeated-cursor' ? cursorAt(limit) : hasMore ? cursorAt(end) : null;
  const previous = start > 0 ? cursorAt(Math.max(0, start - limit)) : null;
  const page = { items: found.slice(start, end), total: found.length };
  if (quirk === 'old-names') return { ...page, next, previous };
  return { ...page, nextCursor: quirk === 'lost-cursor' ? null : next, previousCursor: previous };
}

function filtered(items: readonly object[], fields: readonly string[], query: URLSearchParams): readonly object[] {
  const text = query.get('filter')?.toLowerCase();
  const lists = fields.map((field) => ({ field, allowed: query.getAll(`${field}[]`) }));
  return items.filter((item) => {
    if (text !== undefined && !searchedText(item).includes(text)) return false;
    if (lists.some(({ field, allowed }) => allowed.length > 0 && !allowed.includes(textOf(item, field)))) return false;
    return fields.every((field) =>
      Object.entries(RANGES).every(([operator, holds]) => {
        const bound = query.get(`${field}.${operator}`);
        return bound === null || holds(comparable(item, field), Number(bound));
      }),
    );
  });
}

const RANGES: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  $gte: (value, bound) => value >= bound,
  $gt: (value, bound) => value > bound,
  $lte: (value, bound) => value <= bound,
  $lt: (value, bound) => value < bound,
};

/** @internal Returns whether a list supports a query parameter: its own one, `field[]=` or `field.$gte=`. */
export function isListParameter(name: string, fields: readonly string[]): boolean {
  if (pageParameters.includes(name)) return true;
  const [, field = '', operator = ''] = /^(\w+)(\[\]|\.\$\w+)$/.exec(name) ?? [];
  return fields.includes(field) && (operator === '[]' || Object.hasOwn(RANGES, operator.slice(1)));
}

function sorted(items: readonly object[], fields: readonly string[], sort: string | null): readonly object[] {
  if (sort === null) return items;
  const [, field = '', direction] = /^(\w+):(asc|desc)$/.exec(sort) ?? [];
  if (!fields.includes(field)) throw invalidArgument('sort: expected a field of the list with :asc or :desc');
  const sign = direction === 'asc' ? 1 : -1;
  return [...items].sort((a, b) => {
    const [left, right] = [textOf(a, field), textOf(b, field)];
    const numbers = comparable(a, field) - comparable(b, field);
    return sign * (Number.isNaN(numbers) ? left.localeCompare(right) : numbers);
  });
}

function valueOf(item: object, field: string): unknown {
  return (item as Readonly<Record<string, unknown>>)[field];
}

function textOf(item: object, field: string): string {
  const value = valueOf(item, field);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Returns a number, or a date as one. */
function comparable(item: object, field: string): number {
  const value = valueOf(item, field);
  return typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN;
}

function searchedText(item: object): string {
  return ['name', 'text', 'user', 'actionType', 'type'].map((field) => textOf(item, field).toLowerCase()).join('\n');
}
