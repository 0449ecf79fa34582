import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { fallbackSuggestions, suggestionPolicy, type Suggestion } from 'agent-assist-sdk/suggestions';
import type { WidgetConfig } from 'agent-assist-sdk/widget';

const sure = (text: string): Suggestion => ({ text, confidence: 1 });

describe('policy', () => {
  const policy = suggestionPolicy();

  it('keeps what is allowed as it is and in its order', () => {
    const suggestions = [{ text: 'B', confidence: 0.75, source: 'kb', extra: 1 }, sure('A')];
    expect(policy(suggestions)).toEqual({ approved: suggestions, dropped: [] });
  });

  it.each([
    ['We guarantee full refund today', 'guarantee full refund'],
    ['LEGAL ACTION', 'legal action'],
    ['take legal\naction', 'legal action'],
    ['take legal \u00a0 action', 'legal action'],
    ['take le\u00adgal action', 'legal action'],
    ['take le\u200dgal action', 'legal action'],
    ['take legal\u00adaction', 'legal action'],
    ['take le\u00adgal\u200baction', 'legal action'],
    ['take legal・action', 'legal action'],
    ['take legal･action', 'legal action'],
    ['take legal·action', 'legal action'],
    ['take 🅛egal act🅸on', 'legal action'],
    ['take 🇱egal 🄰ction', 'legal action'],
    ['take leg\u0336al a\u20DEction', 'legal action'],
    ['take l\u035fe\u035fg\u035fa\u035fl\u035f action', 'legal action'],
    ['take l\u0305e\u0305gal\u033f act\u035eion', 'legal action'],
    ['take le\ufff9gal act\ufffaion', 'legal action'],
    ['Sue\r\nthe\tcompany!', 'sue the company'],
  ])('drops %j', (text, phrase) => {
    expect(policy([sure(text)])).toEqual({
      approved: [],
      dropped: [{ suggestion: sure(text), violations: [{ type: 'phrase', phrase }] }],
    });
  });

  it('is not bypassed by typography', () => {
    const strict = suggestionPolicy({ prohibitedPhrases: ["we'll refund everything"] });
    for (const text of [
      'We\u2019ll refund everything',
      '\uff37\uff45\u2019ll \u0280efund'.replace('\u0280', 'r') + ' everyth\u0131ng',
    ])
      expect(strict([sure(text)]).approved).toEqual([]);
  });

  it('names every rule that a suggestion breaks', () => {
    const suggestion = { text: 'Legal action, or sue the company', confidence: 0.7 };
    expect(policy([suggestion]).dropped[0]?.violations).toEqual([
      { type: 'phrase', phrase: 'legal action' },
      { type: 'phrase', phrase: 'sue the company' },
      { type: 'confidence', confidence: 0.7, minConfidence: 0.75 },
    ]);
  });

  it('draws the line of confidence at the minimum, and sorts each suggestion to one side', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(score), score, (confidences, minConfidence) => {
        const suggestions = confidences.map((confidence, index) => ({ text: String(index), confidence }));
        const { approved, dropped } = suggestionPolicy({ minConfidence })(suggestions);
        expect(approved).toEqual(suggestions.filter(({ confidence }) => confidence >= minConfidence));
        expect(dropped.map(({ suggestion }) => suggestion)).toEqual(
          suggestions.filter(({ confidence }) => confidence < minConfidence),
        );
      }),
    );
  });

  it('takes a confidence that is none for a missing one, e.g. a percentage of a custom source', () => {
    const unsure = [{ text: 'A', confidence: Number.NaN }, { text: 'B' } as Suggestion, { text: 'C', confidence: 93 }];
    expect(policy(unsure).approved).toEqual([]);
    expect(suggestionPolicy({ missingConfidence: 'approve' })(unsure).approved).toEqual(unsure);
  });

  it('lets no whitespace or case between the words of a phrase hide it', () => {
    const gap = fc.string({
      unit: fc.constantFrom(' ', '\n', '\t', '\u00a0', '\u2028', '\u3000', '\u00ad', '\ufeff'),
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.tuple(gap, gap), fc.string(), fc.boolean(), ([first, second], around, loud) => {
        // An invisible character alone does not part two words for a reader.
        fc.pre([first, second].every((text) => /[^\u00ad\ufeff]/.test(text)));
        const phrase = `sue${first}the${second}company`;
        const { approved } = policy([sure(`${around} ${loud ? phrase.toUpperCase() : phrase} ${around}`)]);
        expect(approved).toEqual([]);
      }),
    );
  });

  it('takes a widget configuration as its options', () => {
    const config: Partial<WidgetConfig> = { maxSuggestions: 1, minConfidence: 0.9, prohibitedPhrases: ['maybe'] };
    const strict = suggestionPolicy(config);
    expect(strict([{ text: 'A', confidence: 0.89 }, sure('Maybe'), sure('Legal action')]).approved).toEqual([
      sure('Legal action'),
    ]);
  });

  it.each([-0.01, 1.01, Number.NaN])('refuses the minimum %d', (minConfidence) => {
    expect(() => suggestionPolicy({ minConfidence })).toThrow(ConfigurationError);
  });

  it('refuses a blank phrase, which would drop everything', () => {
    expect(() => suggestionPolicy({ prohibitedPhrases: [' '] })).toThrow(ConfigurationError);
  });

  it('lets the fixed suggestions pass, with the texts of the protocol', () => {
    expect(policy(fallbackSuggestions).approved).toEqual([
      { text: 'I understand your concern. Let me connect you with a specialist.', confidence: 0.85 },
      { text: 'Would you like me to explain our resolution options?', confidence: 0.8 },
    ]);
  });
});
