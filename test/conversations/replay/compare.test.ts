import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, RecordingError } from 'agent-assist-sdk';
import {
  compareReplays,
  engineTarget,
  gateReplays,
  replay,
  type ReplayEffect,
  type ReplayOptions,
} from 'agent-assist-sdk/conversations';
import { keywordTrigger, sentimentTrigger } from 'agent-assist-sdk/suggestions';
import { recordingPath } from '../helpers.js';
import { diffOf, asked, effect, logs } from './outcome-logs.js';

describe('compareReplays', () => {
  it('tells which questions are asked now and which no longer, what is shown, and what it costs', async () => {
    const diff = await diffOf(
      [
        asked('gone'),
        undefined,
        asked('same', { shown: [{ text: 'x', confidence: 0.8 }], status: 'fresh' }),
        undefined,
      ],
      [
        undefined,
        asked('new'),
        asked('same', { shown: [{ text: 'x', confidence: 0.9 }], status: 'cached', calls: 0 }),
        undefined,
      ],
    );
    expect(diff).toEqual({
      equal: false,
      before: { events: 4, outcomes: 2, asked: 2, shown: 1, calls: 2 },
      after: { events: 4, outcomes: 2, asked: 2, shown: 1, calls: 1 },
      asked: 1,
      notAsked: 1,
      changedCards: 1,
      changedStatus: 1,
      changed: 3,
      changes: [
        {
          event: 1,
          offsetMs: 0,
          interactionId: 'a',
          asked: [],
          notAsked: [{ text: 'gone', reasons: ['sentiment'] }],
          shown: [],
          notShown: [],
          calls: -1,
        },
        {
          event: 2,
          offsetMs: 1000,
          interactionId: 'a',
          asked: [{ text: 'new', reasons: ['sentiment'] }],
          notAsked: [],
          shown: [],
          notShown: [],
          calls: 1,
        },
        {
          event: 3,
          offsetMs: 2000,
          interactionId: 'a',
          asked: [],
          notAsked: [],
          shown: [{ text: 'x', confidence: 0.9 }],
          notShown: [{ text: 'x', confidence: 0.8 }],
          status: ['fresh', 'cached'],
          calls: -1,
        },
      ],
    });
  });

  it('takes a question with another reason for the same, and cards in another order for others', async () => {
    const [a, b] = [{ text: 'a' }, { text: 'b' }];
    const diff = await diffOf(
      [asked('q'), effect({ shown: [a, b] }), effect({ shown: [a, a] })],
      [
        effect({ ...asked('q'), asked: [{ text: 'q', reasons: ['keyword refund'] }] }),
        effect({ shown: [b, a] }),
        effect({ shown: [a] }),
      ],
    );
    expect(diff.changes.map(({ event, shown, notShown }) => [event, shown, notShown])).toEqual([
      [2, [b, a], [a, b]],
      [3, [], [a]],
    ]);
  });

  it('counts an outcome that came or went as another status if it asks and shows nothing, or failed', async () => {
    const timedOut = asked('q', { status: 'fallback', error: 'timeout' });
    const runs = [effect({ status: 'refused', error: 'invalid_request' }), effect({ status: 'fallback' }), timedOut];
    const none = runs.map(() => undefined);
    const [came, went] = [await diffOf(none, [...runs]), await diffOf([...runs], none)];
    expect([came.equal, came.changedStatus, went.equal, went.changedStatus]).toEqual([false, 3, false, 3]);
    expect(came.changes.map(({ status }) => status)).toEqual([
      ['', 'refused invalid_request'],
      ['', 'fallback'],
      ['', 'fallback timeout'],
    ]);
    expect(gateReplays(came, { maxAsked: 1, maxMoreCalls: 1 })).toMatchObject({
      exitCode: 1,
      failures: ['events with another status: 3, at most 0 allowed'],
    });
    const asks = await diffOf([undefined], [asked('q', { status: 'fresh' })]);
    expect([asks.asked, asks.changedStatus]).toEqual([1, 0]);
  });

  it('fails the gate if every update is refused that was none before', async () => {
    const path = await recordingPath();
    const lines = Array.from({ length: 50 }, (_, offsetMs) =>
      JSON.stringify({
        offsetMs,
        event: { type: 'INTERACTION_UPDATE', payload: { interactionId: 'a', transcript: 'hello', sentimentScore: 0 } },
      }),
    );
    await writeFile(
      path,
      ['{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}', ...lines, ''].join('\n'),
    );
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    const [one, other] = [`${path}.before`, `${path}.after`];
    await replay(path, engineTarget({ client }), { outcomes: one });
    const updateOf = () => ({ interactionId: 'a' }) as never;
    await replay(path, engineTarget({ client, updateOf }), { outcomes: other });
    const diff = await compareReplays(one, other);
    expect([diff.before.outcomes, diff.after.outcomes, diff.equal]).toEqual([0, 50, false]);
    expect(gateReplays(diff).failures).toEqual(['events with another status: 50, at most 0 allowed']);
  });

  it('takes the same question by another call, or for another interaction, for another one', async () => {
    const call = (name: string, text: string): ReplayEffect => effect({ asked: [{ call: name, text }] });
    const card = { title: 'Refunds' };
    const diff = await diffOf(
      [call('GET /a', 'b c'), asked('q'), effect({ interactionId: 'a', shown: [card] })],
      [call('GET /a b', 'c'), asked('q', { interactionId: 'b' }), effect({ interactionId: 'b', shown: [card] })],
    );
    expect(diff).toMatchObject({ changed: 3, asked: 2, notAsked: 2, changedCards: 1 });
  });

  it('finds nothing between a replay and itself, and mirrors when it is turned around', async () => {
    const text = fc.constantFrom('p', 'q');
    const anyEffect = fc.option(
      fc.record({
        asked: fc.array(fc.record({ text }), { maxLength: 2 }),
        shown: fc.array(fc.record({ text }), { maxLength: 2 }),
        calls: fc.nat({ max: 3 }),
        status: fc.constantFrom('fresh', 'cached'),
      }),
      { nil: undefined },
    );
    const run = fc.array(anyEffect, { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(run, run, async (left, right) => {
        const [one = '', other = ''] = await logs(left, right);
        expect(await compareReplays(one, one)).toMatchObject({ equal: true, changed: 0, changes: [] });
        const [there, back] = [await compareReplays(one, other), await compareReplays(other, one)];
        expect([back.asked, back.notAsked, back.changedCards, back.changedStatus, back.changed]).toEqual([
          there.notAsked,
          there.asked,
          there.changedCards,
          there.changedStatus,
          there.changed,
        ]);
        expect(back.changes.map(({ event, asked: now }) => [event, now])).toEqual(
          there.changes.map(({ event, notAsked }) => [event, notAsked]),
        );
        expect(there.equal).toBe(
          (await readFile(one, 'utf8')) === (await readFile(other, 'utf8')) || there.changed === 0,
        );
        const calls = there.changes.reduce((sum, change) => sum + change.calls, 0);
        expect(calls).toBe(there.after.calls - there.before.calls);
      }),
      { numRuns: 40 },
    );
  });

  it('counts all changes and lists only so many', async () => {
    const many = Array.from({ length: 20 }, (_, index) => asked(`question ${index}`));
    const diff = await diffOf(
      Array.from({ length: 20 }, () => undefined),
      many,
      3,
    );
    expect([diff.changed, diff.asked, diff.changes.length]).toEqual([20, 20, 3]);
  });

  it('refuses replays of other events, and files that are no complete replay', async () => {
    const [one = '', other = ''] = await logs([asked('a')], [asked('a'), undefined]);
    expect(await compareReplays(one, other)).toMatchObject({ equal: true });
    const text = await readFile(one, 'utf8');
    await writeFile(other, text.replace('2026', '2025'));
    await expect(compareReplays(one, other)).rejects.toThrow(ConfigurationError);
    await writeFile(other, text.replace('"digest":"', '"digest":"0'));
    await expect(compareReplays(one, other)).rejects.toThrow('replays of different events');
    for (const broken of [
      text.slice(0, text.lastIndexOf('{')),
      '',
      '{}\n',
      text.replace('"asked":[', '"ask":['),
      text.replace('{"asked"', '"asked"'),
    ]) {
      await writeFile(other, broken);
      await expect(compareReplays(one, other), broken).rejects.toThrow(RecordingError);
    }
    await expect(compareReplays(one, '/nowhere.jsonl')).rejects.toThrow('cannot be read (ENOENT)');
    await expect(compareReplays(one, one, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expect(compareReplays(one, one, { maxItems: 0 })).rejects.toThrow('maxItems');
  });
});

describe('replays of other events', () => {
  const question = asked('q');
  const outcomesOf = async (lines: readonly string[], filter?: ReplayOptions['filter']): Promise<string> => {
    const path = await recordingPath();
    await writeFile(
      path,
      ['{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}', ...lines, ''].join('\n'),
    );
    const outcomes = join(path, '..', 'outcomes.jsonl');
    await replay(path, { deliver: () => question }, { outcomes, filter });
    return outcomes;
  };
  const line = (offsetMs: number, text: string): string => JSON.stringify({ offsetMs, event: { type: 'X', text } });
  const texts = Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
  const events = texts.map((text, index) => line(index, text));

  it.each([
    ['of another text', events.with(150, line(150, 'y'))],
    ['at another time', events.with(299, line(300, texts[299] ?? ''))],
    ['in another order', events.with(7, line(7, texts[8] ?? '')).with(8, line(8, texts[7] ?? ''))],
  ])('are refused if an event is %s', async (_, others) => {
    const files = [await outcomesOf(events), await outcomesOf(others)] as const;
    await expect(compareReplays(...files)).rejects.toThrow(ConfigurationError);
    await expect(compareReplays(...files)).rejects.toThrow('are replays of different events');
  });

  it('are refused if a filter left out others, or the same number has another place', async () => {
    const few = events.slice(0, 4);
    const all = await outcomesOf(few);
    const [first, last] = [await outcomesOf(few, ({ offsetMs }) => offsetMs < 3), await outcomesOf(few.slice(1))];
    const later = await outcomesOf(few, ({ offsetMs }) => offsetMs > 0);
    await expect(compareReplays(first, later)).rejects.toThrow(ConfigurationError);
    await expect(compareReplays(last, later)).rejects.toThrow(ConfigurationError);
    await expect(compareReplays(all, first)).rejects.toThrow(ConfigurationError);
    expect(await compareReplays(later, later)).toMatchObject({ equal: true });
  });

  it('are not those of the same events in one file and in two', async () => {
    const path = await recordingPath();
    const header = (second: number): string =>
      `{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:0${second}.000Z"}`;
    const stamped = (second: number): string => path.replace('.jsonl', `-20260131T09000${second}.000Z.jsonl`);
    await writeFile(stamped(0), [header(0), line(0, 'a'), ''].join('\n'));
    await writeFile(stamped(2), [header(2), line(500, 'b'), ''].join('\n'));
    const outcomes = join(path, '..', 'outcomes.jsonl');
    await replay(path, { deliver: () => question }, { outcomes });
    const joined = await outcomesOf([line(0, 'a'), line(2500, 'b')]);
    expect(await compareReplays(outcomes, joined)).toMatchObject({ equal: true, changed: 0 });
  });

  it('cannot be told from a log without a digest', async () => {
    const outcomes = await outcomesOf(events.slice(0, 2));
    const text = await readFile(outcomes, 'utf8');
    for (const end of [{ digest: undefined }, { digest: 5 }, { calls: 'many' }, { events: -1 }, { asked: undefined }]) {
      const lines = text.trimEnd().split('\n');
      const last = { ...(JSON.parse(lines.at(-1) ?? '') as object), ...end };
      await writeFile(outcomes, [...lines.slice(0, -1), JSON.stringify(last), ''].join('\n'));
      await expect(compareReplays(outcomes, outcomes), JSON.stringify(end)).rejects.toThrow(RecordingError);
    }
  });
});

it('shows what a change of a threshold does', async () => {
  const path = await recordingPath();
  const lines = [-0.5, -0.7, 0.1].map((sentimentScore, index) =>
    JSON.stringify({
      offsetMs: index * 40_000,
      event: {
        type: 'INTERACTION_UPDATE',
        payload: { interactionId: 'a', transcript: `turn ${index}`, sentimentScore },
      },
    }),
  );
  await writeFile(
    path,
    ['{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}', ...lines, ''].join('\n'),
  );
  const files = await Promise.all(
    [-0.4, -0.6].map(async (threshold) => {
      const triggers = [keywordTrigger(), sentimentTrigger({ threshold })];
      const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
      const outcomes = `${path}${threshold}`;
      await replay(path, engineTarget({ client, triggers }), { outcomes });
      return outcomes;
    }),
  );
  const diff = await compareReplays(files[0] ?? '', files[1] ?? '');
  expect(diff.changes.map(({ notAsked }) => notAsked.map(({ text }) => text))).toEqual([['turn 0']]);
});
