import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, RecordingError } from 'agent-assist-sdk';
import {
  compareReplays,
  engineTarget,
  formatReplayDiff,
  gateReplays,
  replay,
  type ReplayDiff,
  type ReplayEffect,
  type ReplayOptions,
} from 'agent-assist-sdk/conversations';
import { keywordTrigger, sentimentTrigger } from 'agent-assist-sdk/suggestions';
import { recordingPath } from '../helpers.js';

const effect = (given: Partial<ReplayEffect>): ReplayEffect => ({ asked: [], shown: [], calls: 0, ...given });

/** Writes a recording of so many events, and a log of what each led to. */
async function logs(...runs: readonly (readonly (ReplayEffect | undefined)[])[]): Promise<string[]> {
  const path = await recordingPath();
  const events = Array.from({ length: Math.max(...runs.map(({ length }) => length)) }, (_, index) =>
    JSON.stringify({ offsetMs: index * 1000, event: { type: 'X' } }),
  );
  await writeFile(
    path,
    ['{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}', ...events, ''].join('\n'),
  );
  const files: string[] = [];
  for (const [number, run] of runs.entries()) {
    const outcomes = join(path, '..', `${number}.jsonl`);
    const deliver = ({ offsetMs }: { offsetMs: number }): ReplayEffect | undefined => run[offsetMs / 1000];
    await replay(path, { deliver }, { outcomes });
    files.push(outcomes);
  }
  return files;
}

async function diffOf(
  before: readonly (ReplayEffect | undefined)[],
  after: readonly (ReplayEffect | undefined)[],
  maxItems?: number,
): Promise<ReplayDiff> {
  const [one = '', other = ''] = await logs(before, after);
  return compareReplays(one, other, { maxItems });
}

const asked = (text: string, more: Partial<ReplayEffect> = {}): ReplayEffect =>
  effect({ interactionId: 'a', asked: [{ text, reasons: ['sentiment'] }], calls: 1, ...more });

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

describe('formatReplayDiff', () => {
  it('reads well', async () => {
    const diff = await diffOf(
      [asked('I `want` | a <b>refund</b>\n@everyone', { shown: [{ text: 'Sure', confidence: 0.8 }] }), undefined],
      [
        asked('I `want` | a <b>refund</b>\n@everyone', {
          shown: [{ title: 'Refunds', snippet: 'In 14 days' }],
          status: 'fresh',
        }),
        effect({ interactionId: 'b', asked: [{ call: 'POST /suggest', text: 'why?' }], shown: [5], calls: 2 }),
      ],
    );
    expect(formatReplayDiff(diff)).toBe(`Changed events: 2 of 2

| | before | after | change |
|---|---:|---:|---:|
| questions asked | 1 | 2 | +1 |
| cards shown | 1 | 2 | +1 |
| calls | 1 | 3 | +2 |

New questions: 1 · no longer asked: 0 · events with other cards: 2 · with another status: 1

**00:00:00** event 1, \`a\`

- \`+\` shown \`Refunds: In 14 days\`
- \`-\` shown \`Sure (0.8)\`
- status (empty) → \`fresh\`

**00:00:01** event 2, \`b\`, calls +2

- \`+\` asked \`why?\` (\`POST /suggest\`)
- \`+\` shown \`5\`
`);
  });

  it('says so if nobody reports which cards are shown, and shows those that are', async () => {
    const silent: ReplayEffect = { asked: [{ text: 'q' }], calls: 1 };
    const unknown = await diffOf([silent, undefined], [silent, undefined]);
    expect([unknown.before, unknown.after]).toEqual(Array(2).fill({ events: 2, outcomes: 1, asked: 1, calls: 1 }));
    expect(formatReplayDiff(unknown)).toContain('| cards shown | not reported | not reported |  |\n');
    expect(formatReplayDiff(unknown)).toContain('events with other cards: not reported ·');
    const known = formatReplayDiff(await diffOf([silent], [{ ...silent, shown: [5] }]));
    expect(known).toContain('| cards shown | not reported | 1 |  |\n');
    expect(known).toContain('events with other cards: 1 ·');
    expect(formatReplayDiff(await diffOf([undefined], [undefined]))).toContain('| cards shown | 0 | 0 | 0 |\n');
  });

  it('puts what was said into code spans, and lists at most 50 changes', async () => {
    const many = Array.from({ length: 60 }, () => asked('`` @all <img src=x> \n# head'));
    const text = formatReplayDiff(
      await diffOf(
        Array.from({ length: 60 }, () => undefined),
        many,
      ),
    );
    expect(text).toContain('asked ``` `` @all <img src=x> # head ``` (`sentiment`)');
    expect(text.match(/^\*\*/gm)).toHaveLength(50);
    expect(text).toMatch(/… and 10 more events\.\n$/);
    expect(formatReplayDiff(await diffOf([undefined], [undefined]))).toMatch(/^No differences\./);
  });

  it('fits into a comment, however much each event changes, and says how many events are left out', async () => {
    const cards = Array.from({ length: 10 }, (_, index) => ({ text: `${index} ${'x'.repeat(500)}` }));
    const many = Array.from({ length: 50 }, () => effect({ shown: cards }));
    const text = formatReplayDiff(
      await diffOf(
        many.map(() => undefined),
        many,
      ),
    );
    expect(text.length).toBeLessThan(65_536);
    const listed = text.match(/^\*\*/gm)?.length ?? 0;
    expect(listed).toBeGreaterThan(20);
    expect(text).toMatch(new RegExp(`… and ${50 - listed} more events\\.\n$`));
    const huge = effect({ shown: Array.from({ length: 1000 }, () => cards).flat() });
    const one = formatReplayDiff(await diffOf([undefined, undefined], [huge, asked('q')]));
    expect(one.length).toBeLessThan(65_536);
    expect(one).toContain('asked `q`');
    expect(one).toMatch(/… and 1 more event\.\n$/);
  });
});

