// An enrichment proxy: adds customer data from the company's services to an agent-assist prompt, for Cognigy Studio.
//
// Studio's HTTP action posts a session. The proxy asks the company's services in parallel, and always responds within
// Studio's time limit.
//
//   npm run example -- enrichment-proxy    in front of stand-in services, or of yours with the environment below
//
// On SIGTERM and Ctrl+C, it finishes open requests, refuses new ones and ends.
//
// Environment:
//   AGENT_ASSIST_PLATFORM    platform that calls: documents, cognigy (HTTP Request node) or cxone (Studio); default: documents
//   HOST                     address to listen on; default: 127.0.0.1
//   PORT                     port to listen on, 0 for a free one; default: 8000
//   COGNIGY_WEBHOOK_TOKEN    token that the action sends as `Authorization: Bearer …`; if unset, the proxy serves anyone
//   ENRICH_DEADLINE_MS       time limit of a response; default: 4500, since Studio waits 5 s
//   ENRICH_PARTIAL           1 to respond with the available parts if a service fails; default: 0
// Environment, documents and cognigy:
//   COMPANY_API_URL          base of your services, e.g. https://internal-api.example.com; if unset, stand-ins are used
//   COMPANY_TOKEN_URL        required with the API's URL, e.g. https://auth.example.com/oauth2/token
//   COMPANY_CLIENT_ID        required with the API's URL
//   COMPANY_CLIENT_SECRET    required with the API's URL
//   COMPANY_SCOPES           space separated; default: customer:read orders:read crm:read
// Environment, cxone (the customers come from the digital channels):
//   CXONE_CLIENT_ID          of the client that NICE registered; if unset, an embedded CXone is used
//   CXONE_CLIENT_SECRET      required with the client
//   CXONE_ACCESS_KEY_ID      required with the client
//   CXONE_ACCESS_KEY_SECRET  required with the client
//   CXONE_ISSUER             default: https://cxone.niceincontact.com
//   CXONE_API_URL            default: from discovery
//   CXONE_STREAM_URL         default: from discovery
//   CXONE_DFO_URL            default: from discovery
import { serve } from 'srvx';
import { AuthClient, HttpClient, type Logger } from 'agent-assist-sdk';
import {
  CustomerDataClient,
  createEnrichmentHandler,
  customerDataSources,
  type EnrichmentHandlerOptions,
} from 'agent-assist-sdk/enrichment';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { startCompany } from 'agent-assist-sdk/testing';
import { cxoneCustomers, cxoneTemplate } from './enrichment-proxy/cxone-customers.ts';
import { openCxone } from './shared/cxone.ts';
import {
  readInteger,
  readPlatform,
  readPort,
  readTogether,
  variable,
  type PlatformName,
} from './shared/environment.ts';
import { fail, stopSignal, untilAborted } from './shared/program.ts';
import { announce } from './shared/real-platforms.ts';

/** The services behind the proxy. */
interface Company {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
}

/** The longest delay that a timer supports, in ms. */
const LONGEST_MS = 2 ** 31 - 1;
/** The largest response that the platform's action accepts, in bytes. */
const MAX_ANSWER_BYTES: Readonly<Record<PlatformName, number | undefined>> = {
  documents: undefined,
  cognigy: 524_000,
  cxone: 32_000,
};
const { env } = process;
const stopping = stopSignal();

try {
  const platform = readPlatform(env);
  if (platform === 'cxone') await runOnCxone();
  else {
    if (platform === 'cognigy') announce(platform, false, []);
    const company = readCompany();
    await (company === undefined ? runWithStandIn(platform) : runWithCompany(platform, company));
  }
} catch (error) {
  fail(error);
}

