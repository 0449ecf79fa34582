// Draws lines over a size as SVG: logarithmic axes where values span more than a decade.
import type { Plot } from '../../bench/harness/report.ts';

const COLORS = ['#3274d9', '#e02f44', '#56a64b', '#ff780a'];
const WIDTH = 420;
const HEIGHT = 240;
const COLUMNS = 2;
const MARGIN = { left: 52, right: 22, top: 44, bottom: 40 };

interface Axis {
  /** Share of the axis, 0 to 1. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** One picture of all plots, two in a row. */
export function draw(plots: readonly Plot[]): string {
  const rows = Math.ceil(plots.length / COLUMNS);
  const width = WIDTH * Math.min(COLUMNS, plots.length);
  const panels = plots.map(
    (plot, index) =>
      `<g transform="translate(${WIDTH * (index % COLUMNS)} ${HEIGHT * Math.floor(index / COLUMNS)})">\n${panel(plot)}\n</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT * rows}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${panels.join('\n')}
</svg>
`;
}

function panel({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const horizontal = axisOf(points.map(([size]) => size));
  const vertical = axisOf(
    points.map(([, value]) => value),
    true,
  );
  const left = (size: number): number => MARGIN.left + horizontal.at(size) * (WIDTH - MARGIN.left - MARGIN.right);
  const top = (value: number): number =>
    HEIGHT - MARGIN.bottom - vertical.at(value) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const bottom = HEIGHT - MARGIN.bottom;
  const parts = [
    text(MARGIN.left, 16, title, 'font-weight="bold"'),
    ...vertical.ticks.flatMap((tick) => [
      `<path d="M${MARGIN.left} ${px(top(tick))}H${WIDTH - MARGIN.right}" stroke="#ddd"/>`,
      text(MARGIN.left - 5, top(tick) + 4, short(tick), 'text-anchor="end"'),
    ]),
    ...horizontal.ticks.map((tick) => text(left(tick), bottom + 15, short(tick), 'text-anchor="middle"')),
    text(WIDTH - MARGIN.right, bottom + 30, x, 'text-anchor="end" fill="#555"'),
    text(8, 32, y, 'fill="#555"'),
    ...(lines.length > 1 ? [legend(lines.map(({ name }) => name))] : []),
    ...lines.map(({ points }, index) => {
      const path = points.map(([size, value], at) => `${at === 0 ? 'M' : 'L'}${px(left(size))} ${px(top(value))}`);
      return `<path d="${path.join('')}" fill="none" stroke="${colorOf(index)}" stroke-width="2"/>`;
    }),
  ];
  return parts.join('\n');
}

/** The names side by side, whatever their length. */
function legend(names: readonly string[]): string {
  const parts = names.map(
    (name, index) => `<tspan dx="${index === 0 ? 0 : 14}" fill="${colorOf(index)}">${escaped(short2(name))}</tspan>`,
  );
  return `<text x="${MARGIN.left + 50}" y="32">${parts.join('')}</text>`;
}

const colorOf = (index: number): string => COLORS[index % COLORS.length] ?? '';

function axisOf(values: readonly number[], fromZero = false): Axis {
  const largest = Math.max(...values);
  const smallest = Math.min(...values.filter((value) => value > 0));
  if (largest / smallest > 20) {
    const from = Math.floor(Math.log10(smallest));
    const to = Math.max(from + 1, Math.ceil(Math.log10(largest)));
    const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
    return { ticks, at: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from) };
  }
  const step = stepOf(largest);
  const to = Math.ceil(largest / step) * step;
  const from = fromZero ? 0 : Math.floor(smallest / step) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
  return { ticks, at: (value) => (value - from) / (to - from || 1) };
}

/** A round step, so that about five fit. */
function stepOf(largest: number): number {
  const power = 10 ** Math.floor(Math.log10(largest / 5));
  return ([1, 2, 5, 10].find((factor) => factor * power >= largest / 5) ?? 10) * power;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${px(x)}" y="${px(y)}" ${attributes}>${escaped(content)}</text>`;
}

const escaped = (content: string): string => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const px = (value: number): string => String(Math.round(value * 10) / 10);

const short = (value: number): string =>
  value.toLocaleString('en-US', { notation: value >= 10_000 ? 'compact' : 'standard', maximumSignificantDigits: 3 });

/** Names as a legend has room for. */
const short2 = (name: string): string => name.replace('agent-assist-sdk on NodeTransport', 'on NodeTransport');
