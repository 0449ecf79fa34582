import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AbortError, ConfigurationError, handleInOrder, type InteractionEvent } from 'agent-assist-sdk';
import { FakeClock } from '../helpers/fake-clock.js';
import { fragment, openFakeWs, settle, textOf } from './helpers.js';

const onError = (error: unknown): void => {
  throw error;
};

async function* yielding(events: readonly InteractionEvent[]): AsyncGenerator<InteractionEvent, undefined> {
  for (const event of events) yield await Promise.resolve(event);
}

test('keeps the order within an interaction, runs interactions side by side, and stays within its limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ interaction: fc.integer({ min: 0, max: 4 }), ms: fc.nat({ max: 20 }), fails: fc.boolean() }),
        { maxLength: 60 },
      ),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 12 }),
      async (plan, concurrency, capacity) => {
        const clock = new FakeClock();
        const events = plan.map(({ interaction }, index) => fragment(`i-${interaction}`, String(index)));
        let taken = 0;
        let finished = 0;
        let heldMost = 0;
        let workingMost = 0;
        let working = 0;
        const done: string[] = [];
        const busy = new Set<string>();
        const failed: string[] = [];
        async function* source(): AsyncGenerator<InteractionEvent, undefined> {
          for (const event of events) {
            taken += 1;
            heldMost = Math.max(heldMost, taken - finished);
            yield await Promise.resolve(event);
          }
        }
        await clock.runUntilSettled(
          handleInOrder(
            source(),
            async (event) => {
              if (event.type !== 'TRANSCRIPT_FRAGMENT') return;
              expect(busy.has(event.interactionId)).toBe(false);
              busy.add(event.interactionId);
              working += 1;
              workingMost = Math.max(workingMost, working);
              const step = plan[Number(event.text)];
              await new Promise<void>((resolve) => clock.setTimeout(resolve, step?.ms ?? 0));
              done.push(event.text);
              busy.delete(event.interactionId);
              working -= 1;
              finished += 1;
              if (step?.fails === true) throw new Error(event.text);
            },
            { concurrency, capacity, onError: (error) => failed.push((error as Error).message) },
          ),
        );
        expect(done.toSorted((a, b) => Number(a) - Number(b))).toEqual(events.map(({ text }) => text));
        for (let interaction = 0; interaction <= 4; interaction += 1) {
          const own = done.filter((text) => plan[Number(text)]?.interaction === interaction).map(Number);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        expect(failed.toSorted()).toEqual(
          plan.flatMap(({ fails }, index) => (fails ? [String(index)] : [])).toSorted(),
        );
        expect(workingMost).toBeLessThanOrEqual(concurrency);
        expect(heldMost).toBeLessThanOrEqual(capacity);
      },
    ),
    { numRuns: 100 },
  );
});

test('uses all of its concurrency', async () => {
  const events = Array.from({ length: 6 }, (_, index) => fragment(`i-${index}`, 'x'));
  let working = 0;
  let most = 0;
  await handleInOrder(
    yielding(events),
    async () => {
      most = Math.max(most, ++working);
      await settle();
      working -= 1;
    },
    { concurrency: 3, onError },
  );
  expect(most).toBe(3);
});

test('handles 8 at a time and holds 1,000 where nothing else is said', async () => {
  const release = Promise.withResolvers<undefined>();
  let [taken, working, most] = [0, 0, 0];
  async function* source(): AsyncGenerator<InteractionEvent, undefined> {
    for (; taken < 1100; taken += 1) yield await Promise.resolve(fragment(`i-${taken}`, 'x'));
  }
  const all = handleInOrder(
    source(),
    async () => {
      most = Math.max(most, ++working);
      await release.promise;
      working -= 1;
    },
    { onError },
  );
  for (let turns = 0; turns < 10; turns += 1) await settle();
  // The source counts an event when it is asked for the next one.
  expect([most, taken]).toEqual([8, 999]);
  release.resolve(undefined);
  await all;
  expect(taken).toBe(1100);
});

test('gives interactions their turns: one that talks much does not hold up the others', async () => {
  const events = ['a', 'a', 'a', 'b', 'c', 'b'].map((interactionId, index) => fragment(interactionId, String(index)));
  const handled: string[] = [];
  await handleInOrder(
    yielding(events),
    async ({ interactionId, text }) => {
      // Everything is here before the first one is done.
      await settle();
      handled.push(`${String(interactionId)}${String(text)}`);
    },
    { concurrency: 1, onError },
  );
  expect(handled).toEqual(['a0', 'b3', 'c4', 'a1', 'b5', 'a2']);
});

