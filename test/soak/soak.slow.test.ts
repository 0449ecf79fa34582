import { describe, expect, it } from 'vitest';
import { soak, type SoakOptions } from '../../bench/soak/service.ts';

/** The short form of `npm run bench -- soak`: minutes of service in seconds, with one request in twenty failing. */
describe.each([
  ['documents', 9000, 300],
  ['cxone', 6000, 300],
  // A flow is asked once by each interaction, and the first fault comes with the 300th call.
  ['cognigy', 3000, 900],
] as const)('minutes of service on the embedded %s', (name: SoakOptions['name'], events, interactions) => {
  it('accounts for every event, and leaves nothing open', { timeout: 120_000 }, async () => {
    const account = await soak({ name, speed: 60, interactions, events, faultShare: 0.05, durationMs: 120_000 });
    expect(account.sent).toBeGreaterThanOrEqual(events);
    expect(account.handled + account.failed + account.lostInGaps).toBe(account.sent);
    expect(account.fragmentsOut).toBe(account.fragmentsIn);
    expect(account).toMatchObject({ unexplained: 0, dropped: 0, pendingTimers: 0, leftHandles: [], warnings: [] });
    // A break that the load of the machine caused may swallow a frame without a number.
    expect(account.invalidReported).toBeLessThanOrEqual(account.invalidSent);
    expect(account.invalidReported).toBeGreaterThan(0);
    expect(account.gaps).toBe(account.connections - 1);
    expect(account.gaps).toBeGreaterThanOrEqual(account.breaks / 2);
    expect(account.faults).toBeGreaterThan(0);
  });
});
