import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, RequestValidationError, ServerError, TimeoutError } from 'agent-assist-sdk';
import {
  engineTarget,
  replay,
  toTrigger,
  VirtualClock,
  type EngineTargetOptions,
  type ReplayTarget,
} from 'agent-assist-sdk/conversations';
import { keywordTrigger, sentimentTrigger, type SuggestionSource } from 'agent-assist-sdk/suggestions';
import { FakeClock } from '../../helpers/fake-clock.js';
import { answer, isSameAtEverySpeed, logOf, recordingOf, update, type Line } from './replays.js';

const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('a replay into the engine', () => {
  it('notes what was asked, why, what was shown and what it cost, as canonical JSON', async () => {
    const path = await recordingOf(
      [0, update('call-1', 'hello')],
      [1000, { type: 'DIALOG_STATE', interactionId: 'call-1', state: 'TURN_END' }],
      [2000, update('call-1', 'I want a refund', -0.5)],
    );
    const { totals, text } = await logOf(path, engineTarget({ client: answer }));
    expect(totals).toEqual({ events: 3, outcomes: 1, asked: 1, shown: 1, calls: 1 });
    const replayed = [
      [1, 0, update('call-1', 'hello')],
      [2, 1000, { type: 'DIALOG_STATE', interactionId: 'call-1', state: 'TURN_END' }],
      [3, 2000, update('call-1', 'I want a refund', -0.5)],
    ].map((line) => `${JSON.stringify(line)}\n`);
    const digest = createHash('sha256').update(replayed.join('')).digest('hex');
    expect(text).toBe(
      '{"startedAt":"2026-01-31T09:00:00.000Z","type":"replay","version":1}\n' +
        '{"asked":[{"reasons":["keyword refund","sentiment"],"text":"I want a refund"}],"calls":1,"event":3,' +
        '"interactionId":"call-1","offsetMs":2000,"shown":[{"confidence":0.9,"text":"re: I want a refund"}],' +
        '"status":"fresh","type":"outcome"}\n' +
        `{"asked":1,"calls":1,"digest":"${digest}","events":3,"outcomes":1,"shown":1,"type":"end"}\n`,
    );
  });

  it('keeps pauses and the cache by the recorded time, not by the real one', async () => {
    const path = await recordingOf(
      [0, update('a', 'a refund')],
      [29_000, update('a', 'a refund, please')],
      [31_000, update('a', 'a refund, now')],
      [119_000, update('a', 'a refund')],
      [121_000, update('a', 'a refund')],
    );
    const { text } = await logOf(path, engineTarget({ client: answer }));
    const statuses = linesOf(text).flatMap((line) => {
      const { event, status } = line as { event?: number; status?: string };
      return event === undefined ? [] : [[event, status]];
    });
    expect(statuses).toEqual([
      [1, 'fresh'],
      [3, 'fresh'],
      [4, 'cached'],
      [5, 'fresh'],
    ]);
  });

  it('notes a failed call by its code, and an update that the engine refuses', async () => {
    const path = await recordingOf(
      [0, update('a', 'a refund')],
      [1, { type: 'INTERACTION_UPDATE', payload: { interactionId: 'a' } }],
      [2, { type: 'INTERACTION_UPDATE' }],
    );
    const failing: SuggestionSource = {
      suggest: () => Promise.reject(new ServerError({ method: 'POST', path: '/', attempts: 1, status: 503 })),
    };
    const { text, totals } = await logOf(path, engineTarget({ client: failing }));
    expect(totals).toEqual({ events: 3, outcomes: 2, asked: 1, shown: 2, calls: 1 });
    expect(linesOf(text).slice(1, 3)).toEqual([
      expect.objectContaining({ status: 'fallback', error: 'server_error', calls: 1 }),
      {
        type: 'outcome',
        event: 2,
        offsetMs: 1,
        status: 'refused',
        error: 'invalid_request',
        asked: [],
        shown: [],
        calls: 0,
      },
    ]);
  });

  it('takes updates from other events, and passes on what a trigger throws', async () => {
    const path = await recordingOf([0, { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'a', text: 'cancel it' }]);
    const updateOf: EngineTargetOptions['updateOf'] = ({ interactionId, text }) => ({
      interactionId: String(interactionId),
      transcript: String(text),
    });
    expect(await replay(path, engineTarget({ client: answer, updateOf }))).toMatchObject({ asked: 1 });
    const broken = (): never => {
      throw new Error('broken trigger');
    };
    await expect(replay(path, engineTarget({ client: answer, updateOf, triggers: [broken] }))).rejects.toThrow(
      'broken trigger',
    );
  });

  it('gives the same bytes at every speed, in any order of real answers, for any conversation', async () => {
    await isSameAtEverySpeed(4);
  });

  it('is refused by a target that was used before', async () => {
    const path = await recordingOf([0, update('a', 'hello')], [5, update('a', 'hello')]);
    const target = engineTarget({ client: answer });
    await replay(path, target);
    await expect(replay(path, target)).rejects.toThrow('create a new target for each replay');
  });

  it('checks the options of the engine', () => {
    expect(() => engineTarget({} as never)).toThrow('client');
    expect(() => engineTarget({ client: answer, trigger: [] } as never)).toThrow("did you mean 'triggers'?");
  });
});

