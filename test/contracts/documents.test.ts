import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Parser } from '@asyncapi/parser';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AuditClient,
  AuthClient,
  CalibrationClient,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  SimulationClient,
  SuggestionsClient,
  WebhooksClient,
} from 'agent-assist-sdk';
import { buildSimulation } from 'agent-assist-sdk/simulation';
import { CustomerDataClient } from 'agent-assist-sdk/enrichment';
import { toAssistCards } from 'agent-assist-sdk/knowledge';
import { startCompany, startTenant } from 'agent-assist-sdk/testing';

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>>;
  };
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>> }
    >
  >;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let openApi: OpenApi;
let asyncApi: string;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

beforeAll(async () => {
  openApi = JSON.parse(await readFile('docs/openapi.json', 'utf8')) as OpenApi;
  asyncApi = await readFile('docs/asyncapi.json', 'utf8');
});

/** What is wrong with a value, in the words of a validator that we did not write. */
function faultsOf(schema: Json, value: unknown): readonly unknown[] {
  ajv.validate(schema, value);
  return ajv.errors ?? [];
}

function operationOf(method: string, path: string): Operation {
  const found = Object.entries(openApi.paths).find(
    ([template, methods]) =>
      method.toLowerCase() in methods && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  const operation = found?.[1][method.toLowerCase()];
  if (operation === undefined) throw new Error(`the document does not know ${method} ${path}`);
  return operation;
}

describe('the OpenAPI document', () => {
  it('has an example of each body, and each is what its schema says', () => {
    let bodies = 0;
    for (const operation of Object.values(openApi.paths).flatMap((methods) => Object.values(methods))) {
      const successes = Object.entries(operation.responses)
        .filter(([status]) => status.startsWith('2'))
        .map(([, response]) => response);
      for (const { content } of [operation.requestBody, ...successes]
        .filter((part) => part?.content !== undefined)
        .map((part) => part ?? {}) as { content: Record<string, { schema: Json; example?: unknown }> }[]) {
        for (const { schema, example } of Object.values(content)) {
          expect(example).toBeDefined();
          expect(faultsOf(schema, example)).toEqual([]);
          bodies += 1;
        }
      }
    }
    expect(bodies).toBeGreaterThan(25);
  });

  it('fits what the clients send, and what the tenant answers', async () => {
    await using tenant = await startTenant();
    await using company = await startCompany();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
    const cognigy = new HttpClient({ platform: tenant.platform, auth });
    const cxone = new HttpClient({ platform: tenant.cxonePlatform, auth });
    const companyAuth = new AuthClient({
      tokenUrl: company.tokenUrl,
      ...company.credentials,
      scopes: ['customer:read', 'orders:read', 'crm:read'],
    });
    const customers = new CustomerDataClient(new HttpClient({ baseUrl: company.baseUrl, auth: companyAuth }));
    await new SuggestionsClient(cognigy).suggest({ interactionId: 'i', transcript: 'refund', sentimentScore: -0.5 });
    const { articles } = await new KnowledgeClient(cxone).search({ q: 'refund' });
    await new InsightsClient(cxone).push(toAssistCards(articles, { interactionId: 'i' }));
    await new InsightsClient(cxone).feedback({ interactionId: 'i', insightId: 'a', action: 'accepted' });
    const calibrations = new CalibrationClient(cognigy);
    const { jobId } = await calibrations.apply({
      interactionIds: ['c-1'],
      polarityMatrix: { negative: -1, neutral: 0, positive: 1 },
      alertTriggers: [{ emotion: 'anger', threshold: 0.7, directive: 'block' }],
      sensitivityLevel: 0.05,
    });
    await calibrations.get(jobId);
    await new WebhooksClient(cognigy).register({
      url: 'https://coaching.example.com/hook',
      events: ['sentiment.calibration.updated'],
      secret: 'whsec_c2VjcmV0LXNlY3JldA==',
    });
    await new AuditClient(cognigy).list();
    const simulations = new SimulationClient(cognigy);
    const bot = { botId: 'bot-1', environmentId: 'env-1', versionId: 'v-1' };
    await simulations.listVersions(bot.botId).catch(() => undefined);
    await simulations.getEnvironment(bot.environmentId).catch(() => undefined);
    await simulations
      .submit(
        buildSimulation({
          ...bot,
          inputs: [{ text: 'hello' }],
          assertions: [{ stepIndex: 0, expectedIntent: 'greeting' }],
        }),
      )
      .catch(() => undefined);
    await customers.getProfile('CUST-992847');
    await customers.listRecentOrders('CUST-992847');
    await customers.listOpenTickets('CUST-992847');

    const requests = [...tenant.requests.all, ...company.requests.all];
    expect(requests.length).toBeGreaterThanOrEqual(16);
    for (const { method, path, json } of requests) {
      const operation = operationOf(method, path);
      const schema = operation.requestBody?.content['application/json']?.schema;
      if (schema !== undefined) expect(faultsOf(schema, json)).toEqual([]);
    }
  });
});

describe('the AsyncAPI document', () => {
  it('is valid in the eyes of the official parser', async () => {
    const { document, diagnostics } = await new Parser().parse(asyncApi);
    // The parser gives no document where it found an error; the rest is advice.
    expect(document, JSON.stringify(diagnostics)).toBeDefined();
  });

  it('has an example of each message, and each is what its schema says', () => {
    const { channels } = JSON.parse(asyncApi) as {
      channels: Record<string, { messages: Record<string, { payload: Json; examples: { payload: unknown }[] }> }>;
    };
    const messages = Object.values(channels).flatMap((channel) => Object.values(channel.messages));
    for (const { payload, examples } of messages) expect(faultsOf(payload, examples[0]?.payload)).toEqual([]);
    expect(messages).toHaveLength(14);
  });
});
