// Draws docs/observability.svg, the main panels of the dashboard over a real run: `node scripts/dashboard-picture.ts`.
//
// Half a minute of load on the embedded tenant, which fails for a third of it and breaks its stream. Needs a build.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { AssistEngine, AssistStream, AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { startTenant } from 'agent-assist-sdk/testing';

const RUN_MS = 30_000;
const EVERY_MS = 1000;
const COLORS = ['#3274d9', '#e02f44', '#56a64b', '#ff780a', '#a352cc', '#8f8f8f'];

interface Sample {
  readonly atMs: number;
  /** By series, e.g. `agent_assist_streams{…}`. */
  readonly values: ReadonlyMap<string, number>;
}

interface Panel {
  readonly title: string;
  readonly metric: string;
  /** The label that tells the lines apart. */
  readonly by: string;
  /** Whether the metric only grows, so that its rate is drawn. */
  readonly isCounter: boolean;
}

const panels: readonly Panel[] = [
  {
    title: 'Attempts per second, by status',
    metric: 'agent_assist_attempt_duration_count',
    by: 'http_response_status_code',
    isCounter: true,
  },
  {
    title: 'Calls per second, by status',
    metric: 'agent_assist_call_duration_count',
    by: 'http_response_status_code',
    isCounter: true,
  },
  {
    title: 'Outcomes per second',
    metric: 'agent_assist_outcome_duration_count',
    by: 'agent_assist_outcome',
    isCounter: true,
  },
  {
    title: 'Tokens of the retry budget per second',
    metric: 'agent_assist_retry_budget_spent_total',
    by: '',
    isCounter: true,
  },
  { title: 'Streams by state', metric: 'agent_assist_streams', by: 'agent_assist_stream_state', isCounter: false },
  {
    title: 'Events per second',
    metric: 'agent_assist_stream_events_total',
    by: 'agent_assist_stream_event',
    isCounter: true,
  },
];

const samples = await run();
writeFileSync('docs/observability.svg', draw(samples));

async function run(): Promise<readonly Sample[]> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
  const serializer = new PrometheusSerializer();
  await using tenant = await startTenant();
  const options = { platform: tenant.platform, instrumentation: openTelemetry() };
  await using auth = new AuthClient({ ...options, ...tenant.credentials });
  const client = new SuggestionsClient(new HttpClient({ ...options, auth, totalTimeoutMs: 4000 }));
  const engine = new AssistEngine({ client, instrumentation: options.instrumentation, cacheTtlMs: 200 });
  await using stream = new AssistStream({ ...options, auth });
  const pending = new Set<Promise<unknown>>();
  stream.on('INTERACTION_UPDATE', ({ payload }) => {
    const handled = engine.handle(payload).finally(() => pending.delete(handled));
    pending.add(handled);
  });
  await stream.connect();

  const found: Sample[] = [];
  const startedAt = performance.now();
  let isFailing = false;
  for (let tick = 0; performance.now() - startedAt < RUN_MS; tick += 1) {
    const atMs = performance.now() - startedAt;
    for (const n of [0, 1, 2, 3, 4, 5])
      tenant.stream.send({
        type: 'INTERACTION_UPDATE',
        payload: {
          interactionId: `call-${(tick + n) % 40}`,
          transcript: `I want a refund for ${(tick + n) % 40}`,
          sentimentScore: -0.5,
        },
      });
    if (!isFailing && atMs > RUN_MS / 3) {
      isFailing = true;
      const fault = tenant.inject({ route: /suggest/, fault: { kind: 'status', status: 503 }, every: 2 });
      setTimeout(() => fault.remove(), RUN_MS / 3);
      setTimeout(() => tenant.stream.terminateAll(), RUN_MS / 6);
    }
    if (tick % (EVERY_MS / 100) === 0) {
      const text = serializer.serialize((await exporter.collect()).resourceMetrics);
      const lines = text.split('\n').filter((line) => line.startsWith('agent_assist'));
      found.push({
        atMs,
        values: new Map(
          lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
        ),
      });
    }
    await sleep(100);
  }
  await Promise.allSettled(pending);
  return found;
}

/** The lines of a panel: for each value of its label a number for each sample. */
function linesOf({ metric, by, isCounter }: Panel, all: readonly Sample[]): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  all.forEach(({ values }, index) => {
    for (const [series, value] of values) {
      if (!series.startsWith(`${metric}{`)) continue;
      const name = by === '' ? 'tokens' : (new RegExp(`${by}="([^"]*)"`).exec(series)?.[1] ?? 'no answer');
      const line = lines.get(name) ?? all.map(() => 0);
      line[index] = (line[index] ?? 0) + value;
      lines.set(name, line);
    }
  });
  if (!isCounter) return lines;
  const rates = [...lines].map(([name, line]) => {
    const rate = (_: number, index: number): number => {
      const ms = (all[index + 1]?.atMs ?? 0) - (all[index]?.atMs ?? 0);
      return (((line[index + 1] ?? 0) - (line[index] ?? 0)) * 1000) / ms;
    };
    return [name, line.slice(1).map(rate)] as const;
  });
  return new Map(rates);
}

function draw(all: readonly Sample[]): string {
  const [width, height] = [300, 170];
  const drawn = panels.map((panel, index) => {
    const lines = linesOf(panel, all);
    const most = Math.max(1, ...[...lines.values()].flat());
    const paths = [...lines].map(([name, line], at) => {
      const points = line.map(
        (value, x) => `${(30 + (x * 255) / (line.length - 1)).toFixed(1)},${(120 - (value / most) * 90).toFixed(1)}`,
      );
      const color = COLORS[at % COLORS.length] ?? '';
      const [x, y] = [30 + (at % 3) * 90, 140 + 12 * Math.floor(at / 3)];
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/><rect x="${x}" y="${y - 6}" width="8" height="3" fill="${color}"/><text x="${x + 11}" y="${y}">${name.toLowerCase().slice(0, 16)}</text>`;
    });
    const axes = `<path d="M30 30V120H285" fill="none" stroke="#ccc"/><text x="26" y="34" text-anchor="end">${most.toFixed(most < 10 ? 1 : 0)}</text><text x="26" y="122" text-anchor="end">0</text>`;
    return `<g transform="translate(${(index % 3) * width} ${Math.floor(index / 3) * height})"><text x="30" y="18" font-weight="bold" font-size="11">${panel.title}</text>${axes}${paths.join('')}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${3 * width}" height="${2 * height}" font-family="sans-serif" font-size="9"><rect width="100%" height="100%" fill="#fff"/>\n${drawn.join('\n')}\n</svg>\n`;
}
