import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { FakeClock } from '../helpers/fake-clock.js';
import { setup } from './set-up.js';

describe('for any interleaving of fragments, states, demands and clock steps', () => {
  const interactionId = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('say' as const), interactionId, text: fc.string({ maxLength: 12 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.oneof(fc.nat(4000), fc.constantFrom(1, 2999, 3000, 10_000)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('state' as const),
        interactionId,
        state: fc.constantFrom('TURN_END', 'AGENT_SILENT', 'CUSTOMER_SILENT', 'OTHER'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('flush' as const),
        interactionId: fc.option(interactionId, { nil: undefined }),
      }),
    },
  );
  const limits = fc.record({
    maxCharacters: fc.constantFrom(1, 15, 4000),
    maxInteractions: fc.constantFrom(1, 2, 10_000),
    pauseMs: fc.constantFrom(1, 3000, 10_000),
  });

  it('the flushed texts are the fragments, per interaction, in order and once; none waits longer than 10 s', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), limits, async (steps, options) => {
        const clock = new FakeClock();
        const addedAt = new Map<unknown, number>();
        const said = new Map<string, string[]>();
        const asked = new Map<string, string[]>();
        let longestHeldMs = 0;
        // The buffer catches what `onFlush` throws, failed expectations too.
        const failures: unknown[] = [];
        const buffer = new TranscriptBuffer({
          clock,
          ...options,
          onError: (error) => failures.push(error),
          onFlush: ({ interactionId: id, text, fragments }) => {
            expect(text).not.toBe('');
            // Where spaces belong is told below.
            expect(text.replace(/\s/g, '')).toBe(fragments.map((each) => each.text.replace(/\s/g, '')).join(''));
            for (const fragment of fragments) {
              expect(fragment.interactionId).toBe(id);
              longestHeldMs = Math.max(longestHeldMs, clock.monotonic() - (addedAt.get(fragment) ?? NaN));
              expect(addedAt.delete(fragment)).toBe(true);
            }
            asked.set(id, [...(asked.get(id) ?? []), ...fragments.map((fragment) => fragment.text)]);
            if (fragments.length > 1) expect(text.length).toBeLessThanOrEqual(options.maxCharacters);
          },
        });
        for (const each of steps) {
          if (each.kind === 'wait') await clock.advance(each.ms);
          else if (each.kind === 'state') buffer.state(each);
          else if (each.kind === 'flush') buffer.flush(each.interactionId);
          else if (each.text.trim() === '') buffer.add(each);
          else {
            const fragment = { interactionId: each.interactionId, text: each.text };
            addedAt.set(fragment, clock.monotonic());
            said.set(each.interactionId, [...(said.get(each.interactionId) ?? []), each.text]);
            buffer.add(fragment);
          }
          expect(buffer.size).toBeLessThanOrEqual(options.maxInteractions);
          expect(clock.pendingDelays.length).toBeLessThanOrEqual(1);
        }
        await buffer[Symbol.asyncDispose]();
        expect(failures).toEqual([]);
        expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(said));
        expect(addedAt.size).toBe(0);
        expect(longestHeldMs).toBeLessThanOrEqual(10_000);
        expect(clock.pendingDelays).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('a question ends exactly when the rules of S1 say, by a model that looks at every ms', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(interactionId, fc.nat(5000)), { maxLength: 25 }), async (speech) => {
        const { clock, say, questions } = setup();
        const seen: [string, number][] = [];
        let now = 0;
        const expected: [string, number][] = [];
        const held = new Map<string, { first: number; last: number }>();
        const due = (id: string) => {
          const { first, last } = held.get(id) ?? { first: Infinity, last: Infinity };
          return Math.min(first + 10_000, last + 3000);
        };
        const settle = (until: number) => {
          for (const id of [...held.keys()].sort((a, b) => due(a) - due(b))) {
            if (due(id) > until) continue;
            expected.push([id, due(id)]);
            held.delete(id);
          }
        };
        for (const [id, gap] of [...speech, ['end', 20_000] as [string, number]]) {
          now += gap;
          settle(now);
          const target = now - clock.monotonic();
          for (let left = target; left > 0;) {
            const stepMs = Math.min(left, clock.pendingDelays[0] ?? left);
            await clock.advance(stepMs);
            left -= stepMs;
            for (const question of questions.splice(0)) seen.push([question.interactionId, clock.monotonic()]);
          }
          if (id === 'end') break;
          say('x', id);
          held.set(id, { first: held.get(id)?.first ?? now, last: now });
        }
        const order = (list: [string, number][]) =>
          list.map(([id, at]) => `${String(at).padStart(8, '0')} ${id}`).sort();
        expect(order(seen)).toEqual(order(expected));
      }),
      { numRuns: 150 },
    );
  });
});
