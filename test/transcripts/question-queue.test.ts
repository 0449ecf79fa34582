import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AbortError, ConfigurationError } from 'agent-assist-sdk';
import {
  QuestionQueue,
  type DropReason,
  type QuestionQueueOptions,
  type TranscriptQuestion,
} from 'agent-assist-sdk/transcripts';

const question = (interactionId: string, text: string): TranscriptQuestion => ({
  id: `${interactionId}: ${text}`,
  interactionId,
  text,
  fragments: [{ interactionId, text }],
  reason: 'pause',
});

/** A queue whose questions are answered by hand. */
function setup(options: Partial<QuestionQueueOptions> = {}) {
  const asked: string[] = [];
  const dropped: [string, DropReason][] = [];
  const gates = new Map<string, PromiseWithResolvers<undefined>>();
  const onError = vi.fn();
  const queue = new QuestionQueue({
    ask: ({ text }) => {
      asked.push(text);
      const gate = Promise.withResolvers<undefined>();
      gates.set(text, gate);
      return gate.promise;
    },
    onDrop: ({ text }, reason) => dropped.push([text, reason]),
    onError,
    ...options,
  });
  const answer = async (text: string, error?: Error) => {
    if (error === undefined) gates.get(text)?.resolve(undefined);
    else gates.get(text)?.reject(error);
    await settle();
  };
  return { queue, asked, dropped, answer, onError };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('replaces what waits for an interaction by its latest question', async () => {
  const { queue, asked, dropped, answer } = setup();
  for (const text of ['1', '2', '3']) queue.push(question('a', text));
  await settle();
  expect([asked, queue.asking, queue.waiting]).toEqual([['1'], 1, 1]);
  await answer('1');
  await answer('3');
  expect(asked).toEqual(['1', '3']);
  expect(dropped).toEqual([['2', 'replaced']]);
  expect([queue.asking, queue.waiting]).toEqual([0, 0]);
});

it('keeps as many waiting questions as it is told, in order', async () => {
  const { queue, asked, dropped, answer } = setup({ capacity: 2 });
  for (const text of ['1', '2', '3', '4']) queue.push(question('a', text));
  await settle();
  for (const text of ['1', '3', '4']) await answer(text);
  expect(asked).toEqual(['1', '3', '4']);
  expect(dropped).toEqual([['2', 'replaced']]);
});

it('asks questions of different interactions side by side up to the limit, 8 by default', async () => {
  const { queue, asked, answer } = setup();
  for (let index = 0; index < 12; index += 1) queue.push(question(`i${index}`, String(index)));
  await settle();
  expect(asked).toHaveLength(8);
  await answer('3');
  expect(asked).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
});

it('lets interactions take turns', async () => {
  const { queue, asked, answer } = setup({ concurrency: 1, capacity: 100 });
  for (const text of ['a1', 'a2', 'a3']) queue.push(question('a', text));
  queue.push(question('b', 'b1'));
  await settle();
  for (const text of ['a1', 'a2', 'b1', 'a3']) await answer(text);
  expect(asked).toEqual(['a1', 'a2', 'b1', 'a3']);
});

it('keeps the turn of an interaction whose question is replaced', async () => {
  const { queue, asked, answer } = setup({ concurrency: 1 });
  queue.push(question('a', 'a1'));
  queue.push(question('b', 'b1'));
  queue.push(question('c', 'c1'));
  queue.push(question('b', 'b2'));
  await settle();
  for (const text of ['a1', 'b2', 'c1']) await answer(text);
  expect(asked).toEqual(['a1', 'b2', 'c1']);
});

it('drops the oldest when too many interactions wait', async () => {
  const { queue, dropped, asked, answer } = setup({ concurrency: 1, maxInteractions: 2 });
  for (const id of ['a', 'b', 'c', 'd']) queue.push(question(id, id));
  await settle();
  expect(dropped).toEqual([['b', 'capacity']]);
  for (const id of ['a', 'c', 'd']) await answer(id);
  expect(asked).toEqual(['a', 'c', 'd']);
});

it('lets ten thousand interactions wait unless told otherwise', () => {
  const { queue, dropped } = setup({ concurrency: 1 });
  for (let index = 0; index < 10_002; index += 1) queue.push(question(`i${index}`, String(index)));
  expect([queue.waiting, dropped]).toEqual([10_000, [['1', 'capacity']]]);
});

describe('what fails', () => {
  it('in ask is reported, and the next question goes on', async () => {
    const { queue, asked, answer, onError } = setup();
    queue.push(question('a', '1'));
    queue.push(question('a', '2'));
    await settle();
    await answer('1', new Error('no luck'));
    expect(asked).toEqual(['1', '2']);
    expect(onError.mock.calls).toEqual([[new Error('no luck'), question('a', '1')]]);
  });

  it('by throwing is reported as well, in ask and in onDrop', async () => {
    const onError = vi.fn();
    const fail = () => {
      throw new Error('no luck');
    };
    const queue = new QuestionQueue({ ask: fail, onDrop: fail, onError });
    for (const text of ['1', '2', '3']) queue.push(question('a', text));
    await queue.idle();
    expect(onError).toHaveBeenCalledTimes(3);
  });

  it('in onError ends the queue with the first error', async () => {
    const fail = (error: unknown) => {
      throw error;
    };
    const { queue, answer } = setup({ onError: fail });
    queue.push(question('a', '1'));
    queue.push(question('a', '2'));
    await settle();
    await answer('1', new Error('first'));
    await answer('2', new Error('second'));
    await expect(queue.close()).rejects.toThrow('first');
  });
});

describe('its end', () => {
  it('waits for what it holds and takes no more', async () => {
    const { queue, asked, dropped, answer } = setup();
    queue.push(question('a', '1'));
    queue.push(question('a', '2'));
    await settle();
    let ended = false;
    const end = queue[Symbol.asyncDispose]().then(() => (ended = true));
    queue.push(question('b', '3'));
    await answer('1');
    expect(ended).toBe(false);
    await answer('2');
    await end;
    expect(asked).toEqual(['1', '2']);
    expect(dropped).toEqual([['3', 'closed']]);
  });

  it('drops a question that was pushed in the same turn, whose ask would never hear of it', async () => {
    const abort = new AbortController();
    const ask = vi.fn(
      (_: TranscriptQuestion, signal: AbortSignal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const { queue, dropped } = setup({ signal: abort.signal, ask });
    queue.push(question('a', 'now'));
    queue.push(question('a', 'waits'));
    abort.abort();
    await queue.close();
    expect(ask).not.toHaveBeenCalled();
    expect(dropped).toEqual([
      ['waits', 'closed'],
      ['now', 'closed'],
    ]);
  });

  it('comes at once with its signal, which each question gets', async () => {
    const abort = new AbortController();
    const seen: AbortSignal[] = [];
    const { queue, dropped } = setup({
      signal: abort.signal,
      ask: (_, signal) => {
        seen.push(signal);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new AbortError(signal.reason))),
        );
      },
    });
    queue.push(question('a', '1'));
    queue.push(question('a', '2'));
    await settle();
    abort.abort();
    await queue.idle();
    queue.push(question('a', '3'));
    expect(seen.map(({ aborted }) => aborted)).toEqual([true]);
    expect(dropped).toEqual([
      ['2', 'closed'],
      ['3', 'closed'],
    ]);
  });

  it('can be awaited only as long as one likes', async () => {
    const { queue } = setup();
    queue.push(question('a', '1'));
    await expect(queue.idle(AbortSignal.abort())).rejects.toBeInstanceOf(AbortError);
  });
});

