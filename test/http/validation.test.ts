import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import {
  absentable,
  anyString,
  lenient,
  listOf,
  numberFrom,
  readLeniently,
  safeParse,
} from '../../src/http/validation.js';
import * as z from '../../src/schema.js';

const schema = z.map(
  z.looseObject({
    id: anyString,
    note: lenient(anyString),
    items: absentable(
      listOf(
        z.looseObject({
          name: anyString,
          score: absentable(numberFrom(0, 1)),
          tags: z.map(absentable(listOf(anyString)), (tags) => tags ?? []),
        }),
      ),
    ),
  }),
  (answer) => ({ ...answer, read: true }),
);
const leftOut = (value: unknown): readonly string[] => {
  const reading = readLeniently(schema, value);
  return reading.success ? reading.omitted.map(({ omitted }) => omitted) : ['all'];
};

describe('readLeniently', () => {
  it.each([
    [{ id: 'a' }, []],
    [{ id: 'a', note: 7 }, ['note']],
    [{ id: 'a', items: 7 }, ['items']],
    [{ id: 'a', items: [{ name: 'n', score: 2 }] }, ['items[0].score']],
    [{ id: 'a', items: [{ name: 'n' }, { name: 7, score: 2 }] }, ['items[1]', 'items[1].score']],
    [{ id: 'a', items: [{ name: 'n', tags: ['x', 7, 'y'] }] }, ['items[0].tags[1]']],
    [{ id: 7, note: 7 }, ['all']],
    [[], ['all']],
    [undefined, ['all']],
  ])('of %j leaves out %j', (value, expected) => {
    expect(leftOut(value)).toEqual(expected);
  });

  it('keeps everything else, leaves the value as it was and applies what the schema changes', () => {
    const value = { id: 'a', other: [1], note: {}, items: [null, { name: 'n', tags: [7, 'x'], kept: null }] };
    const before = structuredClone(value);
    expect(readLeniently(schema, value)).toMatchObject({
      success: true,
      data: { id: 'a', other: [1], items: [{ name: 'n', tags: ['x'], kept: null }], read: true },
    });
    expect(value).toEqual(before);
  });

  it('fails for a list in which no item can be read, where the list is required', () => {
    const list = z.looseObject({ items: listOf(anyString) });
    expect(readLeniently(list, { items: [1, 2] })).toMatchObject({ success: false });
    expect(readLeniently(list, { items: [] })).toMatchObject({ success: true, data: { items: [] } });
  });

  it('quotes a key from outside only where it is a name', () => {
    const strict = z.strictObject({});
    const reading = readLeniently(strict, { 'a\nb': 1, name: 2, ['x'.repeat(100)]: 3 });
    expect(reading).toEqual({
      success: false,
      issues: [{ path: '', message: `unknown "a\\nb", name, "${'x'.repeat(64)}"` }],
    });
  });

  it('never throws, never fails a value whose required fields hold, and gives one that keeps the schema', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const item = fc.record({ name: fc.string(), score: anything, tags: anything }, { requiredKeys: ['name'] });
    const items = fc.oneof(anything, fc.array(fc.oneof(anything, item)));
    const value = fc.record({ id: fc.string(), note: anything, items }, { requiredKeys: ['id'] });
    fc.assert(
      fc.property(value, (answer) => {
        const reading = readLeniently(schema, answer);
        expect(reading.success && safeParse(schema, reading.data).success).toBe(true);
      }),
    );
    fc.assert(fc.property(anything, (answer) => void readLeniently(schema, answer)));
  });
});

test('a value that cannot be read is invalid', async () => {
  const suggestions = new SuggestionsClient(new HttpClient({ baseUrl: 'http://127.0.0.1:9' }));
  const { proxy, revoke } = Proxy.revocable({ interactionId: 'i-1', transcript: 'refund' }, {});
  revoke();
  const lazy = {
    get interactionId(): string {
      throw new Error('not loaded');
    },
    transcript: 'refund',
  };
  for (const query of [proxy, lazy]) {
    await expect(suggestions.suggest(query)).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'Invalid suggest request: cannot be read',
    });
  }
});