describe('over a stream', () => {
  test('ends with it, everything handled', async () => {
    const { net, stream } = await openFakeWs();
    const handled: string[] = [];
    const all = handleInOrder(
      stream,
      async (event) => {
        await settle();
        handled.push(textOf(event));
      },
      { onError },
    );
    for (let index = 0; index < 20; index += 1) net.last.frame(fragment(`i-${index % 3}`, String(index)));
    await stream.close();
    await all;
    expect(handled).toHaveLength(20);
  });

  test('rejects as it does, after everything before that', async () => {
    const { net, stream } = await openFakeWs();
    const handled: string[] = [];
    const all = handleInOrder(
      stream,
      async (event) => {
        await settle();
        handled.push(textOf(event));
      },
      { onError },
    );
    net.last.frame(fragment('i', '1'));
    net.last.frame(fragment('i', '2'));
    net.last.closed(1008);
    await expect(all).rejects.toMatchObject({ closeCode: 1008 });
    expect(handled).toEqual(['1', '2']);
  });

  test('a handler that hangs makes the socket wait', async () => {
    const { net, stream } = await openFakeWs();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const handled: string[] = [];
    const all = handleInOrder(
      stream.events({ capacity: 4 }),
      async (event) => {
        await promise;
        handled.push(textOf(event));
      },
      { onError, capacity: 3 },
    );
    await settle();
    let sent = 0;
    while (!net.last.isPaused && sent < 100) {
      net.last.frame(fragment('i', String(sent++)));
      await settle();
    }
    expect(sent).toBe(3 + 4);
    resolve(undefined);
    await settle();
    expect(net.last.isPaused).toBe(false);
    await stream.close();
    await all;
    expect(handled).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });
});

describe('abort', () => {
  test('takes and handles nothing further, and waits for what is at work', async () => {
    const { net, stream } = await openFakeWs();
    const controller = new AbortController();
    const release = Promise.withResolvers<undefined>();
    const events = stream.events();
    const handled: string[] = [];
    let given: AbortSignal | undefined;
    const all = handleInOrder(
      events,
      async (event, { signal }) => {
        given = signal;
        await release.promise;
        handled.push(textOf(event));
      },
      { signal: controller.signal, onError },
    );
    let isSettled = false;
    all.catch(() => undefined).finally(() => (isSettled = true));
    for (const text of ['1', '2', '3']) net.last.frame(fragment('i', text));
    await settle();
    controller.abort(new Error('stop'));
    await settle();
    expect(given?.aborted).toBe(true);
    expect(isSettled).toBe(false);
    release.resolve(undefined);
    await expect(all).rejects.toBeInstanceOf(AbortError);
    expect(handled).toEqual(['1']);
    net.last.frame(fragment('i', '4'));
    expect(events.size).toBe(0);
  });

  test('before the start takes nothing', async () => {
    const handled: unknown[] = [];
    await expect(
      handleInOrder(yielding([fragment('i', '1')]), (event) => void handled.push(event), {
        signal: AbortSignal.abort(),
        onError,
      }),
    ).rejects.toBeInstanceOf(AbortError);
    expect(handled).toEqual([]);
  });

  test('does not wait for a source that never answers', async () => {
    const source: AsyncIterable<InteractionEvent> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    };
    const controller = new AbortController();
    const all = handleInOrder(source, () => undefined, { signal: controller.signal, onError });
    controller.abort();
    await expect(all).rejects.toBeInstanceOf(AbortError);
  });
});

test('an onError that throws is heard of at the end, and stops nothing', async () => {
  const handled: string[] = [];
  const all = handleInOrder(
    yielding(['1', '2', '3'].map((text) => fragment('i', text))),
    (event) => {
      handled.push(textOf(event));
      throw new Error(`handler ${textOf(event)}`);
    },
    { onError },
  );
  await expect(all).rejects.toThrow('handler 1');
  expect(handled).toEqual(['1', '2', '3']);
});

