import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import {
  AssistEngine,
  keywordTrigger,
  sentimentTrigger,
  type Trigger,
  type TriggerReason,
} from 'agent-assist-sdk/suggestions';

const keywordsIn = (trigger: Trigger, transcript: string): string[] =>
  trigger({ transcript, sentimentScore: 0 }).map((reason) =>
    reason.type === 'keyword' ? reason.keyword : reason.type,
  );

/** Letters of several scripts and alphabets with case, special casings and composed forms among them. */
const letter = fc.constantFrom(...Array.from('abcXYZßẞςσΣéÉñÅåǅıiİIſKΐﬁŉйЖ退款שאगि'));
const word = fc.string({ unit: letter, minLength: 1, maxLength: 8 });

describe('keyword trigger', () => {
  const trigger = keywordTrigger();

  it.each([
    ['Refund?', ['refund']],
    ['I was refunded', ['refund']],
    ['CANCEL and escalate', ['cancel', 'escalate']],
    ['I want to file a complaint about a cancelled refund', ['refund', 'cancel', 'complaint']],
    ['Thank you', []],
    ['', []],
    ['re fund', []],
  ])('finds the words of the protocol in %j', (transcript, found) => {
    expect(keywordsIn(trigger, transcript)).toEqual(found);
  });

  it('finds whole words only where asked to', () => {
    const whole = keywordTrigger({ match: 'whole-word' });
    expect(keywordsIn(whole, 'Refund?')).toEqual(['refund']);
    expect(keywordsIn(whole, '(refund)')).toEqual(['refund']);
    for (const inside of [
      'refunded',
      'prerefund',
      'refund_id',
      'refund2',
      'refundé',
      'refund\u0323',
      'арефundrefundж',
    ]) {
      expect(keywordsIn(whole, inside)).toEqual([]);
    }
  });

  it('knows words that end or begin with signs', () => {
    const whole = keywordTrigger({ keywords: ['c++', '$100', 'a.b'], match: 'whole-word' });
    expect(keywordsIn(whole, 'we use C++, it costs $100.')).toEqual(['c++', '$100']);
    expect(keywordsIn(whole, 'c++11 US$100 a-b')).toEqual([]);
  });

  it.each([
    ['straße', 'STRASSE'],
    ['STRASSE', 'Straße'],
    ['ẞ', 'ss'],
    ['ὈΔΥΣΣΕΎΣ', 'ὀδυσσεύς'],
    ['σας', 'ΣΑΣΑ'],
    ['İade', 'i\u0307ade'],
    ['e\u0301t\u00e9', '\u00c9TE\u0301'],
    ['kelvin', '\u212aelvin'],
    ['refund', 're\u00adfund'],
    ['refund', 're\u200bfund'],
    ['legal action', 'LEGAL \n\t action'],
    ['legal  action', 'legal\u00a0action'],
    ['iade', '\u0131ade'],
    ['IADE', '\u0130ade'],
    ['\u0131ade', 'IADE'],
    ["we'll", 'we\u2019ll'],
    ["we'll", 'we\u02bcll'],
    ["we'll", 'we\u00b4ll'],
    ["we'll", 'we`ll'],
    ['we\u2019ll', "WE'LL"],
    ["'n", '\u0149'],
    ['"free"', '\u201cfree\u201d'],
    ['"free"', '\u00abfree\u00bb'],
    ['non-refundable', 'non\u2011refundable'],
    ['non-refundable', 'non\u2013refundable'],
    ['non\u2212refundable', 'non-refundable'],
    ['refund', '\uff52\uff45\uff46\uff55\uff4e\uff44'],
    ['refund', '\u{1d42b}\u{1d41e}\u{1d41f}\u{1d42e}\u{1d427}\u{1d41d}'],
    ['office', 'o\ufb03ce'],
    ['refund', 're\ufe0ff\u{e0101}u\u{e0041}nd'],
    ['refund', 're\u202dfu\u2066nd\u2069'],
    ['refund', 're\u0000fund'],
    ['legal action', 'legal\u3164action'],
    ['legal action', 'legal\u2800\u0085action'],
    ['カード', 'ｶｰﾄﾞ'],
  ])('takes %j and %j for the same', (keyword, transcript) => {
    expect(keywordsIn(keywordTrigger({ keywords: [keyword] }), transcript)).toEqual([keyword]);
  });

  it.each([
    ['cafe', 'cafe\u0301'],
    ['resume', 'résumé'],
    ['refund', 'r\u0435fund'],
    ['カード', 'カ-ド'],
  ])('keeps %j and %j apart', (keyword, transcript) => {
    expect(keywordsIn(keywordTrigger({ keywords: [keyword] }), transcript)).toEqual([]);
  });

  it('finds a keyword in any case, composed or not, between any other words', () => {
    fc.assert(
      fc.property(
        word,
        word,
        word,
        fc.constantFrom('NFC', 'NFD'),
        fc.constantFrom('upper', 'lower', 'as it is'),
        (keyword, before, after, form, letterCase) => {
          const raised = letterCase === 'upper' ? keyword.toUpperCase() : keyword;
          const said = letterCase === 'lower' ? keyword.toLowerCase() : raised;
          const transcript = `${before} ${said.normalize(form)} ${after}`;
          for (const match of ['contains', 'whole-word'] as const) {
            expect(keywordsIn(keywordTrigger({ keywords: [keyword], match }), transcript)).toEqual([keyword]);
          }
        },
      ),
    );
  });

  it('finds a keyword under every disguise that a reader does not see', () => {
    const disguises = new Map([
      ["'", ["'", '\u2019', '\u2018', '\u02bc', '`', '\u00b4', '\u2032']],
      ['-', ['-', '\u2010', '\u2011', '\u2013', '\u2014', '\u2212', '\uff0d']],
      [' ', [' ', '\n', '\u00a0', '\u3000', ' \t ', '\u2800']],
      ['i', ['i', 'I', '\u0131', '\u0130']],
      ['e', ['e', 'E', '\uff25', '\uff45', '\u{1d41e}', '\u24d4']],
    ]);
    const phrase = "we'll re-issue it in one piece";
    const invisible = fc.string({
      unit: fc.constantFrom('\u00ad', '\u200b', '\u200d', '\ufe0f', '\u{e0120}', '\u202e', '\u{e0041}', '\u0007'),
      maxLength: 2,
    });
    const disguised = fc.tuple(
      ...Array.from(phrase, (character) =>
        fc.tuple(fc.constantFrom(...(disguises.get(character) ?? [character])), invisible),
      ),
    );
    const trigger = keywordTrigger({ keywords: [phrase], match: 'whole-word' });
    fc.assert(
      fc.property(disguised, (parts) => {
        expect(keywordsIn(trigger, `So ${parts.flat().join('')}!`)).toEqual([phrase]);
      }),
    );
  });

  it('finds as a whole word nothing that it would not find anywhere, and nothing inside a word', () => {
    fc.assert(
      fc.property(
        word,
        fc.string({ unit: fc.oneof(letter, fc.constantFrom(' ', '.', '-', '_', '3')), maxLength: 20 }),
        (keyword, transcript) => {
          const anywhere = keywordsIn(keywordTrigger({ keywords: [keyword] }), transcript);
          const whole = keywordsIn(keywordTrigger({ keywords: [keyword], match: 'whole-word' }), transcript);
          expect(anywhere).toEqual(expect.arrayContaining(whole));
          expect(keywordsIn(keywordTrigger({ keywords: [keyword], match: 'whole-word' }), `x${keyword}`)).toEqual([]);
          expect(keywordsIn(keywordTrigger({ keywords: [keyword], match: 'whole-word' }), `${keyword}x`)).toEqual([]);
        },
      ),
    );
  });

  it('agrees with the simple case folding of the platform for every letter', () => {
    const mistaken: string[] = [];
    for (let code = 0; code <= 0x1ffff; code += 1) {
      const character = String.fromCodePoint(code);
      if (!/^\p{L}$/u.test(character)) continue;
      const lower = character.toLowerCase();
      if (lower === character || !new RegExp(`^${lower}$`, 'iu').test(character)) continue;
      if (keywordsIn(keywordTrigger({ keywords: [lower] }), character).length === 0) mistaken.push(character);
    }
    expect(mistaken).toEqual([]);
  });

  it.each(['', '   ', '\n', '\u200b'])('refuses the blank keyword %j, which every text has', (keyword) => {
    expect(() => keywordTrigger({ keywords: ['refund', keyword] })).toThrow(
      new ConfigurationError('The term at index 1 is blank'),
    );
  });

  it('fires on nothing without keywords', () => {
    expect(keywordsIn(keywordTrigger({ keywords: [] }), 'refund')).toEqual([]);
  });
});

