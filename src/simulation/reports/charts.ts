import type { AssertionVerdict } from '../judge/assertion.js';
import type { IntentCount } from '../judge/scores.js';
import { cut } from './describe.js';
import { fixed, html, type Markup } from './html.js';

/** Limit of intents in a table; a wider one is not readable. */
const SHOWN = 40;
/** Shades of a cell, see the style sheet. */
const SHADES = 8;

/** Renders the confusion table, each cell shaded by its share of the row. Intents that are never confused come last. */
export function heatMap(confusion: readonly IntentCount[]): Markup {
  const [totals, wrong] = [new Map<string, number>(), new Map<string, number>()];
  const add = (sums: Map<string, number>, intent: string, count: number): void =>
    void sums.set(intent, (sums.get(intent) ?? 0) + count);
  for (const { expected, recognized, count } of confusion) {
    add(totals, expected, count);
    if (recognized === expected) continue;
    add(wrong, expected, count);
    if (recognized === undefined) continue;
    add(wrong, recognized, count);
    add(totals, recognized, 0);
  }
  const order = [...totals.keys()]
    .sort()
    .sort((a, b) => (wrong.get(b) ?? 0) - (wrong.get(a) ?? 0) || (totals.get(b) ?? 0) - (totals.get(a) ?? 0))
    .slice(0, SHOWN);
  const keyOf = (expected: string, recognized?: string): string => JSON.stringify([expected, recognized]);
  const counts = new Map(confusion.map(({ expected, recognized, count }) => [keyOf(expected, recognized), count]));
  const anyMissing = confusion.some(({ recognized }) => recognized === undefined);
  // Each name appears in many cells.
  const names = new Map(order.map((intent) => [intent, cut(intent, 100)]));
  const cell = (row: string, column: string): Markup => {
    const count = counts.get(keyOf(row, column)) ?? 0;
    if (count === 0) return row === column ? html`<td class="diagonal"></td>` : html`<td></td>`;
    const what = `expected ${names.get(row) ?? ''}, recognized ${names.get(column) ?? ''}: ${count} of ${totals.get(row) ?? 0}`;
    return html`<td class="${row === column ? 'hit' : 'miss'}${shade(count, totals.get(row))}" title="${what}">${count}</td>`;
  };
  const rows = order.map((row) => {
    const gone = counts.get(keyOf(row)) ?? 0;
    return html`<tr><th scope="row"><bdi>${names.get(row)}</bdi></th>${order.map((column) => cell(row, column))}${
      anyMissing
        ? html`<td class="${gone > 0 ? `miss${shade(gone, totals.get(row))}` : ''}">${gone > 0 ? gone : ''}</td>`
        : undefined
    }<td class="total">${totals.get(row)}</td></tr>\n`;
  });
  const left = totals.size - order.length;
  return html`<div class="scroll"><table class="heat">
<thead><tr><th scope="col" class="corner">expected ↓ &nbsp; recognized →</th>${order.map(
    (column) => html`<th scope="col"><span><bdi>${names.get(column)}</bdi></span></th>`,
  )}${anyMissing ? html`<th scope="col"><span>(no step)</span></th>` : undefined}<th scope="col"><span>all</span></th></tr></thead>
<tbody>
${rows}</tbody></table></div>
${left > 0 ? html`<p class="note">The ${left} least confused intents are not shown.</p>` : undefined}`;
}

function shade(count: number, total: number | undefined): number {
  return Math.max(1, Math.round((count / (total ?? count)) * SHADES));
}

const BINS = 20;
const PLOT = { left: 44, top: 12, width: 640, height: 180 };
const BAR = PLOT.width / BINS;

/** Renders the distribution of confidences as an inline SVG, with right and wrong intents stacked. */
export function histogram(verdicts: readonly AssertionVerdict[]): Markup {
  const bins = Array.from({ length: BINS }, () => ({ right: 0, wrong: 0 }));
  for (const { actual, intentMatched } of verdicts) {
    if (actual?.confidence === undefined) continue;
    const bin = bins[Math.max(0, Math.min(BINS - 1, Math.floor(actual.confidence * BINS + 1e-9)))];
    if (bin !== undefined) bin[intentMatched ? 'right' : 'wrong'] += 1;
  }
  const highest = niceCeiling(Math.max(1, ...bins.map(({ right, wrong }) => right + wrong)));
  const height = (count: number): number => (count / highest) * PLOT.height;
  const base = PLOT.top + PLOT.height;
  const bars = bins.map(({ right, wrong }, index) => {
    const x = PLOT.left + index * BAR + 1;
    const from = index / BINS;
    const label = `${from.toFixed(2)} to ${(from + 1 / BINS).toFixed(2)}: ${right} right, ${wrong} wrong`;
    return html`<g><title>${label}</title>${bar(x, base - height(right), height(right), 'right')}${bar(
      x,
      base - height(right) - height(wrong),
      height(wrong),
      'wrong',
    )}</g>`;
  });
  const lines = [0, 0.5, 1].map((share) => {
    const y = fixed(base - share * PLOT.height);
    const label = html`<text x="${PLOT.left - 8}" y="${y}" dy="0.32em" text-anchor="end">${highest * share}</text>`;
    return html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${y}" y2="${y}"/>${label}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      html`<text x="${fixed(PLOT.left + value * PLOT.width)}" y="${base + 20}" text-anchor="middle">${value}</text>`,
  );
  return html`<svg class="plot" viewBox="0 0 ${PLOT.left + PLOT.width + 16} ${base + 44}" role="img" aria-label="distribution of confidences">
${lines}${bars}${ticks}<text x="${PLOT.left + PLOT.width / 2}" y="${base + 38}" text-anchor="middle">confidence</text>
</svg>
<p class="legend"><span class="key right"></span> intent right <span class="key wrong"></span> intent wrong</p>`;
}

function bar(x: number, y: number, height: number, kind: string): Markup | undefined {
  return height > 0
    ? html`<rect class="${kind}" x="${fixed(x)}" y="${fixed(y)}" width="${fixed(BAR - 2)}" height="${fixed(height)}"/>`
    : undefined;
}

/** Returns the next round number that halves to a whole one. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10, 20].map((step) => step * power).find((step) => step >= value && step % 2 === 0) ??
    value
  );
}