test.each([{ concurrency: 0 }, { capacity: 0 }, { concurrency: 1.5 }, { capacity: Infinity }])(
  'refuses %j',
  async (options) => {
    await expect(handleInOrder(yielding([]), () => undefined, { onError, ...options })).rejects.toBeInstanceOf(
      ConfigurationError,
    );
  },
);

describe('with latestBy', () => {
  test('whatever arrives, what runs is what was not overtaken, in order, each key with its newest', async () => {
    interface Job {
      readonly lane: string;
      readonly key: string | undefined;
      readonly number: number;
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', undefined)), { maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (plan, concurrency) => {
          const jobs = plan.map(([lane, key], number): Job => ({ lane, key, number }));
          const release = Promise.withResolvers<undefined>();
          async function* source(): AsyncGenerator<Job, undefined> {
            for (const job of jobs) yield await Promise.resolve(job);
            release.resolve(undefined);
          }
          const done: Job[] = [];
          await handleInOrder(
            source(),
            async (job) => {
              await release.promise;
              done.push(job);
            },
            { keyOf: ({ lane }) => lane, latestBy: ({ key }) => key, concurrency, onError },
          );
          for (const lane of ['a', 'b']) {
            const arrived = jobs.filter((job) => job.lane === lane);
            // The first is at work when the others arrive, where there is a place for it.
            const starts = concurrency > 1 || arrived[0] === jobs[0] ? 1 : 0;
            const expected = arrived.filter(
              (job, index) =>
                index < starts || job.key === undefined || !arrived.slice(index + 1).some(({ key }) => key === job.key),
            );
            expect(done.filter((job) => job.lane === lane)).toEqual(expected);
          }
        },
      ),
    );
  });

  test('an update that a newer one has overtaken is skipped, and nothing else of the interaction', async () => {
    const update = (transcript: string): InteractionEvent => ({
      type: 'INTERACTION_UPDATE',
      payload: { interactionId: 'i', transcript },
    });
    const events = [update('1'), update('2'), fragment('i', 'f'), update('3')];
    const handled: string[] = [];
    await handleInOrder(
      yielding(events),
      async (event) => {
        await settle();
        handled.push(event.type === 'INTERACTION_UPDATE' ? event.payload.transcript : textOf(event));
      },
      { latestBy: ({ type }) => (type === 'INTERACTION_UPDATE' ? type : undefined), onError },
    );
    expect(handled).toEqual(['1', 'f', '3']);
  });
});

test('a handler that hangs is reported after timeoutMs, its signal aborted, and its place given on', async () => {
  const clock = new FakeClock();
  const [handled, errors]: [string[], unknown[]] = [[], []];
  let hung: AbortSignal | undefined;
  const all = handleInOrder(
    yielding([fragment('i', 'hangs'), fragment('i', 'next')]),
    async (event, { signal }) => {
      handled.push(textOf(event));
      if (textOf(event) !== 'hangs') return;
      hung = signal;
      await new Promise<never>(() => undefined);
    },
    { timeoutMs: 2000, clock, onError: (error, event) => errors.push(error, textOf(event)) },
  );
  await clock.advance(1999);
  expect(handled).toEqual(['hangs']);
  await clock.advance(1);
  await all;
  expect(handled).toEqual(['hangs', 'next']);
  expect(errors).toMatchObject([{ name: 'TimeoutError', timeoutMs: 2000 }, 'hangs']);
  expect(hung?.aborted).toBe(true);
});

test.each([
  ['a keyOf that throws', 'keyOf', 'no id'],
  ['a keyOf without an answer', 'keyOf', 'keyOf: expected a string'],
  ['a latestBy that throws', 'latestBy', 'no id'],
])('%s is reported with its event, and the rest is handled', async (what, option, message) => {
  const handled: string[] = [];
  const errors: unknown[] = [];
  const keyOf = (event: InteractionEvent): string => {
    if (textOf(event) !== 'odd') return 'i';
    if (what.endsWith('throws')) throw new TypeError('no id');
    return undefined as unknown as string;
  };
  await handleInOrder(
    yielding([fragment('i', 'odd'), fragment('i', 'next')]),
    (event) => void handled.push(textOf(event)),
    { [option]: keyOf, onError: (error, event) => errors.push((error as Error).message, textOf(event)) },
  );
  expect(errors).toEqual([message, 'odd']);
  expect(handled).toEqual(['next']);
});
