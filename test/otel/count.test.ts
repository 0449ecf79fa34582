import { SpanKind } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { expect, it } from 'vitest';
import { AuthClient, HttpClient, KnowledgeClient, SuggestionsClient } from 'agent-assist-sdk';
import { RetryBudget } from 'agent-assist-sdk/http';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { startTenant, type Fault } from 'agent-assist-sdk/testing';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { memoryTracer, startOpenTelemetry } from './observed.js';

const CALLS = 60;
const faults: readonly (readonly [every: number, fault: Fault])[] = [
  [3, { kind: 'status', status: 503 }],
  [4, { kind: 'status', status: 429, retryAfter: 0 }],
  [5, { kind: 'drop', at: 'before-work' }],
  [7, { kind: 'drop', at: 'before-headers' }],
  [11, { kind: 'drop', at: 'mid-body' }],
  [13, { kind: 'invalid-json' }],
  [17, { kind: 'revoked-token' }],
  [19, { kind: 'delay', delayMs: 2000 }],
];

it.each(['default transport', 'undici'])(
  'counts as many attempts as the instrumentation of undici: %s',
  async (name) => {
    const independent = memoryTracer();
    await using otel = startOpenTelemetry();
    const undici = new UndiciInstrumentation();
    undici.setTracerProvider(independent.provider);
    undici.enable();
    try {
      await using tenant = await startTenant();
      await using transport = new NodeTransport();
      const options = {
        platform: tenant.platform,
        random: () => 0,
        timeoutMs: 500,
        retryBudget: new RetryBudget({ capacity: 1e6 }),
        // Each of the two would add a traceparent.
        instrumentation: openTelemetry({ propagate: false }),
        ...(name === 'undici' ? { transport: transport.send } : {}),
      };
      await using auth = new AuthClient({
        ...options,
        ...tenant.credentials,
        scopes: ['agentassist:read', 'knowledge:read'],
      });
      const http = new HttpClient({ ...options, auth });
      const suggestions = new SuggestionsClient(http);
      const knowledge = new KnowledgeClient(new HttpClient({ ...options, baseUrl: tenant.cxoneBaseUrl, auth }));
      const injected = faults.map(([every, fault]) => tenant.inject({ route: /suggest|search/, fault, every }));
      await Promise.allSettled(
        Array.from({ length: CALLS }, async (_, index) => {
          await suggestions.suggest({ interactionId: `call-${index}`, transcript: 'refund', sentimentScore: 0 });
          await knowledge.search({ q: `refund ${index}` });
        }),
      );

      const ours = otel.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
      const theirs = independent.spans();
      const counts = (spans: typeof ours) => {
        const byPath = new Map<string, number>();
        for (const { attributes } of spans) {
          const { pathname } = new URL(String(attributes['url.full']));
          byPath.set(pathname, (byPath.get(pathname) ?? 0) + 1);
        }
        return byPath;
      };
      expect(counts(ours)).toEqual(counts(theirs));
      const { 'agent_assist.attempt.duration': attempts = {} } = await otel.metrics();
      expect(Object.values(attempts).reduce((sum, count) => sum + count, 0)).toBe(theirs.length);
      // Every fault was met, and many calls took more than one attempt.
      expect(injected.map(({ hits }) => hits > 0)).toEqual(faults.map(() => true));
      expect(ours.length).toBeGreaterThan(4 * CALLS);
    } finally {
      undici.disable();
    }
  },
);
