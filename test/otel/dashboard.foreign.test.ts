import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { foreignServer, freePort } from '../helpers/foreign-server.js';
import { requireProgram } from '../helpers/programs.js';
import { runScenario } from './scenario.js';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}
interface Answer {
  readonly data: { readonly result: readonly { readonly metric: object; readonly value: [number, string] }[] };
}

/** The metrics of this process for a scrape. */
async function scraped(rename: (scrape: string) => string) {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  const server = createServer((_, response) => {
    void exporter.collect().then(({ resourceMetrics }) => {
      response.end(rename(new PrometheusSerializer().serialize(resourceMetrics)));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      metrics.disable();
      await provider.shutdown();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function prometheus(target: string) {
  let port = 0;
  const server = await foreignServer(
    (free) => {
      port = free;
      return `
global: {scrape_interval: 500ms}
scrape_configs: [{job_name: assist, static_configs: [{targets: ['${target}']}]}]`;
    },
    (file, folder) => [
      'prometheus',
      `--config.file=${file}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
  );
  return {
    /** Each series of the answer: the values of its labels, and its own. */
    async query(expr: string): Promise<Record<string, number>> {
      const response = await fetch(`${server.url}/api/v1/query?${new URLSearchParams({ query: expr })}`);
      expect(response.status, expr).toBe(200);
      const { data } = (await response.json()) as Answer;
      return Object.fromEntries(
        data.result.map(({ metric, value }) => [Object.values(metric).join(' '), Number(value[1])]),
      );
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const { panels } = JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8')) as Dashboard;
const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', 'assist')] as const),
);
/** The queries of the guide's table, which Prometheus must at least accept. */
const alerts = [...readFileSync('docs/observability.md', 'utf8').matchAll(/^\| `(.+)` \| \w/gm)]
  .map(([, query = '']) => query)
  .filter((query) => /[({]/.test(query));

describe.runIf(requireProgram('prometheus', 'prometheus'))('the dashboard on Prometheus', () => {
  it.each([
    ['of an exporter', (scrape: string) => scrape],
    [
      'with the unit in its name, as the Collector sends it',
      (scrape: string) => scrape.replace(/(_duration|_age)(?=_(?:bucket|count|sum)\b| )/g, '$1_seconds'),
    ],
  ])('shows data in each panel, from a scrape %s', { timeout: 120_000 }, async (_, rename) => {
    await using process = await scraped(rename);
    await using server = await prometheus(process.target);
    // On one port, since the port is a label.
    const port = await freePort();
    await runScenario({ port });
    const calls = 'sum({__name__=~"agent_assist_call_duration.*_count"})';
    await expect.poll(() => server.query(calls)).toEqual({ '': 3 });
    await runScenario({ port });
    await expect.poll(() => server.query(calls)).toEqual({ '': 6 });

    const shown = new Map<string, Record<string, number>>();
    for (const [title, expr] of queries) {
      expect(expr, title).not.toContain('$');
      shown.set(title, { ...shown.get(title), ...(await server.query(expr)) });
    }
    const labelsOf = (title: string): string[] => Object.keys(shown.get(title) ?? {}).toSorted();
    for (const [title, series] of shown) {
      if (title === 'Failed calls per second' || title === 'Streams by state') continue;
      expect(
        Object.values(series).some((value) => value > 0),
        `${title}: ${JSON.stringify(series)}`,
      ).toBe(true);
    }
    expect(shown.get('Attempts per call')?.['']).toBeCloseTo(2, 9);
    expect(shown.get('Hits of the cache')?.['']).toBeCloseTo(0.5, 9);
    expect(labelsOf('Calls per second')).toEqual(['POST /agentassist/suggest', 'POST /api/v1/oauth/token']);
    expect(labelsOf('Failed calls per second')).toEqual(['500']);
    expect(shown.get('Streams by state')).toEqual({ connecting: 0, open: 0, reconnecting: 0 });
    // What the variable of the dashboard lists.
    expect(await server.query('count by (job) (target_info)')).toEqual({ assist: 1 });
    expect(alerts).toHaveLength(5);
    for (const expr of alerts) await server.query(expr);
  });
});
