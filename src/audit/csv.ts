import { writeJson } from '../json.js';
import type { AuditTrailEntry } from './entry.js';

const CHAIN_COLUMNS = ['seq', 'at', 'hash', 'previousHash'] as const;

/** What a spreadsheet would take for a formula, also behind spaces or in full-width form. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textCell(text: string): string {
  return quoted(FORMULA.test(text) ? `'${text}` : text);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return textCell(value);
  // A number or boolean cannot be a formula, and a negative number must stay one.
  return typeof value === 'object'
    ? textCell(writeJson(value) ?? '(cannot be written as JSON)')
    : JSON.stringify(value);
}

function row(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** The first line of a CSV export (RFC 4180). */
export function csvHeader(columns: readonly string[]): string {
  return row([...CHAIN_COLUMNS, ...columns.map(textCell)]);
}

/** The line of one entry: its place in the chain, then the named fields of its record. */
export function csvRow(entry: AuditTrailEntry, columns: readonly string[]): string {
  const field = (name: string): unknown => (Object.hasOwn(entry.record, name) ? entry.record[name] : undefined);
  return row([...CHAIN_COLUMNS.map((name) => cell(entry[name])), ...columns.map((name) => cell(field(name)))]);
}
