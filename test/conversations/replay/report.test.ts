import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { formatReplayDiff, gateReplays, type ReplayEffect } from 'agent-assist-sdk/conversations';
import { diffOf, asked, effect } from './outcome-logs.js';

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
