// The enrichment proxy: Cognigy Studio's HTTP action posts a session, the company's own services are asked in parallel, and
// the answer feeds the agent-assist prompt, always within Studio's time limit.
//
//   npm run example -- enrichment-proxy       without the environment below: in front of stand-in services
//
// COMPANY_API_URL        base of the company's services, e.g. https://internal-api.example.com
// COMPANY_TOKEN_URL      its authorization server, e.g. https://auth.example.com/oauth2/token
// COMPANY_CLIENT_ID      the proxy's client
// COMPANY_CLIENT_SECRET  and its secret
// COMPANY_SCOPES         space separated (customer:read orders:read crm:read)
// COGNIGY_WEBHOOK_TOKEN  what Studio sends as `Authorization: Bearer …`; without it anyone who reaches the port is answered
// ENRICH_DEADLINE_MS     limit of an answer in ms (4500, since Studio waits 5 s)
// ENRICH_PARTIAL         1 to answer with what is there when a service fails
// HOST, PORT             where to listen (127.0.0.1, 8000; port 0 for a free one)
//
// On SIGTERM and SIGINT requests under way are finished, new ones are refused, and the process ends.
import { serve } from 'srvx';
import { AuthClient, HttpClient, type Logger } from 'agent-assist-sdk';
import { CustomerDataClient, createEnrichmentHandler, customerDataSources } from 'agent-assist-sdk/enrichment';
import { NodeTransport } from 'agent-assist-sdk/node';
import { startCompany } from 'agent-assist-sdk/testing';
import { readInteger, readPort, variable } from './shared/environment.ts';

/** The services that the proxy asks. */
interface Company {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
}

/** The longest that a timer can wait, in ms. */
const LONGEST_MS = 2 ** 31 - 1;
const { env } = process;

try {
  const company = readCompany();
  await (company === undefined ? runWithStandIn() : run(company));
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}

async function runWithStandIn(): Promise<void> {
  await using company = await startCompany();
  await run(company, (url) => {
    console.error(`In front of stand-in services on ${company.baseUrl}; they know the customer CUST-992847. Try:`);
    console.error(
      `curl -d '{"sessionId":"s","customerNumber":"CUST-992847","intent":""}' -H 'content-type: application/json' ${url}api/v1/agent-assist/enrich`,
    );
  });
}

async function run({ baseUrl, tokenUrl, credentials }: Company, whenReady?: (url: string) => void): Promise<void> {
  const webhookToken = variable(env, 'COGNIGY_WEBHOOK_TOKEN');
  const totalTimeoutMs = readInteger(env, 'ENRICH_DEADLINE_MS', 4500, LONGEST_MS);

  await using transport = new NodeTransport();
  const scopes = (variable(env, 'COMPANY_SCOPES') ?? 'customer:read orders:read crm:read').split(/\s+/);
  const auth = new AuthClient({ tokenUrl, ...credentials, scopes });
  const client = new CustomerDataClient(new HttpClient({ baseUrl, auth, transport: transport.send }));
  const handler = createEnrichmentHandler({
    sources: customerDataSources(client),
    webhookToken,
    partial: variable(env, 'ENRICH_PARTIAL') === '1',
    totalTimeoutMs,
    logger: jsonLogger(),
  });

  const stopping = stopSignal();
  const server = serve({
    hostname: variable(env, 'HOST') ?? '127.0.0.1',
    port: readPort(env, 8000),
    silent: true,
    gracefulShutdown: false,
    fetch: async (request) => {
      const response = stopping.aborted
        ? new Response(null, { status: 503, headers: { 'retry-after': '1' } })
        : await handler(request);
      // A connection that stays open would carry further requests to a server that is going away.
      if (stopping.aborted) response.headers.set('connection', 'close');
      return response;
    },
  });
  await server.ready();
  console.log(`Listening on ${server.url ?? ''}`);
  if (webhookToken === undefined)
    console.error('COGNIGY_WEBHOOK_TOKEN is not set: anyone who reaches this port is answered');
  whenReady?.(server.url ?? '');

  if (!stopping.aborted)
    await new Promise((resolve) => {
      stopping.addEventListener('abort', resolve, { once: true });
    });
  // No request takes longer than its deadline; a connection that is still open then is not waiting for an answer.
  const impatience = setTimeout(() => {
    server.close(true).catch(() => undefined);
  }, totalTimeoutMs + 500);
  await server.close();
  clearTimeout(impatience);
}

/** The company that the environment names; `undefined` when it names none. */
function readCompany(): Company | undefined {
  const names = ['COMPANY_API_URL', 'COMPANY_TOKEN_URL', 'COMPANY_CLIENT_ID', 'COMPANY_CLIENT_SECRET'];
  const [baseUrl, tokenUrl, clientId, clientSecret] = names.map((name) => variable(env, name));
  if (baseUrl !== undefined && tokenUrl !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return { baseUrl, tokenUrl, credentials: { clientId, clientSecret } };
  }
  const missing = names.filter((name) => variable(env, name) === undefined);
  if (missing.length === names.length) return undefined;
  throw new Error(`Set ${missing.join(', ')} too, or none of COMPANY_* for stand-in services`);
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      controller.abort();
    });
  return controller.signal;
}

/** One JSON object a line; what happens step by step is left out. */
function jsonLogger(): Logger {
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      const { error, ...rest } = fields;
      const reason =
        error instanceof Error ? { error: error.stack ?? error.message } : { ...(error !== undefined && { error }) };
      console.error(JSON.stringify({ time: new Date().toISOString(), level, message, ...rest, ...reason }));
    };
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') };
}
