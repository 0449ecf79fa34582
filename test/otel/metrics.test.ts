import { readFileSync } from 'node:fs';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { expect, it } from 'vitest';
import { startOpenTelemetry } from './observed.js';
import { runScenario } from './scenario.js';

const withoutPort = (points: Readonly<Record<string, number>> = {}) =>
  Object.fromEntries(Object.entries(points).map(([key, value]) => [key.replace(/ 127\.0\.0\.1 \d+/, ''), value]));

it('measures calls, attempts, tokens, streams, outcomes and questions', async () => {
  await using otel = startOpenTelemetry();
  await runScenario();
  const measured = await otel.metrics();
  expect(Object.fromEntries(Object.entries(measured).map(([name, points]) => [name, withoutPort(points)]))).toEqual({
    'agent_assist.call.duration': {
      'POST /api/v1/oauth/token 200': 1,
      'POST /agentassist/suggest 200': 1,
      'POST /agentassist/suggest 500 500': 1,
    },
    'agent_assist.attempt.duration': {
      'POST /api/v1/oauth/token 200': 1,
      'POST /agentassist/suggest 503 503': 2,
      'POST /agentassist/suggest 200': 1,
      'POST /agentassist/suggest 500 500': 2,
    },
    'agent_assist.retry_budget.spent': { '': 15 },
    'agent_assist.retry_budget.exhausted': { '': 1 },
    'agent_assist.retry_budget.refunded': { '': 5 },
    'agent_assist.enrichment.lookups': { miss: 1, hit: 1 },
    'agent_assist.token.refreshes': { '': 1 },
    'agent_assist.outcome.duration': { fresh: 1, cached: 1, 'fallback server_error': 1, skipped: 1 },
    'agent_assist.streams': { connecting: 0, reconnecting: 0, open: 0 },
    'agent_assist.stream.events': {
      open: 2,
      close: 2,
      reconnecting: 1,
      gap: 2,
      DIALOG_STATE: 1,
      INSIGHT_ACCEPTED: 1,
    },
    'agent_assist.stream.reconnections': { stream_failed: 1 },
    'agent_assist.stream.drops': { overflow: 1, duplicate: 1 },
    'agent_assist.queue.age': { '': 2 },
    'agent_assist.queue.drops': { replaced: 1 },
  });
});

it('starts the counters of alerts at zero, so that their first increase shows in a rate', async () => {
  await using otel = startOpenTelemetry();
  openTelemetry();
  expect(await otel.metrics()).toEqual({
    'agent_assist.retry_budget.spent': { '': 0 },
    'agent_assist.retry_budget.exhausted': { '': 0 },
  });
});

/** Each series of a scrape: its name with its labels. */
function seriesOf(scrape: string): { readonly name: string; readonly labels: readonly string[] }[] {
  return scrape
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      name: /^\w+/.exec(line)?.[0] ?? '',
      labels: [...line.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
    }));
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

it('has a dashboard that queries only what a scrape holds', async () => {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  let scrape: string;
  try {
    await runScenario();
    scrape = new PrometheusSerializer().serialize((await exporter.collect()).resourceMetrics);
  } finally {
    metrics.disable();
    await provider.shutdown();
  }
  const series = seriesOf(scrape);
  const { panels } = JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8')) as Dashboard;
  const queried = new Set<string>();
  for (const { title, targets = [] } of panels) {
    for (const { expr } of targets) {
      const selectors = [...expr.matchAll(/(agent_assist_\w+)?\{([^}]*)\}/g)];
      expect(selectors.length, title).toBeGreaterThan(0);
      for (const [, plain, matchers = ''] of selectors) {
        const pattern = new RegExp(`^(?:${plain ?? /__name__=~"([^"]*)"/.exec(matchers)?.[1] ?? ''})$`);
        const found = series.filter(({ name }) => pattern.test(name));
        expect(found.length, `${title}: ${pattern.source}`).toBeGreaterThan(0);
        for (const { name } of found) queried.add(name.replace(/_(?:bucket|count|sum)$/, ''));
        const labels = [
          ...[...matchers.matchAll(/(\w+)(?==|!=)/g)].map(([, label = '']) => label),
          ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', ')),
        ].filter((label) => !['__name__', 'job', ''].includes(label));
        for (const label of labels) {
          // A refresh of this run did not fail; the label is that of calls.
          const known = label === 'error_type' ? series : found;
          expect(
            known.some((one) => one.labels.includes(label)),
            `${title}: ${label}`,
          ).toBe(true);
        }
      }
    }
  }
  const ours = new Set(
    series
      .map(({ name }) => name.replace(/_(?:bucket|count|sum)$/, ''))
      .filter((name) => name.startsWith('agent_assist')),
  );
  expect([...queried].toSorted()).toEqual([...ours].toSorted());
});