describe('sentiment trigger', () => {
  it('fires below its threshold and not at it', () => {
    const reasons = (score: number, threshold?: number): readonly TriggerReason[] =>
      sentimentTrigger({ threshold })({ transcript: '', sentimentScore: score });
    expect(reasons(-0.4)).toEqual([]);
    expect(reasons(-0.4000001)).toEqual([{ type: 'sentiment', score: -0.4000001, threshold: -0.4 }]);
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (score, threshold) => {
        expect(reasons(score, threshold)).toEqual(score < threshold ? [{ type: 'sentiment', score, threshold }] : []);
      }),
    );
  });

  it('refuses a threshold that is no number', () => {
    expect(() => sentimentTrigger({ threshold: Number.NaN })).toThrow(ConfigurationError);
  });
});

it('lists the reasons of all triggers, in their order', async () => {
  const mine: Trigger = () => [{ type: 'custom', name: 'vip' }];
  const input = { interactionId: 'int-1', transcript: 'Cancel it, I want a refund', sentimentScore: -0.9 };
  const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
  const reasonsOf = async (triggers: readonly Trigger[]): Promise<readonly TriggerReason[]> =>
    (await new AssistEngine({ client, triggers }).handle(input)).reasons;
  expect(await reasonsOf([sentimentTrigger(), mine, keywordTrigger()])).toEqual([
    { type: 'sentiment', score: -0.9, threshold: -0.4 },
    { type: 'custom', name: 'vip' },
    { type: 'keyword', keyword: 'refund' },
    { type: 'keyword', keyword: 'cancel' },
  ]);
  expect(await reasonsOf([])).toEqual([]);
});
