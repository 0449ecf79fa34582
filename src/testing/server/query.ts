import { invalidArgument } from './problem.js';

/** @internal Returns an integer of the query; throws a 400 for anything else. */
export function queryInteger(
  query: URLSearchParams,
  name: string,
  { least, most = Infinity, absent }: { readonly least: number; readonly most?: number; readonly absent: number },
): number {
  const value = Number(query.get(name) ?? absent);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidArgument(`${name} must be an integer from ${least}${most === Infinity ? '' : ` to ${most}`}`);
}

/** @internal Returns the cursor of a position in a list. */
export function cursorAt(position: number): string {
  return Buffer.from(`at:${position}`).toString('base64url');
}

/** @internal Returns the position of a cursor; throws a 400 for one of another server. */
export function readCursor(cursor: string): number {
  const [, position] = /^at:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (position === undefined) throw invalidArgument('the cursor is not one of this server');
  return Number(position);
}
