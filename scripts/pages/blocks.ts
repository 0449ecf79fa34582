// Generated parts of a guide: each stands between `<!-- name -->` and `<!-- /name -->`.
import { cell, isMet, type Plot, type Published, type Table } from '../../bench/harness/report.ts';

/** Replaces the generated parts of a Markdown text. */
export function withBlocks(markdown: string, blocks: Readonly<Record<string, string>>): string {
  return markdown.replaceAll(
    /<!-- ([a-z][a-z -]*) -->\n[\s\S]*?<!-- \/\1 -->/g,
    (_, name: string) => `<!-- ${name} -->\n${blocks[name] ?? fail(name)}\n<!-- /${name} -->`,
  );
}

function fail(name: string): never {
  throw new Error(`No generator knows the part "${name}"`);
}

export function tableOf({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const align = columns.map((_, index) => (index === 0 ? '---' : '--:'));
  return [line(columns), line(align), ...rows.map((row) => line(row.map(cell)))].join('\n');
}

/** What a benchmark found: its command, tables, targets and notes. */
export function reportOf({ command, node, cpus, tables, plots = [], targets = [], notes = [] }: Published): string {
  const parts = [
    `\`${command}\`, on Node ${node.slice(1)} and ${cpus} cores; in brackets the quartiles of the rounds.`,
    ...plots.map((plot) => `**${plot.title}, ${plot.y}**\n\n${tableOf(columnsOf(plot))}`),
    ...tables.map((table) => `**${table.title}**\n\n${tableOf(table)}`),
  ];
  if (targets.length > 0)
    parts.push(
      tableOf({
        columns: ['target', 'limit', 'measured', ''],
        rows: targets.map((target) => [
          target.what,
          target.atMost === undefined ? `at least ${target.atLeast ?? ''}` : `at most ${target.atMost}`,
          cell(target.value),
          isMet(target) ? 'met' : '**not met**',
        ]),
      }),
    );
  parts.push(...notes);
  return parts.join('\n\n');
}

/** The points of a plot, a column a size. */
function columnsOf({ x, lines }: Plot): Pick<Table, 'columns' | 'rows'> {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(([size]) => size)))].sort((a, b) => a - b);
  return {
    columns: [x, ...sizes.map((size) => size.toLocaleString('en-US'))],
    rows: lines.map(({ name, points }) => [name, ...sizes.map((size) => new Map(points).get(size) ?? '')]),
  };
}
