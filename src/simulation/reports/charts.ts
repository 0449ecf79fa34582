import type { AssertionVerdict } from '../judge/assertion.js';
import type { ConfusionTable } from '../judge/scores.js';
import { cut } from './describe.js';
import { fixed, html, type Markup } from './html.js';

/** Limit of intents in a table; a wider one is not readable. */
const SHOWN = 40;
/** Shades of a cell, see the style sheet. */
const SHADES = 8;

/** Renders the confusion table, each cell shaded by its share of the row. Intents that are never confused come last. */
export function heatMap({ intents: names, counts, missing }: ConfusionTable): Markup {
  // Each name appears in many cells.
  const intents = names.map((name) => cut(name, 100));
  const totals = counts.map((row, index) => row.reduce((total, count) => total + count, missing[index] ?? 0));
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
    const what = `expected ${intents[row] ?? ''}, recognized ${intents[column] ?? ''}: ${count} of ${totals[row] ?? 0}`;
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
<thead><tr><th scope="col" class="corner">expected ↓ &nbsp; recognized →</th>${order.map(
    (column) => html`<th scope="col"><span><bdi>${intents[column]}</bdi></span></th>`,
  )}${anyMissing ? html`<th scope="col"><span>(no step)</span></th>` : undefined}<th scope="col"><span>all</span></th></tr></thead>
<tbody>
${rows}</tbody></table></div>
${left > 0 ? html`<p class="note">${left} intents that are confused least are left out.</p>` : undefined}`;
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
