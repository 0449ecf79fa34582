import {
  createEnrichmentHandler,
  type EnrichmentHandlerOptions,
  type EnrichmentSources,
} from 'agent-assist-sdk/enrichment';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../helpers/any-character.js';
import { post, recordingLogger } from './setup.js';

type Json = Record<string, unknown>;

const source = (part: unknown, empty?: unknown) => ({
  load: () => Promise.resolve(part),
  ...(empty !== undefined && { empty }),
});
async function ask(sources: EnrichmentSources, options: Partial<EnrichmentHandlerOptions>): Promise<[Json, number]> {
  const handler = createEnrichmentHandler({ sources, template: '{profile.name|-}|{orders.0.id|-}', ...options });
  const text = await (await handler(post())).text();
  return [JSON.parse(text) as Json, new TextEncoder().encode(text).length];
}
const sources = {
  profile: source({ name: 'Ana', note: 'x'.repeat(300) }, {}),
  orders: source([{ id: 'A1', note: 'ü'.repeat(300) }], []),
  tickets: source(null),
};

describe('an answer with a largest size', () => {
  it('is as it was where it fits', async () => {
    const [whole, bytes] = await ask(sources, {});
    expect(await ask(sources, { maxAnswerBytes: bytes })).toEqual([whole, bytes]);
    expect(whole).not.toHaveProperty('truncated');
  });

  it('empties the largest part first, and names it; the prompt stays whole', async () => {
    const logger = recordingLogger();
    const [, bytes] = await ask(sources, {});
    const [first] = await ask(sources, { maxAnswerBytes: bytes - 1, logger });
    expect(first).toEqual({
      profile: { name: 'Ana', note: 'x'.repeat(300) },
      orders: [],
      tickets: null,
      enrichedPromptContext: 'Ana|A1',
      truncated: ['orders'],
    });
    expect(JSON.stringify(logger.lines)).toContain('cut to');
    const [second, secondBytes] = await ask(sources, { maxAnswerBytes: 200 });
    expect(second).toEqual({
      profile: {},
      orders: [],
      tickets: null,
      enrichedPromptContext: 'Ana|A1',
      truncated: ['orders', 'profile'],
    });
    expect(secondBytes).toBeLessThanOrEqual(200);
  });

  it('takes of two parts alike the one that is named first', async () => {
    const alike = { b: source('x'.repeat(200)), a: source('y'.repeat(200)) };
    const [answer] = await ask(alike, { maxAnswerBytes: 400 });
    expect(answer['truncated']).toEqual(['b']);
  });

  it('ends a prompt that does not fit alone after a whole character, and says so', async () => {
    const template = 'a'.repeat(10) + '👩‍👩‍👧'.repeat(60);
    const [answer, bytes] = await ask({ profile: source({}) }, { template, maxAnswerBytes: 200 });
    const { enrichedPromptContext: prompt, truncated } = answer as {
      enrichedPromptContext: string;
      truncated: string[];
    };
    expect(truncated).toEqual(['profile', 'enrichedPromptContext'].slice(-truncated.length));
    expect(truncated).toContain('enrichedPromptContext');
    expect(template.startsWith(prompt)).toBe(true);
    expect((prompt.length - 10) % '👩‍👩‍👧'.length).toBe(0);
    expect(prompt.length).toBeGreaterThan(10);
    expect(bytes).toBeLessThanOrEqual(200);
    expect(bytes).toBeGreaterThan(200 - new TextEncoder().encode('👩‍👩‍👧').length);
  });

  it('never passes the limit, is the same each time, and names exactly what differs', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit: anyCharacter, maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({ profile: fc.jsonValue(), orders: fc.jsonValue() }),
        text,
        fc.integer({ min: 160, max: 800 }),
        async ({ profile, orders }, prompt, maxAnswerBytes) => {
          const given = { profile: source(profile, {}), orders: source(orders, []) };
          const options = { template: prompt, maxAnswerBytes };
          const [whole] = await ask(given, { template: prompt });
          const [answer, bytes] = await ask(given, options);
          expect(bytes).toBeLessThanOrEqual(maxAnswerBytes);
          expect(await ask(given, options)).toEqual([answer, bytes]);
          const { truncated = [], ...rest } = answer as Json & { truncated?: string[] };
          const differing = Object.keys(rest).filter(
            (name) => JSON.stringify(rest[name]) !== JSON.stringify(whole[name]),
          );
          expect(differing.toSorted()).toEqual(truncated.toSorted());
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is refused where not even an empty answer fits', () => {
    const limit = (maxAnswerBytes: number) => () => createEnrichmentHandler({ sources, maxAnswerBytes });
    expect(limit(50)).toThrow('maxAnswerBytes: expected an integer of at least');
    expect(limit(Number.NaN)).toThrow('maxAnswerBytes');
    expect(() => createEnrichmentHandler({ sources: { truncated: source(1) } })).toThrow('sources.truncated');
  });
});
