import { expect, it } from 'vitest';
import { AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';

const question = (n: number) => ({
  interactionId: `i-${n}`,
  transcript: `I want a refund, ${n}`,
  sentimentScore: -0.5,
});

it('makes one token request for 1,000 concurrent calls of a cold client', async () => {
  await using tenant = await startTenant();
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['agentassist:read'] });
  const suggestions = new SuggestionsClient(new HttpClient({ platform: tenant.platform, auth, timeoutMs: 60_000 }));
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, n) => suggestions.suggest(question(n))));
  expect(answers).toHaveLength(1000);
  expect(tenant.issuedTokenCount).toBe(1);
  expect(tenant.suggestions.asked).toBe(1000);
});

it('loses no call over ten seconds of tokens that live for one, and fetches about one a second', async () => {
  const clock = new FakeClock(Date.now());
  await using tenant = await startTenant({ clock, tokenLifetimeSeconds: 1, heartbeatIntervalMs: Infinity });
  const auth = new AuthClient({
    platform: tenant.platform,
    ...tenant.credentials,
    scopes: ['agentassist:read'],
    clock,
  });
  const suggestions = new SuggestionsClient(new HttpClient({ platform: tenant.platform, auth, clock }));
  let answers = 0;
  for (let elapsed = 0; elapsed < 10_000; elapsed += 50) {
    await suggestions.suggest(question(elapsed));
    answers += 1;
    await clock.advance(50);
  }
  expect(answers).toBe(200);
  // Refreshed ahead of expiry, at half of a lifetime: between one and two a second.
  expect(tenant.issuedTokenCount).toBeGreaterThanOrEqual(10);
  expect(tenant.issuedTokenCount).toBeLessThanOrEqual(21);
});
