import type { ConfusionTable } from '../confusion.js';
import { html, type Markup } from './html.js';

/** Intents that a table shows; a wider one cannot be read. */
const SHOWN = 40;
/** Shades of a cell, see the style sheet. */
const SHADES = 8;

/** The confusion table, each cell shaded by its share of the row. Intents that are never confused come last. */
export function heatMap({ intents, counts, missing }: ConfusionTable): Markup {
  const totals = intents.map((_, row) => sum(counts[row]) + (missing[row] ?? 0));
  const wrong = intents.map((_, index) =>
    intents.reduce(
      (errors, _name, other) =>
        other === index ? errors : errors + (counts[index]?.[other] ?? 0) + (counts[other]?.[index] ?? 0),
      missing[index] ?? 0,
    ),
  );
  const order = intents
    .map((_, index) => index)
    .sort((a, b) => (wrong[b] ?? 0) - (wrong[a] ?? 0) || (totals[b] ?? 0) - (totals[a] ?? 0))
    .slice(0, SHOWN);
  const anyMissing = missing.some((count) => count > 0);
  const cell = (row: number, column: number): Markup => {
    const count = counts[row]?.[column] ?? 0;
    if (count === 0) return row === column ? html`<td class="diagonal"></td>` : html`<td></td>`;
    const what = `expected ${intents[row] ?? ''}, recognised ${intents[column] ?? ''}: ${count} of ${totals[row] ?? 0}`;
    return html`<td class="${row === column ? 'hit' : 'miss'}${shade(count, totals[row])}" title="${what}">${count}</td>`;
  };
  const rows = order.map((row) => {
    const gone = missing[row] ?? 0;
    return html`<tr><th scope="row"><bdi>${intents[row]}</bdi></th>${order.map((column) => cell(row, column))}${
      anyMissing
        ? html`<td class="${gone > 0 ? `miss${shade(gone, totals[row])}` : ''}">${gone > 0 ? gone : ''}</td>`
        : undefined
    }<td class="total">${totals[row]}</td></tr>\n`;
  });
  const left = intents.length - order.length;
  return html`<div class="scroll"><table class="heat">
<thead><tr><th scope="col" class="corner">expected ↓ &nbsp; recognised →</th>${order.map(
    (column) => html`<th scope="col"><span><bdi>${intents[column]}</bdi></span></th>`,
  )}${anyMissing ? html`<th scope="col"><span>(no step)</span></th>` : undefined}<th scope="col"><span>all</span></th></tr></thead>
<tbody>
${rows}</tbody></table></div>
${left > 0 ? html`<p class="note">${left} intents that are confused least are left out.</p>` : undefined}`;
}

function shade(count: number, total: number | undefined): number {
  return Math.max(1, Math.round((count / (total ?? count)) * SHADES));
}

function sum(row: readonly number[] | undefined): number {
  return (row ?? []).reduce((total, count) => total + count, 0);
}
