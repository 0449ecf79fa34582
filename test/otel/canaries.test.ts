import { context, propagation } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { ApiKeyAuth, AssistEngine, AssistStream, AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import { cognigyAi, FlowClient } from 'agent-assist-sdk/cognigy';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { startTenant } from 'agent-assist-sdk/testing';
import { QuestionQueue } from 'agent-assist-sdk/transcripts';
import { answer, dropConnection, scriptedServer } from '../helpers/scripted-server.js';
import { startOpenTelemetry } from './observed.js';

it('exports no planted secret and nothing that a customer says, in spans, metrics or trace headers', async () => {
  await using otel = startOpenTelemetry();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const instrumentation = openTelemetry({ meterProvider });
  const canary = (name: string): string => `canary-${name}-7f3a9c1b5d`;
  const settled = (work: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(work).catch(() => undefined);

  // A server that quotes all that it received, and breaks connections, around every kind of credential.
  const quoting = { message: `${canary('server')} ${canary('key')} ${canary('query')}`, error: canary('server') };
  const quotes = answer(400, quoting, { 'x-request-id': canary('key') });
  await using server = await scriptedServer(quotes, dropConnection, quotes);
  const shared = { instrumentation, random: () => 0 };
  const http = new HttpClient({
    ...shared,
    baseUrl: server.url,
    maxRetries: 1,
    auth: new ApiKeyAuth({ apiKey: canary('key') }),
    headers: { 'x-tenant': canary('header') },
  });
  const carried = propagation.setBaggage(
    context.active(),
    propagation.createBaggage({ customer: { value: canary('baggage') } }),
  );
  const request = { path: '/things', query: { q: canary('query') }, safeToRepeat: true } as const;
  await context.with(carried, () =>
    settled(
      http.request(
        { ...request, method: 'POST', json: { text: canary('body') } },
        { idempotencyKey: canary('idempotency'), headers: { 'x-once': canary('header') } },
      ),
    ),
  );
  await settled(http.request({ ...request, method: 'GET' }));
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: server.url });
  const flow = new FlowClient({ ...shared, platform, urlToken: canary('url-token'), maxRetries: 0 });
  await settled(flow.send({ userId: canary('user'), sessionId: canary('session'), text: canary('text') }));
  await settled(
    new AuthClient({
      ...shared,
      tokenUrl: `${server.url}/token`,
      clientId: canary('client'),
      clientSecret: canary('secret'),
    }).getToken(),
  );

  // A tenant: its token, what its stream says, and questions.
  await using tenant = await startTenant();
  await using auth = new AuthClient({ ...shared, platform: tenant.platform, ...tenant.credentials });
  const client = new SuggestionsClient(new HttpClient({ ...shared, platform: tenant.platform, auth, maxRetries: 0 }));
  const engine = new AssistEngine({ client, instrumentation });
  const update = { interactionId: canary('interaction'), transcript: `${canary('text')} refund`, sentimentScore: -0.6 };
  tenant.inject({ route: /suggest/, fault: { kind: 'html' } });
  await engine.handle(update);
  await engine.handle({ ...update, interactionId: `${canary('interaction')}-2` });
  await using stream = new AssistStream({ ...shared, platform: tenant.platform, auth, minReconnectDelayMs: 1 });
  const events = stream.events();
  await stream.connect();
  tenant.stream.sendRaw(JSON.stringify({ type: canary('type'), interactionId: canary('interaction') }));
  tenant.stream.sendGarbage();
  tenant.stream.send({ type: 'DIALOG_STATE', interactionId: canary('interaction'), state: 'TURN_END' });
  await expect.poll(() => events.size).toBe(1);
  tenant.stream.closeAll(1011, canary('reason'));
  await tenant.stream.waitForConnections();
  await expect.poll(() => stream.state).toBe('open');
  await using queue = new QuestionQueue({
    ask: () => Promise.reject(new Error(canary('cause'))),
    instrumentation,
    onError: () => undefined,
  });
  queue.push({
    id: canary('id'),
    interactionId: canary('interaction'),
    text: canary('text'),
    fragments: [],
    reason: 'pause',
  });
  await queue.idle();
  await stream.close();

  const spans = otel
    .spans()
    .map(({ name, attributes, events: ofSpan, links, status, resource }) =>
      JSON.stringify({ name, attributes, ofSpan, links, status, resource: resource.attributes }),
    );
  const scrape = new PrometheusSerializer().serialize((await exporter.collect()).resourceMetrics);
  await meterProvider.shutdown();
  const traceHeaders = server.requests.map(({ headers }) =>
    ['traceparent', 'tracestate', 'baggage'].map((name) => headers[name]).join(' '),
  );
  expect(spans.length).toBeGreaterThan(10);
  expect(scrape).toContain('agent_assist_stream_reconnections');
  expect(scrape).toContain('agent_assist_queue_age');
  expect(spans.join()).toContain('/{urlToken}');
  expect(traceHeaders.join()).toContain('00-');
  const exported = [...spans, scrape, ...traceHeaders].join('\n');
  expect(exported.match(/canary-\w+/g) ?? []).toEqual([]);
  for (const token of tenant.issuedTokens) expect(exported).not.toContain(token);
  expect(exported).not.toContain(tenant.credentials.clientSecret);
});
