import { writeJson } from '../json.js';
import { checkKind } from '../options.js';
import type { AuditTrailEntry } from './types.js';

const CHAIN_COLUMNS = ['seq', 'at', 'hash', 'previousHash'] as const;

/** What a spreadsheet may read as a formula, also after spaces or in full-width form. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
/**
 * Start of a cell for readers with another separator than the comma. Such a reader accepts a quote only at the start of
 * its own cell, so quoting does not help.
 */
const INNER_FORMULA = /([;|\t\r\n])((?:[^\S\t\r\n]|")*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
/** Columns of the chain, and their names if a record has such a field. */
const TAKEN = new RegExp(`^(?:record\\.)*(?:${CHAIN_COLUMNS.join('|')})$`);

function textCell(text: string): string {
  const guarded = text.replace(INNER_FORMULA, "$1'$2");
  const safe = FORMULA.test(text) ? `'${guarded}` : guarded;
  return /[",;|\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return textCell(value);
  // A number or boolean cannot be a formula, and a negative number must stay a number.
  return typeof value === 'object'
    ? textCell(writeJson(value) ?? '(cannot be written as JSON)')
    : JSON.stringify(value);
}

function row(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/**
 * Returns the first line of a CSV export (RFC 4180). A field named like a column of the chain gets the prefix
 * `record.`.
 */
export function csvHeader(columns: readonly string[]): string {
  return row([...CHAIN_COLUMNS, ...columns.map((name) => textCell(TAKEN.test(name) ? `record.${name}` : name))]);
}

/** Returns the line of one entry: its place in the chain, then the named fields of its record. */
export function csvRow(entry: AuditTrailEntry, columns: readonly string[]): string {
  const field = (name: string): unknown => (Object.hasOwn(entry.record, name) ? entry.record[name] : undefined);
  return row([...CHAIN_COLUMNS.map((name) => cell(entry[name])), ...columns.map((name) => cell(field(name)))]);
}

/** Yields CSV of objects, line by line: the column names, then these fields of each object. */
export async function* csvLines(
  columns: readonly string[],
  objects: AsyncIterable<Readonly<Record<string, unknown>>>,
): AsyncGenerator<string, void, undefined> {
  checkKind('columns', columns, 'a list of strings');
  yield row(columns.map(cell));
  for await (const object of objects)
    yield row(columns.map((name) => cell(Object.hasOwn(object, name) ? object[name] : undefined)));
}