it.each([{ concurrency: 0 }, { capacity: 0 }, { capacity: NaN }, { maxInteractions: 0 }])('refuses %j', (options) => {
  expect(() => setup(options)).toThrow(ConfigurationError);
});

it('whatever comes and whenever answers come: order kept, limits kept, each question asked or reported once', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), id: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('answer' as const), pick: fc.nat(), fails: fc.boolean() }),
  );
  const limits = fc.record({
    concurrency: fc.integer({ min: 1, max: 3 }),
    capacity: fc.constantFrom(1, 2, 100),
    maxInteractions: fc.constantFrom(1, 3, 100),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), limits, async (steps, options) => {
      const open: { question: TranscriptQuestion; gate: PromiseWithResolvers<undefined> }[] = [];
      const asked: string[] = [];
      const dropped: string[] = [];
      const failures: unknown[] = [];
      let failed = 0;
      let pushed = 0;
      const queue = new QuestionQueue({
        ...options,
        ask: (asking) => {
          expect(open.map(({ question: { interactionId } }) => interactionId)).not.toContain(asking.interactionId);
          const gate = Promise.withResolvers<undefined>();
          open.push({ question: asking, gate });
          expect(open.length).toBeLessThanOrEqual(options.concurrency);
          asked.push(asking.text);
          return gate.promise;
        },
        onDrop: ({ text }) => dropped.push(text),
        onError: (error) => failures.push(error),
      });
      const answer = async (pick: number, fails: boolean) => {
        const [answered] = open.splice(pick % Math.max(open.length, 1), 1);
        if (fails && answered !== undefined) failed += 1;
        if (fails) answered?.gate.reject(new Error('no luck'));
        else answered?.gate.resolve(undefined);
        await settle();
      };
      for (const each of steps) {
        if (each.kind === 'push') queue.push(question(each.id, String(++pushed).padStart(3, '0') + each.id));
        else await answer(each.pick, each.fails);
        expect(queue.waiting).toBeLessThanOrEqual(options.capacity * options.maxInteractions);
      }
      await settle();
      while (open.length > 0) await answer(0, false);
      await queue.idle();
      const numbers = [...asked, ...dropped].map((text) => Number(text.slice(0, 3))).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: pushed }, (_, index) => index + 1));
      for (const id of 'abcd') {
        const own = asked.filter((text) => text.endsWith(id));
        expect(own).toEqual([...own].sort());
      }
      expect(queue.waiting).toBe(0);
      expect(failures).toEqual(Array.from({ length: failed }, () => new Error('no luck')));
    }),
    { numRuns: 200 },
  );
});
