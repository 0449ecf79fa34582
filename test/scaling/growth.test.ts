import { handleInOrder } from 'agent-assist-sdk';
import { OutcomeLabels } from 'agent-assist-sdk/conversations';
import { MemoryStore, RateLimiter } from 'agent-assist-sdk/http';
import { evaluate, type SimulationAssertion } from 'agent-assist-sdk/simulation';
import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { expect, test } from 'vitest';
import { LinkedMap } from '../../src/linked-map.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { workOf } from '../helpers/work.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `i-${index}`);
const onError = (error: unknown): void => {
  throw error;
};

/** Handles the items in order once all of them wait. */
async function handleAll(
  names: readonly string[],
  options: { readonly keyOf: (id: string) => string; readonly latestBy?: (id: string) => string },
): Promise<void> {
  const allWait = Promise.withResolvers<undefined>();
  async function* source(): AsyncGenerator<string> {
    for (const name of names) yield await Promise.resolve(name);
    allWait.resolve(undefined);
  }
  const handler = (): Promise<undefined> => allWait.promise;
  await handleInOrder(source(), handler, { capacity: names.length + 1, onError, ...options });
}

/** Judges entities of one step, each expected by an assertion of its own. */
function judge(
  entities: readonly { readonly type: string; readonly value: unknown }[],
  entityMatch: 'type' | 'value',
): void {
  const nlu = { intent: 'greet', confidence: 0.9, entities };
  const assertions = entities.map(({ type, value }): SimulationAssertion => {
    return { stepIndex: 0, expectedIntent: 'greet', expectedConfidenceMin: 0.123, expectedEntities: { [type]: value } };
  });
  const steps = [{ index: 0, userInput: 'hi', botResponse: 'hello', nlu }];
  const { passed } = evaluate({ id: 's', status: 'COMPLETED', steps }, assertions, { entityMatch });
  expect(passed).toBe(true);
}

/** Each does something with `size` items, or a multiple of it. */
const subjects: Readonly<Record<string, (size: number) => unknown>> = {
  'handleInOrder, each of another interaction': (size) => handleAll(ids(size), { keyOf: (id) => id }),
  'handleInOrder, all of one interaction': (size) => handleAll(ids(size), { keyOf: () => '' }),
  'handleInOrder, all of one interaction, each with a key of latestBy': (size) =>
    handleAll(ids(size), { keyOf: () => '', latestBy: (id) => id }),
  'TranscriptBuffer, beyond maxInteractions': (size) => {
    const buffer = new TranscriptBuffer({
      maxInteractions: size,
      onFlush: () => undefined,
      onError,
      clock: new FakeClock(),
    });
    for (const interactionId of ids(2 * size)) buffer.add({ interactionId, text: 'word', sequence: 1 });
  },
  'TranscriptBuffer, all due at once': async (size) => {
    const clock = new FakeClock();
    const buffer = new TranscriptBuffer({ maxInteractions: size, onFlush: () => undefined, onError, clock });
    for (const interactionId of ids(size)) buffer.add({ interactionId, text: 'word' });
    await clock.advance(3000);
    expect(buffer.size).toBe(0);
  },
  'QuestionQueue, beyond maxInteractions': async (size) => {
    const queue = new QuestionQueue({ ask: () => undefined, onError, maxInteractions: size });
    for (const interactionId of ids(2 * size)) {
      queue.push({ id: interactionId, interactionId, text: 'word', fragments: [], reason: 'pause' });
      expect(queue.waiting).toBeGreaterThanOrEqual(0);
    }
    await queue.close();
  },
  'QuestionQueue, all of one interaction': async (size) => {
    const queue = new QuestionQueue({ ask: () => undefined, onError, capacity: size });
    for (const id of ids(2 * size))
      queue.push({ id, interactionId: 'i', text: 'word', fragments: [], reason: 'pause' });
    await queue.close();
  },
  'MemoryStore, beyond maxEntries': (size) => {
    const store = new MemoryStore({ maxEntries: size });
    for (const id of ids(2 * size)) store.set(id, id, 1000);
  },
  'events with ids': (size) => {
    const known = new LinkedMap<string, true>(10_000);
    // As many as it keeps before, since it keeps a fixed number.
    for (const id of ids(10_000 + size)) if (known.get(id) === undefined) known.set(id, true);
  },
  'RateLimiter, more calls than fit into its window': async (size) => {
    const clock = new FakeClock();
    let now = 0;
    clock.monotonic = () => now;
    const limiter = new RateLimiter({ maxCalls: size, windowMs: 1, clock });
    for (let call = 0; call < 2 * size; call += 1) {
      if (call === size) now += 2;
      (await limiter.enter())();
    }
  },
  'OutcomeLabels, beyond its capacity': (size) => {
    const labels = new OutcomeLabels({ capacity: size });
    for (const id of ids(2 * size)) labels.raise({ interactionId: id, insightIds: [id], scores: {} });
  },
  'evaluate, entities of different types': (size) =>
    judge(
      ids(size).map((id) => ({ type: id, value: id })),
      'type',
    ),
  'evaluate, entities of one type': (size) =>
    judge(
      ids(size).map((id) => ({ type: 'city', value: id })),
      'value',
    ),
  'evaluate, entities with objects': (size) =>
    judge(
      ids(size).map((id) => ({ type: 'city', value: { country: 'FR', name: id } })),
      'value',
    ),
};

test.each(Object.entries(subjects))('%s: the work of an item does not grow', async (_name, run) => {
  await run(10);
  const [some, more] = [await workOf(() => run(400)), await workOf(() => run(1600))];
  expect(more).toBeLessThanOrEqual(4.4 * some + 400);
  // Nor is it the work of a whole queue.
  expect(more).toBeLessThanOrEqual(400 * 1600);
});

test('evaluate judges 200,000 assertions', () => {
  judge(
    Array.from({ length: 200_000 }, () => ({ type: 'city', value: 'Paris' })),
    'value',
  );
});