async function runOnCxone(): Promise<void> {
  await using account = await openCxone(env);
  announce('cxone', account.embedded !== undefined, [
    'orders and tickets: CXone has none; add your systems as sources',
  ]);
  const { auth, platform } = await account.connect({ signal: stopping });
  const sources = cxoneCustomers(platform.dfoUrl, auth, account.embedded?.fetch);
  await run('cxone', { sources, template: cxoneTemplate });
}

async function runWithStandIn(platform: PlatformName): Promise<void> {
  await using company = await startCompany();
  await runWithCompany(platform, company, (url) => {
    console.error(`Stand-in services run on ${company.baseUrl}; they know the customer CUST-992847. Try:`);
    console.error(
      `curl -d '{"sessionId":"s","customerNumber":"CUST-992847","intent":""}' -H 'content-type: application/json' ${url}api/v1/agent-assist/enrich`,
    );
  });
}

async function runWithCompany(
  platform: PlatformName,
  { baseUrl, tokenUrl, credentials }: Company,
  whenReady?: (url: string) => void,
): Promise<void> {
  await using transport = new NodeTransport();
  const scopes = (variable(env, 'COMPANY_SCOPES') ?? 'customer:read orders:read crm:read').split(/\s+/);
  const auth = new AuthClient({ tokenUrl, ...credentials, scopes });
  // A wrong URL or secret ends the program here, not at the first request.
  await auth.getToken({ signal: stopping });
  const client = new CustomerDataClient(new HttpClient({ baseUrl, auth, transport: transport.send }));
  await run(platform, { sources: customerDataSources(client) }, whenReady);
}

async function run(
  platform: PlatformName,
  options: Pick<EnrichmentHandlerOptions, 'sources' | 'template'>,
  whenReady?: (url: string) => void,
): Promise<void> {
  const webhookToken = variable(env, 'COGNIGY_WEBHOOK_TOKEN');
  const totalTimeoutMs = readInteger(env, 'ENRICH_DEADLINE_MS', 4500, LONGEST_MS);
  const handler = createEnrichmentHandler({
    ...options,
    ...(webhookToken === undefined ? {} : { webhookToken }),
    partial: variable(env, 'ENRICH_PARTIAL') === '1',
    totalTimeoutMs,
    maxAnswerBytes: MAX_ANSWER_BYTES[platform],
    logger: jsonLogger(),
  });

  const server = serve({
    hostname: variable(env, 'HOST') ?? '127.0.0.1',
    port: readPort(env, 8000),
    silent: true,
    gracefulShutdown: false,
    fetch: async (request) => {
      const response = stopping.aborted
        ? new Response(null, { status: 503, headers: { 'retry-after': '1' } })
        : await handler(request);
      // An open connection would bring more requests to a closing server.
      if (stopping.aborted) response.headers.set('connection', 'close');
      return response;
    },
  });
  await server.ready();
  console.log(`Listening on ${server.url ?? ''}`);
  if (webhookToken === undefined)
    console.error('COGNIGY_WEBHOOK_TOKEN is not set: the proxy serves anyone who can reach this port');
  whenReady?.(server.url ?? '');

  await untilAborted(stopping);
  // Requests have a deadline, so a connection that is still open then waits for nothing.
  const impatience = setTimeout(() => {
    server.close(true).catch(() => undefined);
  }, totalTimeoutMs + 500);
  await server.close();
  clearTimeout(impatience);
}

/** The company of the environment; `undefined` for the embedded services. */
function readCompany(): Company | undefined {
  const company = readTogether(env, [
    'COMPANY_API_URL',
    'COMPANY_TOKEN_URL',
    'COMPANY_CLIENT_ID',
    'COMPANY_CLIENT_SECRET',
  ]);
  return (
    company && {
      baseUrl: company.COMPANY_API_URL,
      tokenUrl: company.COMPANY_TOKEN_URL,
      credentials: { clientId: company.COMPANY_CLIENT_ID, clientSecret: company.COMPANY_CLIENT_SECRET },
    }
  );
}

/** Writes one JSON object per line; drops `debug` messages. */
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
