// The enrichment proxy under the load of 200 connections: `npm run bench -- enrichment [seconds per scenario, 30]`.
//
// Services, proxy and load have a thread each. Every service answers in 50 ms; the proxy is set up as in
// examples/enrichment-proxy.ts. A closed loop of 200 connections asks as fast as it is answered, so where each request has
// to be loaded again its slowness is that of the machine's processors; the bare proxy, three undici requests without a limit,
// a token or a check, shows how much of it that is.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import autocannon from 'autocannon';
import { serve } from 'srvx';
import { Agent } from 'undici';
import { AuthClient, HttpClient } from 'agent-assist-sdk';
import { CustomerDataClient, createEnrichmentHandler, customerDataSources } from 'agent-assist-sdk/enrichment';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { spread } from './harness/measure.ts';
import { publish, type Table } from './harness/report.ts';

const CONNECTIONS = 200;
const SERVICE_MS = 50;
const DEADLINE_MS = 4500;
const RETRY_AFTER_MS = 1000;
const STUDIO_LIMIT_MS = 5000;

/** Behavior of the ticket service; the others always work. */
type Tickets = 'well' | 'hung' | 'limited';

interface Scenario {
  readonly name: string;
  readonly tickets: Tickets;
  readonly partial: boolean;
  /** Whether the bare proxy answers instead of the SDK's. */
  readonly bare?: boolean;
  /** Number of customers, which take turns. */
  readonly customers: number;
  /** Requests a second on all connections together; by default as fast as they are answered. */
  readonly rate?: number;
}

interface Observed {
  /** Number of 429s of the ticket service. */
  limited: number;
  /** Number of retries before the time that a 429 asked for. */
  early: number;
}

const scenarios: readonly Scenario[] = [
  { name: '1,000 customers', tickets: 'well', partial: false, customers: 1000 },
  { name: 'a new customer each time, 300/s', tickets: 'well', partial: false, customers: Infinity, rate: 300 },
  { name: 'the same, bare proxy', tickets: 'well', partial: false, bare: true, customers: Infinity, rate: 300 },
  { name: 'a new customer each time', tickets: 'well', partial: false, customers: Infinity },
  { name: 'the same, bare proxy', tickets: 'well', partial: false, bare: true, customers: Infinity },
  { name: 'tickets hang', tickets: 'hung', partial: false, customers: Infinity },
  { name: 'tickets hang, partial', tickets: 'hung', partial: true, customers: Infinity },
  { name: 'tickets 429, Retry-After 1 s', tickets: 'limited', partial: false, customers: Infinity },
];

type Role =
  | { readonly role: 'services'; readonly tickets: Tickets }
  | { readonly role: 'proxy'; readonly baseUrl: string; readonly partial: boolean; readonly bare: boolean };

async function play(role: Role): Promise<void> {
  parentPort?.postMessage(role.role === 'services' ? await startServices(role.tickets) : await startProxy(role));
}

