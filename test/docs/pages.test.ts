import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { published } from '../../bench/harness/report.ts';
import { reportOf } from '../../scripts/pages/blocks.ts';
import { dependencies, mutationTable, propertyCases, type MutationScore } from '../../scripts/pages/quality.ts';

const performance = readFileSync('docs/performance.md', 'utf8');
const quality = readFileSync('docs/quality.md', 'utf8');

describe('the pages on speed and quality', () => {
  it.each(['http', 'concurrency', 'stream', 'import', 'growth', 'memory'])(
    'have the figures of the last whole run of %s',
    (name) => expect(performance).toContain(reportOf(published(name))),
  );

  it('have the figures of the last soak and of the mutants', () => {
    expect(quality).toContain(reportOf(published('soak')));
    const scores = JSON.parse(readFileSync('bench/results/mutation.json', 'utf8')) as readonly MutationScore[];
    expect(quality).toContain(mutationTable(scores));
  });

  it('do not claim more properties than there are', () => {
    const [, properties, cases] = /(\d+) properties in the tests try ([\d,]+) cases a run/.exec(quality) ?? [];
    const found = propertyCases();
    expect(found.properties).toBeGreaterThanOrEqual(Number(properties));
    expect(found.cases).toBeGreaterThanOrEqual(Number(cases?.replaceAll(',', '')));
  });

  it('name every dependency with its version and license', () => {
    const missing = dependencies({}).filter(
      ({ name, version, license }) => !quality.includes(`| \`${name}\` | ${version} | ${license} |`),
    );
    expect(missing.map(({ name, version }) => `${name} ${version}`)).toEqual([]);
  });

  it('show pictures that exist', () => {
    const pictures = [...`${performance}${quality}`.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file = '']) => file);
    expect(pictures.filter((file) => !existsSync(`docs/${file}`))).toEqual([]);
    expect(pictures.length).toBeGreaterThan(0);
  });
});
