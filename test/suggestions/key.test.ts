import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssistEngine, type SuggestRequest } from 'agent-assist-sdk/suggestions';

const request: SuggestRequest = { interactionId: 'i', transcript: 't', sentimentScore: -0.5, context: {} };

/** The key under which an engine looks for the answer to a request; `undefined` when it does not look. */
async function keyOf(asked: SuggestRequest): Promise<string | undefined> {
  const keys: string[] = [];
  const engine = new AssistEngine({
    client: { suggest: () => Promise.resolve({ suggestions: [] }) },
    triggers: [() => [{ type: 'custom', name: 'always' }]],
    store: { get: (key) => void keys.push(key), set: (key) => void keys.push(key), delete: () => undefined },
  });
  await engine.handle(asked);
  expect(new Set(keys).size).toBe(keys.length / 2);
  return keys[0];
}

describe('key of a request in the cache', () => {
  it('is the SHA-256 of the canonical JSON of what is sent', async () => {
    const canonical = '{"context":{"a":1,"b":[true,null]},"interactionId":"ï","sentimentScore":-0.5,"transcript":"t"}';
    const asked = {
      transcript: 't',
      sentimentScore: -0.5,
      agentId: 'not sent',
      interactionId: 'ï',
      context: { b: [true, null], a: 1 },
    };
    expect(await keyOf(asked)).toBe(createHash('sha256').update(canonical).digest('hex'));
  });

  it('is the same without a context and with an empty one', async () => {
    expect(await keyOf({ ...request, context: undefined })).toBe(await keyOf(request));
  });

  it('does not depend on the order of fields, at any depth', async () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, inner]) => [name, reversed(inner)]),
      );
    };
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (context) => {
        const turned = reversed(context) as Record<string, unknown>;
        expect(await keyOf({ ...request, context: turned })).toBe(await keyOf({ ...request, context }));
      }),
    );
  });

  it('differs where what is sent differs', async () => {
    const wire = fc.record({
      interactionId: fc.string({ minLength: 1 }),
      transcript: fc.string(),
      sentimentScore: fc.double({ noNaN: true, noDefaultInfinity: true }),
      context: fc.dictionary(fc.string(), fc.jsonValue()),
    });
    await fc.assert(
      fc.asyncProperty(wire, wire, async (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect((await keyOf(one)) === (await keyOf(other))).toBe(same);
      }),
    );
    const keys = await Promise.all([
      keyOf(request),
      keyOf({ ...request, interactionId: 'j' }),
      keyOf({ ...request, transcript: 'T' }),
      keyOf({ ...request, sentimentScore: -0.6 }),
      keyOf({ ...request, context: { a: null } }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('does not exist for a text that has no canonical form', async () => {
    expect(await keyOf({ ...request, transcript: 'half a \ud83d' })).toBeUndefined();
  });
});
