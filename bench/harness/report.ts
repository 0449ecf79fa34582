// What a benchmark found: a table on the console, and JSON that docs/performance.md is drawn from.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Spread } from './measure.ts';

/** `--short`: fewer rounds, for a look at whether a ratio is far off. */
export const isShort = process.argv.includes('--short');
/** A short run fails beyond the target by this factor: it has too few rounds to judge by less. */
const FAR_OFF = 1.6;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** A name, then a cell for each further column. */
  readonly rows: readonly (readonly [string, ...(string | number | Spread)[]])[];
}

export interface Target {
  readonly what: string;
  readonly value: Spread;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Lines over a size that doubles. */
export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

export interface Report {
  readonly tables: readonly Table[];
  readonly targets?: readonly Target[];
  readonly plots?: readonly Plot[];
  readonly notes?: readonly string[];
}

/** What {@link publish} writes. */
export interface Published extends Report {
  readonly bench: string;
  readonly command: string;
  readonly node: string;
  readonly cpus: number;
}

/** Prints the report and writes it to bench/results, or to .tmp/bench if the run is short. */
export function publish(bench: string, report: Report): void {
  for (const { title, columns, rows } of report.tables) print(title, columns, rows);
  for (const plot of report.plots ?? []) printPlot(plot);
  for (const target of report.targets ?? []) console.log(`${describe(target)}${isMet(target) ? '' : '  NOT MET'}`);
  for (const note of report.notes ?? []) console.log(note);
  const folder = isShort ? '.tmp/bench' : 'bench/results';
  mkdirSync(folder, { recursive: true });
  const published: Published = {
    bench,
    command: `npm run bench -- ${bench}`,
    node: process.version,
    cpus: availableParallelism(),
    ...report,
  };
  writeFileSync(`${folder}/${bench}.json`, `${JSON.stringify(published, round, 1)}\n`);
  const farOff = (report.targets ?? []).filter((target) => isShort && !isMet(target, FAR_OFF));
  for (const target of farOff) console.error(`far off: ${describe(target)}`);
  if (farOff.length > 0) process.exitCode = 1;
}

/** A report of an earlier full run. */
export function published(bench: string): Published {
  return JSON.parse(readFileSync(new URL(`../results/${bench}.json`, import.meta.url), 'utf8')) as Published;
}

export function isMet({ value, atMost, atLeast }: Target, tolerance = 1): boolean {
  return (
    (atMost === undefined || value.median <= atMost * tolerance) &&
    (atLeast === undefined || value.median >= atLeast / tolerance)
  );
}

export function cell(value: string | number | Spread): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return digits(value);
  return `${digits(value.median)} (${digits(value.low)}–${digits(value.high)})`;
}

function describe({ what, value, atMost, atLeast }: Target): string {
  const limit = [
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
  ];
  return `${what}: ${cell(value)} (target: ${limit.join(', ')})`;
}

function print(title: string, columns: readonly string[], rows: Table['rows']): void {
  const texts = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${title}`);
  for (const row of texts)
    console.log(
      row
        .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
        .join('  '),
    );
}

function printPlot({ title, x, y, lines }: Plot): void {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(([size]) => size)))].sort((a, b) => a - b);
  print(
    `${title} (${y})`,
    [x, ...sizes.map((size) => size.toLocaleString('en-US'))],
    lines.map(({ name, points }) => {
      const values = new Map(points);
      return [name, ...sizes.map((size) => values.get(size) ?? '')];
    }),
  );
}

function digits(value: number): string {
  const places = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: places, minimumFractionDigits: places });
}

function round(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
