// What a call costs compared with other clients: `npm run bench -- http`.
//
// Each posts the same JSON to the same server, 10 at once, and reads the answer. CPU time is that of the thread that
// calls; the server has a thread of its own.
import { inspect } from 'node:util';
import { metrics, trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { NoopSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import ky from 'ky';
import { request } from 'undici';
import * as z from 'zod/mini';
import { HttpClient, StaticTokenAuth, type HttpClientOptions } from 'agent-assist-sdk';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { alternate, cost, ratio, repeat, spread, type Costs } from './harness/measure.ts';
import { requirePeer } from './harness/peers.ts';
import { isShort, publish } from './harness/report.ts';
import { startHttpServer } from './harness/servers.ts';

const BODY = {
  interactionId: 'i-1',
  transcript: 'I want a refund for the order that never arrived',
  sentimentScore: -0.6,
  context: { channel: 'voice' },
};
const REQUESTS = isShort ? 500 : 2000;
const ROUNDS = isShort ? 5 : 11;
const CONCURRENCY = 10;

type Call = () => PromiseLike<unknown>;

await using server = await startHttpServer();
const baseUrl = `http://127.0.0.1:${server.port}`;
const url = `${baseUrl}/suggest`;
const headers = { authorization: 'Bearer token', 'content-type': 'application/json' };
await using transport = new NodeTransport();
// No network at all: what is left is our own share of a call.
const answer = '{"suggestions":[{"text":"I can help you with that refund.","confidence":0.91,"source":"kb-12"}]}';
const noNetwork = (): Promise<Response> =>
  Promise.resolve(new Response(answer, { headers: { 'content-type': 'application/json' } }));

trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new NoopSpanProcessor()] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }));

const subjects: Record<string, Call> = {
  'bare fetch': async () => {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(BODY) });
    return JSON.parse(await response.text()) as unknown;
  },
  'bare undici': async () => {
    const { body } = await request(url, { method: 'POST', headers, body: JSON.stringify(BODY) });
    return JSON.parse(await body.text()) as unknown;
  },
  'bare ky': async () => JSON.parse(await ky.post(url, { json: BODY, headers }).text()) as unknown,
  'agent-assist-sdk': ours({}),
  'agent-assist-sdk on NodeTransport': ours({ transport: transport.send }),
  '… with an empty instrumentation': ours({
    transport: transport.send,
    instrumentation: { record: () => undefined },
  }),
  '… with OpenTelemetry': ours({ transport: transport.send, instrumentation: openTelemetry() }),
  ...peers(),
};
const local: Record<string, Call> = {
  'a Response, read and parsed': async () => JSON.parse(await (await noNetwork()).text()) as unknown,
  'agent-assist-sdk on the same': ours({ transport: noNetwork }),
};

for (const [name, call] of Object.entries(subjects))
  if (!inspect(await call(), { depth: 5 }).includes('refund')) throw new Error(`${name} does not return the answer`);
const costs = await measure(subjects);
const localCosts = await measure(local);
const ownShare = spread(
  (localCosts['agent-assist-sdk on the same'] ?? []).map(
    ({ cpuUs }, round) => cpuUs - (localCosts['a Response, read and parsed']?.[round]?.cpuUs ?? Number.NaN),
  ),
);
publish('http', {
  tables: [
    {
      title: `A call, ${CONCURRENCY} at once`,
      columns: ['client', 'CPU µs', '× fetch, CPU', 'wall µs', '× fetch, wall'],
      rows: Object.entries(costs).map(([name, rounds]) => [
        name,
        spread(rounds.map(({ cpuUs }) => cpuUs)),
        ratio(costs, name, 'bare fetch'),
        spread(rounds.map(({ wallUs }) => wallUs)),
        ratio(costs, name, 'bare fetch', 'wallUs'),
      ]),
    },
    {
      title: 'A call without a network',
      columns: ['', 'CPU µs'],
      rows: [
        ...Object.entries(localCosts).map(([name, rounds]): [string, ReturnType<typeof spread>] => [
          name,
          spread(rounds.map(({ cpuUs }) => cpuUs)),
        ]),
        ['our own share', ownShare],
      ],
    },
  ],
  targets: [
    { what: 'agent-assist-sdk / bare ky, CPU', value: ratio(costs, 'agent-assist-sdk', 'bare ky'), atMost: 1 },
    {
      what: 'agent-assist-sdk on NodeTransport / bare fetch, CPU',
      value: ratio(costs, 'agent-assist-sdk on NodeTransport', 'bare fetch'),
      atMost: 0.4,
    },
  ],
});

function ours(options: Pick<HttpClientOptions, 'transport' | 'instrumentation'>): Call {
  const http = new HttpClient({ baseUrl, auth: new StaticTokenAuth({ token: 'token' }), ...options });
  const response = z.looseObject({
    suggestions: z.array(z.looseObject({ text: z.string(), confidence: z.number(), source: z.optional(z.string()) })),
  });
  return () => http.request({ method: 'POST', path: '/suggest', json: BODY, safeToRepeat: true, response });
}

function measure(calls: Readonly<Record<string, Call>>): Promise<Costs> {
  return alternate(
    ROUNDS,
    Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        () => cost(REQUESTS, () => repeat(REQUESTS, CONCURRENCY, call)),
      ]),
    ),
  );
}

function peers(): Record<string, Call> {
  const calls: Record<string, Call> = {};
  const got = requirePeer('got') as
    { default: { post(url: string, options: object): { json(): Promise<unknown> } } } | undefined;
  if (got !== undefined) calls['got'] = () => got.default.post(url, { json: BODY, headers }).json();
  const axios = requirePeer('axios') as
    { post(url: string, body: object, options: object): Promise<unknown> } | undefined;
  if (axios !== undefined) calls['axios'] = () => axios.post(url, BODY, { headers });
  const openai = requirePeer('openai') as
    { OpenAI: new (options: object) => { post(path: string, options: object): PromiseLike<unknown> } } | undefined;
  if (openai !== undefined) {
    const client = new openai.OpenAI({ apiKey: 'token', baseURL: baseUrl });
    calls['openai'] = () => client.post('/suggest', { body: BODY });
  }
  const stripe = requirePeer('stripe') as
    | (new (
        key: string,
        options: object,
      ) => { rawRequest(method: string, path: string, body: object): Promise<unknown> })
    | undefined;
  if (stripe !== undefined) {
    const client = new stripe('token', { host: '127.0.0.1', port: server.port, protocol: 'http', telemetry: false });
    calls['stripe'] = () => client.rawRequest('POST', '/v2/suggest', BODY);
  }
  const cognigy = requirePeer('@cognigy/rest-api-client') as
    | {
        RestAPIClient: new (options: object) => {
          setCredentials(credentials: object): void;
          createProject(body: object): Promise<unknown>;
        };
      }
    | undefined;
  if (cognigy !== undefined) {
    const client = new cognigy.RestAPIClient({ baseUrl });
    client.setCredentials({ type: 'ApiKey', apiKey: 'token' });
    calls['@cognigy/rest-api-client'] = () => client.createProject(BODY);
  }
  return calls;
}
