import { AssistEngine, AssistStream, AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import { EnrichmentCache, enrich } from 'agent-assist-sdk/enrichment';
import { RetryBudget } from 'agent-assist-sdk/http';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { startTenant, type TenantOptions } from 'agent-assist-sdk/testing';
import { QuestionQueue } from 'agent-assist-sdk/transcripts';
import { expect } from 'vitest';

/** Something of everything that is measured, each a known number of times. */
export async function runScenario(tenantOptions?: TenantOptions): Promise<void> {
  await using tenant = await startTenant(tenantOptions);
  const instrumentation = openTelemetry();
  const options = { platform: tenant.platform, instrumentation, random: () => 0 };
  await using auth = new AuthClient({ ...options, ...tenant.credentials });
  const client = new SuggestionsClient(
    new HttpClient({ ...options, auth, retryBudget: new RetryBudget({ capacity: 10 }) }),
  );

  // Three attempts, a hit of the cache, a fallback since the budget is used up, nothing to ask.
  const engine = new AssistEngine({ client, instrumentation });
  const update = { interactionId: 'a', transcript: 'I want a refund', sentimentScore: 0 };
  tenant.inject({ route: /suggest/, fault: { kind: 'status', status: 503 }, times: 2 });
  await engine.handle(update);
  await engine.handle(update);
  tenant.inject({ route: /suggest/, fault: { kind: 'status', status: 500 }, times: 10 });
  await engine.handle({ ...update, interactionId: 'b' });
  await engine.handle({ ...update, interactionId: 'c', transcript: 'hello' });

  const cache = new EnrichmentCache({ instrumentation });
  const customer = { sessionId: 's', customerNumber: '1', intent: '' };
  for (let count = 0; count < 2; count += 1)
    await enrich({ part: { load: () => Promise.resolve(null) } }, customer, { cache });

  await using stream = new AssistStream({ ...options, auth, minReconnectDelayMs: 1, idOf: (event) => event.type });
  const events = stream.events({ capacity: 1, overflow: 'drop-oldest' });
  await stream.connect();
  const state = { type: 'DIALOG_STATE', interactionId: 'a', state: 'TURN_END' } as const;
  tenant.stream.send(state);
  tenant.stream.send(state);
  tenant.stream.send({ type: 'INSIGHT_ACCEPTED', interactionId: 'a', insightId: 'i' });
  await expect.poll(() => events.dropped).toBe(1);
  tenant.stream.terminateAll();
  await tenant.stream.waitForConnections();
  await expect.poll(() => stream.state).toBe('open');

  await using queue = new QuestionQueue({ ask: () => undefined, onError: () => undefined, instrumentation });
  for (const text of ['1', '2', '3'])
    queue.push({ id: text, interactionId: 'a', text, fragments: [], reason: 'pause' });
  await queue.idle();
}
