import { AuthClient } from 'agent-assist-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { settle, TokenServer } from './token-server.js';

// Any order of time steps, concurrent calls, 401s, aborts, answers and failures keeps the promises of the token cache.

interface Caller {
  readonly controller: AbortController;
  readonly outcome: Promise<void>;
  done: boolean;
}

class Real {
  readonly clock = new FakeClock();
  readonly server = new TokenServer();
  readonly expiresAt = new Map<string, number>();
  readonly refused = new Set<string>();
  readonly callers: Caller[] = [];
  readonly broken: string[] = [];
  lastToken: string | undefined;
  readonly auth: AuthClient = new AuthClient({
    tokenUrl: 'https://tenant.example/token',
    clientId: 'id',
    clientSecret: 'secret',
    clock: this.clock,
    maxRetries: 0,
    timeoutMs: 2_000_000,
    totalTimeoutMs: 2_000_000,
    transport: this.server.transport,
    refreshMarginMs: 10_000,
    random: () => 0.5,
  });

  call(): Caller {
    const controller = new AbortController();
    const caller: Caller = {
      controller,
      done: false,
      outcome: this.auth
        .getToken({ signal: controller.signal })
        .then(
          (token) => {
            if (this.clock.monotonic() >= (this.expiresAt.get(token) ?? 0)) this.broken.push(`${token} had expired`);
            if (this.refused.has(token)) this.broken.push(`${token} had been refused`);
            this.lastToken = token;
          },
          () => undefined,
        )
        .then(() => {
          caller.done = true;
        }),
    };
    this.callers.push(caller);
    return caller;
  }
}

type Step = fc.AsyncCommand<object, Real>;

function step(name: string, run: (real: Real) => unknown): Step {
  return {
    check: () => true,
    run: async (_, real) => {
      await run(real);
      await settle(real.clock);
      expect(real.broken).toEqual([]);
      expect(real.server.maxAtATime).toBeLessThanOrEqual(1);
      const waiting = real.callers.some(({ done }) => !done);
      const asked = pendingRequest(real) !== undefined;
      // Nobody waits for a request that was never made.
      if (waiting) expect(asked).toBe(true);
    },
    toString: () => name,
  };
}

/** The one request that is neither answered nor aborted. */
function pendingRequest(real: Real): TokenServer['last'] | undefined {
  const last = real.server.requests.at(-1);
  return last === undefined || last.signal.aborted || answeredRequests.has(last) ? undefined : last;
}

const answeredRequests = new WeakSet();
const madeBeforeRefusal = new WeakSet();

function issue(real: Real, lifetimeSeconds: number): void {
  const request = pendingRequest(real);
  if (request === undefined) return;
  answeredRequests.add(request);
  const token = request.issue(lifetimeSeconds);
  real.expiresAt.set(token, real.clock.monotonic() + lifetimeSeconds * 1000);
}

/** Answers with the token that was handed out last, as servers do that keep one token for as long as it lives. */
function issueSameAgain(real: Real): void {
  const request = pendingRequest(real);
  const token = real.lastToken;
  if (request === undefined || token === undefined) return;
  answeredRequests.add(request);
  // What the server issues in answer to a request made after the refusal, it vouches for.
  if (!madeBeforeRefusal.has(request)) real.refused.delete(token);
  real.expiresAt.set(token, real.clock.monotonic() + 100_000);
  request.answer(200, { access_token: token, token_type: 'Bearer', expires_in: 100 });
}

const steps = [
  fc.integer({ min: 1, max: 60_000 }).map((ms) => step(`advance(${ms})`, (real) => real.clock.advance(ms))),
  fc.integer({ min: 1, max: 5 }).map((count) =>
    step(`call(${count})`, (real) => {
      for (let index = 0; index < count; index += 1) real.call();
    }),
  ),
  fc.integer({ min: 1, max: 100 }).map((seconds) =>
    step(`issue(${seconds} s)`, (real) => {
      issue(real, seconds);
    }),
  ),
  fc.constantFrom(400, 401, 429, 500).map((status) =>
    step(`fail(${status})`, (real) => {
      const request = pendingRequest(real);
      if (request === undefined) return;
      answeredRequests.add(request);
      request.answer(status, { error: 'invalid_client' });
    }),
  ),
  fc.constant(
    step('refuse', (real) => {
      if (real.lastToken === undefined) return;
      real.auth.invalidate(real.lastToken);
      // That a token was refused is news only once.
      if (real.refused.has(real.lastToken)) return;
      real.refused.add(real.lastToken);
      const request = pendingRequest(real);
      if (request !== undefined) madeBeforeRefusal.add(request);
    }),
  ),
  fc.constant(step('issue the same again', issueSameAgain)),
  fc.nat().map((n) =>
    step(`abort(${n})`, (real) => {
      real.callers[n % Math.max(1, real.callers.length)]?.controller.abort();
    }),
  ),
  fc.constant(
    step('abort all', (real) => {
      for (const { controller } of real.callers) controller.abort();
    }),
  ),
];

describe('the token cache as a state machine', () => {
  it('never has two requests at a time, and never hands out a token that has expired or was refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: 'medium' }), async (commands) => {
        const real = new Real();
        await fc.asyncModelRun(() => ({ model: {}, real }), commands);
        // In the end everybody is answered, and a healthy endpoint gives everybody a token again.
        for (let round = 0; round < 3; round += 1) {
          issue(real, 3600);
          await settle(real.clock);
        }
        await Promise.all(real.callers.map(({ outcome }) => outcome));
        const last = real.auth.getToken();
        await settle(real.clock);
        issue(real, 3600);
        expect(await last).toMatch(/^token-/);
        expect(real.broken).toEqual([]);
        await real.auth.close();
        expect(real.clock.pendingDelays).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
