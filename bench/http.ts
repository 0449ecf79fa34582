// CPU time a request, as ratios within one run: `npm run bench -- http`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { metrics, trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { NoopSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import ky from 'ky';
import * as z from 'zod/mini';
import { HttpClient, StaticTokenAuth } from 'agent-assist-sdk';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { NodeTransport } from 'agent-assist-sdk/undici';

const ANSWER = JSON.stringify({
  suggestions: [{ text: 'I can help you with that refund.', confidence: 0.91, source: 'kb-12' }],
});
const BODY = {
  interactionId: 'i-1',
  transcript: 'I want a refund for the order that never arrived',
  sentimentScore: -0.6,
  context: { channel: 'voice' },
};
const REQUESTS = 3000;
const ROUNDS = 7;
const CONCURRENCY = 10;

if (!isMainThread) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER));
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
} else {
  await main();
}

async function cpuPerRequest(call: () => PromiseLike<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  let left = REQUESTS;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) await call();
    }),
  );
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / REQUESTS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const url = `http://127.0.0.1:${port}`;
  const auth = new StaticTokenAuth({ token: 'token' });
  const response = z.looseObject({
    suggestions: z.array(z.looseObject({ text: z.string(), confidence: z.number(), source: z.optional(z.string()) })),
  });
  const request = { method: 'POST', path: '/suggest', json: BODY, safeToRepeat: true, response } as const;
  const http = new HttpClient({ baseUrl: url, auth });
  await using transport = new NodeTransport();
  const nodeHttp = new HttpClient({ baseUrl: url, auth, transport: transport.send });
  const provider = new TracerProvider({ spanProcessors: [new NoopSpanProcessor()] });
  trace.setGlobalTracerProvider(provider);
  metrics.setGlobalMeterProvider(
    new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }),
  );
  const observedHttp = new HttpClient({
    baseUrl: url,
    auth,
    transport: transport.send,
    instrumentation: openTelemetry(),
  });
  const unheededHttp = new HttpClient({
    baseUrl: url,
    auth,
    transport: transport.send,
    instrumentation: { record: () => undefined },
  });
  const headers = { authorization: 'Bearer token', 'content-type': 'application/json' };
  const subjects: Record<string, () => PromiseLike<unknown>> = {
    'bare ky': async () => JSON.parse(await ky.post(`${url}/suggest`, { json: BODY, headers }).text()) as unknown,
    HttpClient: () => http.request(request),
    'bare fetch': async () =>
      JSON.parse(
        await (await fetch(`${url}/suggest`, { method: 'POST', headers, body: JSON.stringify(BODY) })).text(),
      ) as unknown,
    'HttpClient on NodeTransport': () => nodeHttp.request(request),
    'with an empty instrumentation': () => unheededHttp.request(request),
    'with OpenTelemetry': () => observedHttp.request(request),
  };
  const results = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, call] of Object.entries(subjects)) {
      const cpu = await cpuPerRequest(call);
      if (round > 0) results.get(name)?.push(cpu);
    }
  }
  await worker.terminate();
  const ratio = (a: string, b: string): number =>
    median((results.get(a) ?? []).map((cpu, round) => cpu / (results.get(b)?.[round] ?? Number.NaN)));
  for (const [name, cpus] of results) console.log(`${name.padEnd(28)} ${median(cpus).toFixed(0)} µs CPU a request`);
  console.log(`HttpClient / bare ky: ${ratio('HttpClient', 'bare ky').toFixed(2)} (target at most 1.15)`);
  console.log(
    `HttpClient on NodeTransport / bare fetch: ${ratio('HttpClient on NodeTransport', 'bare fetch').toFixed(2)} (target at most 0.80)`,
  );
  for (const name of ['with an empty instrumentation', 'with OpenTelemetry'])
    console.log(
      `HttpClient on NodeTransport ${name} / without: ${ratio(name, 'HttpClient on NodeTransport').toFixed(2)}`,
    );
}
