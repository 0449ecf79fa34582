import { describe, expect, it } from 'vitest';
import { AuthClient, HttpClient, type CallOptions } from 'agent-assist-sdk';
import { AssistEngine, SuggestionsClient, fallbackSuggestions } from 'agent-assist-sdk/suggestions';
import { startTenant, type Fault, type Tenant } from 'agent-assist-sdk/testing';

const interaction = { interactionId: 'int-1', transcript: 'I want a refund, cancel it', sentimentScore: -0.7 };

function clientOf(tenant: Tenant): SuggestionsClient {
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials });
  return new SuggestionsClient(new HttpClient({ platform: tenant.platform, auth, random: () => 0 }));
}

describe('the engine on a tenant', () => {
  it('asks once, then answers from the cache', async () => {
    await using tenant = await startTenant();
    const engine = new AssistEngine({ client: clientOf(tenant) });
    const first = await engine.handle(interaction);
    const second = await engine.handle({ ...interaction, agentId: 'agent-1' } as typeof interaction);
    expect([first.status, second.status]).toEqual(['fresh', 'cached']);
    expect(first.suggestions.length).toBeGreaterThan(0);
    expect(second.suggestions).toEqual(first.suggestions);
    expect(tenant.suggestions.asked).toBe(1);
  });

  it('asks for an update without a sentiment', async () => {
    await using tenant = await startTenant();
    const update = { interactionId: 'int-1', transcript: 'I want a refund' };
    const outcome = await new AssistEngine({ client: clientOf(tenant) }).handle(update);
    expect(outcome.status).toBe('fresh');
    expect(tenant.requests.last?.json).toEqual({ ...update, context: {} });
  });

  it('keeps what the policy drops from the agent and says why', async () => {
    await using tenant = await startTenant();
    tenant.suggestions.answerWith(() => [
      { text: 'We guarantee FULL\nrefund.', confidence: 0.99 },
      { text: 'Perhaps', confidence: 0.74 },
      { text: 'Offer a voucher', confidence: 0.75 },
    ]);
    const { suggestions, dropped } = await new AssistEngine({ client: clientOf(tenant) }).handle(interaction);
    expect(suggestions.map(({ text }) => text)).toEqual(['Offer a voucher']);
    expect(dropped.flatMap(({ violations }) => violations.map(({ type }) => type))).toEqual(['phrase', 'confidence']);
  });

  it.each<[string, Fault]>([
    ['400', { kind: 'status', status: 400 }],
    ['403', { kind: 'status', status: 403 }],
    ['429 with a wait beyond the limit', { kind: 'status', status: 429, retryAfter: 60 }],
    ['500', { kind: 'status', status: 500 }],
    [
      '503 with a wait beyond the limit',
      { kind: 'status', status: 503, retryAfter: { inSeconds: 60, form: 'rfc850' } },
    ],
    ['a connection that drops before the answer', { kind: 'drop', at: 'before-headers' }],
    ['a connection that drops within the answer', { kind: 'drop', at: 'mid-body' }],
    ['half of the JSON', { kind: 'truncated-json' }],
    ['a page of a proxy', { kind: 'html' }],
    ['an empty answer', { kind: 'empty' }],
    [
      'an answer of another shape',
      { kind: 'status', status: 200, body: { suggestions: [{ text: 7, confidence: 0.9 }] } },
    ],
  ])('gives the fixed suggestions on %s, and fresh ones as soon as it is over', async (_, fault) => {
    await using tenant = await startTenant();
    const engine = new AssistEngine({ client: clientOf(tenant) });
    const injected = tenant.inject({ route: 'POST /agentassist/suggest', fault, every: 1 });
    expect(await engine.handle(interaction)).toMatchObject({
      status: 'fallback',
      suggestions: fallbackSuggestions,
      error: { name: /Error$/ },
    });
    injected.remove();
    expect((await engine.handle(interaction)).status).toBe('fresh');
  });

  it('hands the limit of 5 s and the abort of the last caller to the call', async () => {
    await using tenant = await startTenant();
    const client = clientOf(tenant);
    const options: CallOptions[] = [];
    const engine = new AssistEngine({
      client: {
        suggest: (request, callOptions) => {
          options.push(callOptions);
          return client.suggest(request, callOptions);
        },
      },
    });
    tenant.inject({ route: 'POST /agentassist/suggest', fault: { kind: 'delay', delayMs: 60_000 } });
    const controller = new AbortController();
    const outcome = engine.handle(interaction, { signal: controller.signal }).catch((error: unknown) => error);
    const request = await tenant.requests.waitFor(({ path }) => path.endsWith('/suggest'));
    controller.abort();
    expect(await outcome).toMatchObject({ name: 'AbortError' });
    await request.finished;
    expect(options[0]?.totalTimeoutMs).toBeGreaterThan(0);
    expect(options[0]?.totalTimeoutMs).toBeLessThanOrEqual(5000);
  });
});