describe('gateReplays', () => {
  it('holds for equal replays, and fails for each change unless it is allowed', async () => {
    const same = await diffOf([asked('a')], [asked('a')]);
    expect(gateReplays(same)).toEqual({ holds: true, failures: [], exitCode: 0 });
    const diff = await diffOf([asked('a'), undefined], [undefined, asked('b', { calls: 3, shown: [1] })]);
    expect(gateReplays(diff)).toEqual({
      holds: false,
      exitCode: 1,
      failures: [
        'new questions: 1, at most 0 allowed',
        'questions no longer asked: 1, at most 0 allowed',
        'events with other cards: 1, at most 0 allowed',
        'additional calls: 2, at most 0 allowed',
      ],
    });
    const limits = { maxAsked: 1, maxNotAsked: 1, maxChangedCards: 1, maxMoreCalls: 2 };
    expect(gateReplays(diff, limits).exitCode).toBe(0);
    expect(gateReplays(diff, { ...limits, maxMoreCalls: 1 }).failures).toEqual([
      'additional calls: 2, at most 1 allowed',
    ]);
    expect(() => gateReplays(diff, { maxAsked: -1 })).toThrow(ConfigurationError);
    expect(() => gateReplays(diff, { maxQuestions: 1 } as never)).toThrow('unknown option');
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

describe('gateReplays of plain JavaScript', () => {
  it('refuses what is no diff, and limits that are no numbers', async () => {
    const diff = await diffOf([asked('a')], [asked('a')]);
    for (const none of [
      undefined,
      null,
      [],
      {},
      { before: {}, after: {} },
      { ...diff, asked: Number.NaN },
      { ...diff, notAsked: undefined },
      { ...diff, changedCards: '0' },
      { ...diff, changedStatus: -1 },
      { ...diff, after: { ...diff.after, calls: Number.NaN } },
      { ...diff, before: undefined },
      { ...diff, after: null },
    ])
      expect(() => gateReplays(none as never), JSON.stringify(none)).toThrow(ConfigurationError);
    for (const limit of ['5', null, Number.NaN, -1, [], true])
      expect(() => gateReplays(diff, { maxAsked: limit as never }), String(limit)).toThrow(
        'maxAsked: expected a number of at least 0',
      );
    expect(gateReplays(diff, { maxAsked: Infinity, maxNotAsked: undefined }).holds).toBe(true);
  });
});
