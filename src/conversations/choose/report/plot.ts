import { fixed, html, type Markup } from '../../../simulation/reports/html.js';

export interface PlotLine {
  readonly name: string;
  /** Class that colors it, see the style sheet. */
  readonly kind: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A marked point, or a marked value of one axis. */
export interface PlotMark {
  readonly label: string;
  readonly kind: string;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
}

export interface PlotAxis {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly format: (value: number) => string;
}

export interface Plot {
  readonly title: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
}

const AREA = { left: 58, top: 14, width: 620, height: 320 };
const [right, bottom] = [AREA.left + AREA.width, AREA.top + AREA.height];
/** More points of a line cannot be told apart. */
const MAX_POINTS = 400;

/** Draws lines with marked points as an inline SVG without scripts. */
export function plot({ title, x, y, lines, marks }: Plot): Markup {
  const at = (value: number, { min, max }: PlotAxis): number => (max === min ? 0.5 : (value - min) / (max - min));
  const px = (value: number): string => fixed(AREA.left + at(value, x) * AREA.width);
  const py = (value: number): string => fixed(AREA.top + (1 - at(value, y)) * AREA.height);
  const grid = [
    ...ticks(y).map(
      (value) =>
        html`<line class="grid" x1="${AREA.left}" x2="${right}" y1="${py(value)}" y2="${py(value)}"/><text x="${AREA.left - 8}" y="${py(value)}" dy="0.32em" text-anchor="end">${y.format(value)}</text>`,
    ),
    ...ticks(x).map(
      (value) =>
        html`<line class="grid" x1="${px(value)}" x2="${px(value)}" y1="${AREA.top}" y2="${bottom}"/><text x="${px(value)}" y="${bottom + 18}" text-anchor="middle">${x.format(value)}</text>`,
    ),
  ];
  const drawn = lines.map(({ name, kind, points }) => {
    const shown = thin(points);
    const [only] = shown;
    const shape =
      shown.length === 1 && only !== undefined
        ? html`<circle class="dot ${kind}" cx="${px(only[0])}" cy="${py(only[1])}" r="3.5"/>`
        : html`<polyline class="line ${kind}" points="${shown.map(([a, b]) => `${px(a)},${py(b)}`).join(' ')}"/>`;
    return html`<g><title>${name}</title>${shape}</g>\n`;
  });
  const markers = marks.map((mark) => {
    if (mark.x === undefined) return mark.y === undefined ? undefined : limitLine(mark, py(mark.y));
    const share = at(mark.x, x);
    if (mark.y !== undefined) return markedPoint(mark, px(mark.x), py(mark.y), share);
    const isFollowed = marks.some((other) => other.x !== undefined && other.x > (mark.x ?? Infinity));
    return valueLine(mark, px(mark.x), share > (isFollowed ? 0.2 : 0.7));
  });
  return html`<svg class="plot curve" viewBox="0 0 ${right + 28} ${bottom + 46}" role="img" aria-label="${title}">
${grid}
${drawn}${markers}
<text class="axis" x="${AREA.left + AREA.width / 2}" y="${bottom + 40}" text-anchor="middle">${x.label}</text>
<text class="axis" transform="translate(14 ${AREA.top + AREA.height / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>
</svg>
<p class="legend">${lines.map(({ name, kind }) => html`<span class="item"><span class="key ${kind}"></span> ${name}</span> `)}</p>`;
}

function limitLine({ label, kind }: PlotMark, y: string): Markup {
  return html`<g class="${kind}"><line class="rule" x1="${AREA.left}" x2="${right}" y1="${y}" y2="${y}"/><text class="halo" x="${right - 6}" y="${y}" dy="-0.5em" text-anchor="end">${label}</text></g>`;
}

/** Labels of two values stand on the outer sides of their lines, so that none seems to belong to the other. */
function valueLine({ label, kind }: PlotMark, x: string, onLeft: boolean): Markup {
  const isChosen = kind === 'chosen';
  return html`<g class="${kind}"><line class="rule" x1="${x}" x2="${x}" y1="${AREA.top}" y2="${bottom}"/><text class="halo" x="${fixed(Number(x) + (onLeft ? -8 : 8))}" y="${AREA.top + (isChosen ? 16 : 34)}" text-anchor="${onLeft ? 'end' : 'start'}">${label}</text></g>`;
}

/** The label stands at the end of a leader near the ground, where curves of precision hardly ever are. */
function markedPoint({ label, kind }: PlotMark, x: string, y: string, share: number): Markup {
  const onLeft = share > 0.5;
  const labelX = Number(x) + (onLeft ? -36 : 36);
  const labelY = bottom - (kind === 'chosen' ? 40 : 16);
  return html`<g class="${kind}"><path class="leader" d="M${x} ${y}L${fixed(labelX)} ${fixed(labelY)}"/><circle class="mark" cx="${x}" cy="${y}" r="6"/><text class="halo" x="${fixed(labelX + (onLeft ? -4 : 4))}" y="${fixed(labelY)}" dy="0.1em" text-anchor="${onLeft ? 'end' : 'start'}">${label}</text></g>`;
}

/** Returns about six round values of an axis. */
function ticks({ min, max }: PlotAxis): number[] {
  const span = max - min;
  if (!(span > 0)) return [min];
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => span / size <= 6) ?? span;
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor((max - first * step) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function thin<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MAX_POINTS) return points;
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}