async function startServices(tickets: Tickets): Promise<string> {
  const observed: Observed = { limited: 0, early: 0 };
  const limitedUntil = new Map<string, number>();
  parentPort?.on('message', () => parentPort?.postMessage(observed));
  const answer = (response: ServerResponse, body: unknown): void => {
    setTimeout(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      SERVICE_MS,
    );
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://company');
    request.resume();
    if (pathname === '/oauth/token')
      answer(response, { access_token: 'token', token_type: 'Bearer', expires_in: 3600 });
    else if (pathname.startsWith('/api/v1/customers/'))
      answer(response, { fullName: 'Elena Rostova', segment: 'Premium' });
    else if (pathname === '/api/v1/orders')
      answer(response, { items: [{ orderNumber: 'ORD-88219', status: 'shipped' }] });
    else if (tickets === 'well') answer(response, { tickets: [{ ticketId: 'TKT-4492', priority: 'high' }] });
    else if (tickets === 'limited') {
      const customer = searchParams.get('customerId') ?? '';
      const until = limitedUntil.get(customer);
      if (until !== undefined && performance.now() < until) observed.early += 1;
      if (until !== undefined) {
        limitedUntil.delete(customer);
        answer(response, { tickets: [] });
        return;
      }
      observed.limited += 1;
      limitedUntil.set(customer, performance.now() + RETRY_AFTER_MS);
      response.writeHead(429, { 'retry-after': String(RETRY_AFTER_MS / 1000) }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startProxy({ baseUrl, partial, bare }: Extract<Role, { role: 'proxy' }>): Promise<string> {
  const auth = new AuthClient({
    tokenUrl: `${baseUrl}/oauth/token`,
    clientId: 'proxy',
    clientSecret: 'secret',
    scopes: ['customer:read'],
  });
  const client = new CustomerDataClient(new HttpClient({ baseUrl, auth, transport: new NodeTransport().send }));
  const handler = createEnrichmentHandler({
    sources: customerDataSources(client),
    webhookToken: 'token',
    totalTimeoutMs: DEADLINE_MS,
    partial,
  });
  const fetch = bare ? bareProxy(baseUrl) : handler;
  const server = serve({ fetch, hostname: '127.0.0.1', port: 0, silent: true, gracefulShutdown: false });
  await server.ready();
  return server.url ?? '';
}

function bareProxy(baseUrl: string): (request: Request) => Promise<Response> {
  const agent = new Agent();
  const ask = async (path: string): Promise<unknown> => {
    const { body } = await agent.request({
      origin: baseUrl,
      path,
      method: 'GET',
      headers: { authorization: 'Bearer token' },
    });
    return body.json();
  };
  return async (request) => {
    const { customerNumber } = (await request.json()) as { customerNumber: string };
    const [customerProfile, recentOrders, openTickets] = await Promise.all([
      ask(`/api/v1/customers/${customerNumber}`),
      ask(`/api/v1/orders?customerId=${customerNumber}&limit=5&sort=createdDesc`),
      ask(`/api/v1/crm/tickets?customerId=${customerNumber}&status=open`),
    ]);
    return Response.json({ customerProfile, recentOrders, openTickets });
  };
}

async function start(role: Role): Promise<{ worker: Worker; url: string }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: role });
  const url = await new Promise<string>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return { worker, url };
}

/** Counts through all rounds, so that a new customer did not occur in the warm-up round either. */
let count = 0;

async function fire(url: string, { customers, rate }: Scenario, duration: number): Promise<autocannon.Result> {
  return autocannon({
    url,
    connections: CONNECTIONS,
    duration,
    timeout: 10,
    ...(rate !== undefined && { overallRate: rate }),
    requests: [
      {
        method: 'POST',
        path: '/api/v1/agent-assist/enrich',
        headers: { 'content-type': 'application/json', authorization: 'Bearer token' },
        setupRequest: (request) => ({
          ...request,
          body: JSON.stringify({
            sessionId: 'sess',
            customerNumber: `CUST-${count++ % customers}`,
            intent: 'order_status_inquiry',
          }),
        }),
      },
    ],
  });
}

interface Measured {
  readonly row: Table['rows'][number];
  /** 99th percentile of the answers in times of the service. */
  readonly p99: number;
  readonly maxMs: number;
}

async function measure(scenario: Scenario, seconds: number): Promise<Measured> {
  const services = await start({ role: 'services', tickets: scenario.tickets });
  const proxy = await start({
    role: 'proxy',
    baseUrl: services.url,
    partial: scenario.partial,
    bare: scenario.bare === true,
  });
  try {
    await fire(proxy.url, scenario, 2);
    const { latency, requests, errors, timeouts, ...result } = await fire(proxy.url, scenario, seconds);
    services.worker.postMessage('observed');
    const { limited, early } = await new Promise<Observed>((resolve) => services.worker.once('message', resolve));
    const answers = `2xx ${result['2xx']}, 5xx ${result['5xx']}, none ${errors + timeouts}`;
    return {
      row: [
        scenario.name,
        Math.round(requests.average),
        latency.p50,
        latency.p99,
        latency.p99 / SERVICE_MS,
        latency.max,
        scenario.tickets === 'limited' ? `${answers}; 429s ${limited}, retried too early ${early}` : answers,
      ],
      p99: latency.p99 / SERVICE_MS,
      maxMs: latency.max,
    };
  } finally {
    await Promise.all([proxy.worker.terminate(), services.worker.terminate()]);
  }
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 30);
  if (!(seconds > 0 && seconds <= 600)) throw new Error('Say how many seconds each scenario takes: 1 to 600');
  const load = loadavg()[0] ?? Number.NaN;
  const measured: Measured[] = [];
  for (const scenario of scenarios) measured.push(await measure(scenario, seconds));
  const newCustomers = measured[scenarios.findIndex(({ name }) => name === 'a new customer each time')];
  publish('enrichment', {
    tables: [
      {
        title: `Enrichment proxy, ${CONNECTIONS} connections, services answer in ${SERVICE_MS} ms, deadline ${DEADLINE_MS} ms`,
        columns: ['', 'requests/s', 'p50 ms', 'p99 ms', 'p99 × service', 'slowest ms', 'answers'],
        rows: measured.map(({ row }) => row),
      },
    ],
    targets: [
      {
        what: 'p99 with a new customer each time, in times of the service',
        value: spread([newCustomers?.p99 ?? Number.NaN]),
        atMost: 3,
      },
      {
        what: `slowest answer of all, of Studio's ${STUDIO_LIMIT_MS} ms`,
        value: spread([Math.max(...measured.map(({ maxMs }) => maxMs)) / STUDIO_LIMIT_MS]),
        atMost: 1,
      },
    ],
    notes: [`${seconds} s per scenario; ${availableParallelism()} processors, load ${load.toFixed(1)} before`],
  });
}

if (isMainThread) await main();
else await play(workerData as Role);