describe('replay', () => {
  it('leaves out what the filter leaves out, and keeps the numbers of the events', async () => {
    const path = await recordingOf([0, update('a', 'a refund')], [1, update('b', 'a refund')]);
    const { totals, text } = await logOf(path, engineTarget({ client: answer }), {
      filter: ({ event }) => (event['payload'] as { interactionId: string }).interactionId === 'b',
    });
    expect(totals.events).toBe(1);
    expect(linesOf(text)[1]).toMatchObject({ event: 2, interactionId: 'b' });
  });

  it('writes no file unless it is complete', async () => {
    const path = await recordingOf([0, update('a', 'x')], [1, update('b', 'x')]);
    const folder = join(path, '..');
    const failing: ReplayTarget = {
      deliver: ({ offsetMs }) => {
        if (offsetMs === 1) throw new RequestValidationError('x', []);
        return undefined;
      },
    };
    await expect(replay(path, failing, { outcomes: join(folder, 'out.jsonl') })).rejects.toThrow(
      RequestValidationError,
    );
    expect(await readdir(folder)).toEqual(['calls.jsonl']);
    await expect(replay(path, failing, { outcomes: join(folder, 'no', 'out.jsonl') })).rejects.toMatchObject({
      reason: 'write_failed',
    });
  });

  it('never replaces a recording by its outcomes', async () => {
    const path = await recordingOf([0, update('a', 'x')]);
    const link = `${path}.link`;
    await symlink(path, link);
    const before = await readFile(path, 'utf8');
    for (const outcomes of [path, link])
      await expect(replay(path, engineTarget({ client: answer }), { outcomes })).rejects.toThrow(
        new ConfigurationError(`outcomes: ${outcomes} is a recording`),
      );
    expect(await readFile(path, 'utf8')).toBe(before);
    execFileSync('mkfifo', [join(path, '..', 'outcomes.jsonl')]);
    await logOf(path, engineTarget({ client: answer }));
    expect((await logOf(path, engineTarget({ client: answer }))).totals.events).toBe(1);
  });

  it('ends when an event takes too long, or on abort, even if the target does not', async () => {
    const path = await recordingOf([0, update('a', 'x')]);
    const signals: AbortSignal[] = [];
    const hanging: ReplayTarget = {
      deliver: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    };
    const clock = new FakeClock();
    const late = replay(path, hanging, { timeoutMs: 1000, clock });
    await expect(clock.runUntilSettled(late, 1)).rejects.toThrow(TimeoutError);
    const controller = new AbortController();
    const stopped = replay(path, hanging, { signal: controller.signal });
    await expect.poll(() => signals.length).toBe(2);
    controller.abort('enough');
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError', reason: 'enough' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await expect(replay(path, hanging, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends at once on an abort while the target begins its work', async () => {
    const path = await recordingOf([0, update('a', 'x')]);
    const clock = new FakeClock();
    const controller = new AbortController();
    const hanging: ReplayTarget = {
      deliver: () => {
        controller.abort('enough');
        return new Promise(() => undefined);
      },
    };
    const stopped = replay(path, hanging, { signal: controller.signal, clock });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError', reason: 'enough' });
    expect([clock.monotonic(), clock.pendingDelays]).toEqual([0, []]);
  });

  it('refuses a filter or an updateOf that returns a promise, which would be taken for the result', async () => {
    const path = await recordingOf([0, update('a', 'x')]);
    for (const filter of [() => Promise.resolve(false), () => Promise.reject(new Error('late'))])
      await expect(replay(path, engineTarget({ client: answer }), { filter: filter as never })).rejects.toThrow(
        new ConfigurationError('filter: returned a promise, but must return its result immediately'),
      );
    const updateOf = (): never => Promise.reject(new Error('late')) as never;
    await expect(replay(path, engineTarget({ client: answer, updateOf }))).rejects.toThrow(
      'updateOf: returned a promise',
    );
  });

  it('limits the time of each event, not of all', async () => {
    const path = await recordingOf(...Array.from({ length: 5 }, (_, index): Line => [index, update('a', 'x')]));
    const clock = new FakeClock();
    const slow: ReplayTarget = {
      deliver: () => new Promise((resolve) => clock.setTimeout(() => resolve(undefined), 900)),
    };
    const totals = await clock.runUntilSettled(replay(path, slow, { timeoutMs: 1000, clock }), 10_000);
    expect(totals.events).toBe(5);
  });

  it.each([
    [{ speed: 0 }, 'speed'],
    [{ timeoutMs: -1 }, 'timeoutMs'],
    [{ filter: 5 }, 'filter'],
    [{ outcome: 'x' }, "did you mean 'outcomes'?"],
  ])('refuses the options %j', async (options, problem) => {
    await expect(replay('x', engineTarget({ client: answer }), options as never)).rejects.toThrow(problem);
    await expect(replay('x', {} as never)).rejects.toThrow('target');
  });

  it('writes canonical JSON (RFC 8785), whatever is shown', async () => {
    const path = await recordingOf([0, update('a', 'x')]);
    const lineOf = async (shown: readonly unknown[]): Promise<string> => {
      const { text } = await logOf(path, { deliver: () => ({ shown, asked: [], calls: 0 }) });
      return text.split('\n')[1] ?? '';
    };
    const expected = (shown: unknown): string | undefined =>
      canonicalize({ asked: [], calls: 0, event: 1, offsetMs: 0, shown, type: 'outcome' });
    const name = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('1', '02', '10', '9', '__proto__', 'toJSON', 'é', ''),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.jsonValue({ maxDepth: 0 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 5, noNullPrototype: false }),
        fc.array(tie('tree'), { maxLength: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { maxLength: 3 }), async (shown) => {
        expect(await lineOf(shown)).toBe(expected(shown));
      }),
      { numRuns: 200 },
    );
    const odd = [new Date(0), { b: undefined, a: '\\ud800' }, new Map([[1, 2]]), Object('text') as unknown];
    expect(await lineOf(odd)).toBe(expected(odd));
    expect(await lineOf([{ b: NaN, a: 'lone \ud800' }])).toBe(expected([{ a: 'lone \ufffd', b: null }]));
    const cycle: unknown[] = [];
    cycle.push({ cycle });
    await expect(lineOf(cycle)).rejects.toThrow(ConfigurationError);
  });

  it('replays an empty recording', async () => {
    const { totals, text } = await logOf(await recordingOf(), engineTarget({ client: answer }));
    expect(totals).toEqual({ events: 0, outcomes: 0, asked: 0, shown: 0, calls: 0 });
    expect(linesOf(text)).toEqual([
      { type: 'replay', version: 1 },
      { type: 'end', ...totals, digest: createHash('sha256').digest('hex') },
    ]);
  });
});

