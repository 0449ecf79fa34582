import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  AuditClient,
  AuthClient,
  CalibrationClient,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  RateLimitError,
  SimulationClient,
  SuggestionsClient,
  WebhooksClient,
} from 'agent-assist-sdk';
import { buildSimulation } from 'agent-assist-sdk/simulation';
import { CustomerDataClient } from 'agent-assist-sdk/enrichment';
import { toAssistCards } from 'agent-assist-sdk/knowledge';
import { startCompany, startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { freePort } from '../helpers/foreign-server.js';

interface Proxy extends AsyncDisposable {
  readonly origin: string;
  /** What prism objected to; empty when both sides keep to the document. */
  readonly violations: () => readonly string[];
  /** Forgets them. */
  readonly clear: () => void;
}

/** Prism between a client and a server: with `--errors` it answers 4xx or 5xx itself where either breaks the document. */
async function prismProxy(upstream: string): Promise<Proxy> {
  const port = await freePort();
  const entry = createRequire(import.meta.url).resolve('@stoplight/prism-cli');
  const args = [
    entry,
    'proxy',
    'docs/openapi.json',
    upstream,
    '--errors',
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
    '--verboseLevel',
    'warn',
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (;;) {
    const isUp = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (isUp) break;
    if (child.exitCode !== null) throw new Error(`prism ended: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const clear = (): void => {
    output = '';
  };
  clear();
  return {
    clear,
    origin: `http://127.0.0.1:${port}`,
    violations: () => output.split('\n').filter((line) => /violation/i.test(line)),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const wide = { clientId: 'wide', clientSecret: 'wide-secret' };
const narrow = { clientId: 'narrow', clientSecret: 'narrow-secret' };
let tenant: Tenant;
/** Prism takes more than a second to start, so the tests of the tenant share one. */
let proxy: Proxy;
beforeAll(async () => {
  tenant = await startTenant({ clients: [wide, { ...narrow, scopes: ['agentassist:read'] }] });
  proxy = await prismProxy(tenant.origin);
});
beforeEach(() => proxy.clear());
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await tenant[Symbol.asyncDispose]();
});

it('finds no violation on either side, whichever client calls', async () => {
  const auth = new AuthClient({ tokenUrl: `${proxy.origin}/api/v1/oauth/token`, ...wide, maxRetries: 0 });
  const cognigy = new HttpClient({ baseUrl: `${proxy.origin}/api/v1`, auth, maxRetries: 0 });
  const cxone = new HttpClient({ baseUrl: proxy.origin, auth, maxRetries: 0 });

  await new SuggestionsClient(cognigy).suggest({
    interactionId: 'i',
    transcript: 'I want a refund',
    sentimentScore: -0.5,
  });
  const { articles } = await new KnowledgeClient(cxone).search({ q: 'refund' });
  expect(articles.length).toBeGreaterThan(0);
  await new InsightsClient(cxone).push(toAssistCards(articles, { interactionId: 'i' }));
  await new InsightsClient(cxone).feedback({ interactionId: 'i', insightId: 'a', action: 'accepted' });
  const calibrations = new CalibrationClient(cognigy);
  const { jobId } = await calibrations.apply({
    interactionIds: ['c-1'],
    polarityMatrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
    alertTriggers: [{ emotion: 'anger', threshold: 0.88, directive: 'block' }],
    sensitivityLevel: 0.85,
  });
  await calibrations.get(jobId);
  await new WebhooksClient(cognigy).register({
    url: 'https://coaching.example.com/hook',
    events: ['sentiment.calibration.updated'],
    secret: 'whsec_c2VjcmV0LXNlY3JldA==',
  });
  expect(await Array.fromAsync(new AuditClient(cognigy).listAll())).not.toHaveLength(0);
  const simulations = new SimulationClient(cognigy);
  const target = { botId: 'bot-123', environmentId: 'env-staging', versionId: 'ver-abc' };
  expect(await simulations.listVersions(target.botId)).not.toHaveLength(0);
  await simulations.getEnvironment(target.environmentId);
  const { id } = await simulations.submit(
    buildSimulation({
      ...target,
      inputs: [{ text: 'hello' }],
      assertions: [{ stepIndex: 0, expectedIntent: 'greeting' }],
    }),
  );
  await simulations.get(id);
  expect(proxy.violations()).toEqual([]);
});

it('finds no violation in errors either', async () => {
  const auth = new AuthClient({ tokenUrl: `${proxy.origin}/api/v1/oauth/token`, ...narrow, maxRetries: 0 });
  const cognigy = new HttpClient({ baseUrl: `${proxy.origin}/api/v1`, auth, maxRetries: 0 });
  const question = { interactionId: 'i', transcript: 'refund', sentimentScore: 0 };

  await expect(new AuditClient(cognigy).list()).rejects.toMatchObject({ status: 403, scopes: ['audit:read'] });
  tenant.inject({ route: 'POST /agentassist/suggest', fault: { kind: 'status', status: 429, retryAfter: 2 } });
  await expect(new SuggestionsClient(cognigy).suggest(question)).rejects.toBeInstanceOf(RateLimitError);
  tenant.inject({ route: 'POST /agentassist/suggest', fault: { kind: 'status', status: 500 } });
  await expect(new SuggestionsClient(cognigy).suggest(question)).rejects.toMatchObject({ status: 500 });
  const stranger = new AuthClient({
    tokenUrl: `${proxy.origin}/api/v1/oauth/token`,
    clientId: 'stranger',
    clientSecret: 'x',
  });
  await expect(stranger.getToken()).rejects.toMatchObject({ name: 'OAuthError', serverCode: 'invalid_client' });
  expect(proxy.violations()).toEqual([]);
});

it("finds no violation between the enrichment clients and the company's services", async () => {
  await using company = await startCompany();
  await using ownProxy = await prismProxy(new URL(company.tokenUrl).origin);
  const auth = new AuthClient({
    tokenUrl: company.tokenUrl,
    ...company.credentials,
    scopes: ['customer:read', 'orders:read', 'crm:read'],
  });
  const customers = new CustomerDataClient(new HttpClient({ baseUrl: ownProxy.origin, auth, maxRetries: 0 }));
  expect(await customers.getProfile('CUST-992847')).toMatchObject({ customerId: 'CUST-992847' });
  await customers.listRecentOrders('CUST-992847');
  await customers.listOpenTickets('CUST-992847');
  expect(ownProxy.violations()).toEqual([]);
});

it('would find one: prism does look', async () => {
  const before = tenant.requests.count('POST /agentassist/suggest');
  const answer = await fetch(`${proxy.origin}/api/v1/agentassist/suggest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: '{"interactionId":1}',
  });
  expect(answer.status).toBe(422);
  expect(tenant.requests.count('POST /agentassist/suggest')).toBe(before);
});