describe('a trigger of score-twice', () => {
  const rule = { type: 'score-twice', score: 'sentiment', fires: 'below', threshold: -0.4 } as const;

  it('fires in a replay at the second low score in a row of the same interaction, the same each time', async () => {
    const path = await recordingOf(
      [0, update('a', 'a low', -0.5)],
      [10, update('b', 'b low', -0.5)],
      [20, update('a', 'a low again', -0.6)],
      [30, { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'b', text: 'no update' }],
      [40, update('b', 'b high', 0.5)],
      [50, update('b', 'b low', -0.5)],
      [60_000, update('b', 'b low again', -0.4001)],
      [120_000, update('b', 'b at the threshold', -0.4)],
      [180_000, update('a', 'a low, third', -0.9)],
    );
    const run = (): ReturnType<typeof logOf> =>
      logOf(path, engineTarget({ client: answer, triggers: [toTrigger(rule)] }));
    const { text } = await run();
    const outcomes = linesOf(text).slice(1, -1) as { readonly asked: readonly { readonly text: string }[] }[];
    const asked = outcomes.flatMap((outcome) => outcome.asked.map((question) => question.text));
    expect(asked).toEqual(['a low again', 'b low again', 'a low, third']);
    expect((await run()).text).toBe(text);
  });
});

describe('a change of a trigger', () => {
  it('asks another question', async () => {
    const path = await recordingOf([0, update('a', 'hm', -0.5)]);
    const totals = async (threshold: number): Promise<number> => {
      const triggers = [keywordTrigger(), sentimentTrigger({ threshold })];
      return (await replay(path, engineTarget({ client: answer, triggers }))).asked;
    };
    expect([await totals(-0.4), await totals(-0.6)]).toEqual([1, 0]);
  });
});

describe('VirtualClock', () => {
  it('fires timers in the order in which they are due, each at its own time, also those that a timer sets', () => {
    const clock = new VirtualClock();
    const fired: [string, number][] = [];
    const note = (name: string) => (): void => void fired.push([name, clock.now()]);
    clock.advanceTo(1000);
    clock.setTimeout(note('late'), 50);
    clock.setTimeout(() => {
      note('first')();
      clock.setTimeout(note('nested'), 5);
    }, 10);
    clock.clearTimeout(clock.setTimeout(note('cancelled'), 20));
    clock.setTimeout(note('same'), 50);
    clock.advanceTo(1049);
    clock.advanceTo(1050);
    expect(fired).toEqual([
      ['first', 1010],
      ['nested', 1015],
      ['late', 1050],
      ['same', 1050],
    ]);
    expect([clock.now(), clock.monotonic()]).toEqual([1050, 1050]);
    expect(() => clock.advanceTo(1049)).toThrow('cannot go back');
  });

  it('holds a timer for each of 50,000 interactions', () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    const timers = Array.from({ length: 50_000 }, (_, index) => {
      const delayMs = 1 + ((index * 7919) % 50_000);
      return clock.setTimeout(() => fired.push(delayMs), delayMs);
    });
    for (const timer of timers.slice(0, 25_000)) clock.clearTimeout(timer);
    for (let time = 1; time <= 50_000; time += 1) clock.advanceTo(time);
    expect(fired).toHaveLength(25_000);
    expect(fired).toEqual(fired.toSorted((a, b) => a - b));
  });
});
