import fc from 'fast-check';
import { findPhoneNumbersInText } from 'libphonenumber-js';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { redactPersonalData, type Redact } from 'agent-assist-sdk/conversations';

const redactor = (): Redact => redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') });
const textAfter = (text: string): unknown => redactor()({ type: 'X', note: text })?.['note'];
const speech = (...texts: readonly string[]): unknown[] => {
  const redact = redactor();
  return texts.map(
    (text) => redact({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'c', speaker: 'customer', text })?.['text'],
  );
};

describe('redactPersonalData', () => {
  it.each([
    ['pay with 4111 1111 1111 1111 please', 'pay with [card] please'],
    ['4111-1111-1111-1111', '[card]'],
    ['4111,1111, 1111. 1111', '[card]'],
    ['4111\u00a01111\u200b1111\n1111', '[card]'],
    ['amex 378282246310005, code 1234', 'amex [card], code 1234'],
    ['４１１１１１１１１１１１１１１１', '[card]'],
    ['٤١١١١١١١١١١١١١١١', '[card]'],
    ['𝟜𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙𝟙', '[card]'],
    ['cvv after it 4111 1111 1111 1111 123', 'cvv after it [card]'],
    ['order 4111 1111 1111 1112 is no card', 'order 4111 1111 1111 1112 is no card'],
    ["mail john.o'neil+x@sub.example.co.uk now", 'mail [email] now'],
    ['<a href="mailto:j_d@example.com">', '<a href="mailto:[email]">'],
    ['?to=john%40example.com&x=1', '?to=[email]&x=1'],
    ['jürgen@müller.de, 李@例子.公司', '[email], [email]'],
    ['"john doe"@example.com', '[email]'],
    ["'ann@example.com'", "'[email]'"],
    ['a @ b, me@localhost, 5@7', 'a @ b, me@localhost, 5@7'],
    ['call (213) 373-4253 or +44 20 7946 0958', 'call [phone] or [phone]'],
    ['tel:+12133734253', 'tel:[phone]'],
    ['2026-01-31T09:30:00.123456Z and 2026-01-31 09:30:00', '2026-01-31T09:30:00.123456Z and 2026-01-31 09:30:00'],
    ['we met in 2024, at 9:30, for 12 people', 'we met in 2024, at 9:30, for 12 people'],
  ])('%j becomes %j', (text, expected) => {
    expect(textAfter(text)).toBe(expected);
  });

  it('looks into numbers, names of fields, lists and depths, and keeps what is a measure', () => {
    const event = {
      type: 'X',
      card: 4111111111111111,
      at: 1_764_192_610_123,
      score: -0.411111111111111,
      'me@example.com': 1,
      'you@example.com': 2,
      deep: [{ list: [['+12133734253'], null, true] }],
    };
    expect(redactor()(event)).toEqual({
      type: 'X',
      card: '[card]',
      at: 1_764_192_610_123,
      score: -0.411111111111111,
      '[email]': 1,
      '[email] 2': 2,
      deep: [{ list: [['[phone]'], null, true] }],
    });
  });

  it('gives an interaction whose id is personal a pseudonym, so that interactions stay apart', () => {
    const redact = redactor();
    const idOf = (interactionId: string): unknown => redact({ type: 'X', interactionId })?.['interactionId'];
    expect(idOf('+12133734253')).toMatch(/^[\da-f]{32}$/);
    expect(idOf('+12133734253')).toBe(idOf('+12133734253'));
    expect(idOf('+12133734254')).not.toBe(idOf('+12133734253'));
    expect(idOf('call-1')).toBe('call-1');
  });

  it.each([
    [
      ['my card is 4111 1111', '1111 1111'],
      ['my card is [number]', '[number]'],
    ],
    [
      ['it is 4111', '1111', '1111', '1111, thanks'],
      ['it is 4111', '[number]', '[number]', '[number], thanks'],
    ],
    [
      ['41', '11', '11', '11 11'],
      ['41', '11', '11', '[number]'],
    ],
    [
      ['call 213 373', '4253'],
      ['call 213 373', '[number]'],
    ],
    [
      ['since 2019', 'we pay 30 dollars'],
      ['since 2019', 'we pay 30 dollars'],
    ],
    [
      ['from 4111', 'no', '1111'],
      ['from 4111', 'no', '1111'],
    ],
    [
      ['4111 11', '', '11 1111', '…', '1111', ' ', '.', '11', 'Uh,', '11'],
      ['4111 11', '', '[number]', '…', '[number]', ' ', '.', '[number]', 'Uh,', '[number]'],
    ],
  ])('removes a number that is cut into fragments: %j', (texts, expected) => {
    expect(speech(...texts)).toEqual(expected);
  });

  it('remembers that a number was removed whole, of which more may follow', () => {
    const redact = redactPersonalData();
    const texts = ['my card 4111 1111', '1111 11', '11'].map(
      (text) => redact({ type: 'T', interactionId: 'c', text })?.['text'],
    );
    expect(texts).toEqual(['my card [phone]', '[number]', '[number]']);
  });

  it('removes it from states of the interaction and from other fields that quote what was said, too', () => {
    const redact = redactor();
    const update = (transcript: string): unknown =>
      redact({
        type: 'INTERACTION_UPDATE',
        payload: { interactionId: 'c', transcript, context: { speaker: 'customer' } },
      });
    const kept = [update('4111'), update('1111'), update('1111'), update('1111')];
    expect(JSON.stringify(kept).match(/\d+/g)).toEqual(['4111']);
    const quoted = ['4111', '1111', '1111', '1111'].map((text) =>
      redact({ type: 'T', interactionId: 'd', text, raw: { Data: { utterance: text, words: [text] } } }),
    );
    expect(JSON.stringify(quoted).match(/\d+/g)).toEqual(['4111', '4111', '4111']);
  });

  it('counts the fragments of each speaker of each interaction, and the final ones only', () => {
    const redact = redactor();
    const after = (text: string, fields: object = {}): unknown =>
      redact({ type: 'T', interactionId: 'c', speaker: 'customer', text, ...fields })?.['text'];
    expect(after('it is 4111')).toBe('it is 4111');
    expect(after('1111 is the time', { speaker: 'agent' })).toBe('1111 is the time');
    expect(after('1111', { interactionId: 'd' })).toBe('1111');
    expect(after('1111', { isFinal: false })).toBe('[number]');
    expect(after('11', { isFinal: false })).toBe('11');
    expect(after('111 of them')).toBe('[number] of them');
  });

  it('leaves at most six digits of a card in a row, wherever the speech is cut', () => {
    const card = fc.constantFrom('4111111111111111', '378282246310005', '6011000990139424', '5555555555554444');
    const cuts = fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 6 });
    fc.assert(
      fc.property(card, cuts, fc.constantFrom('', ' ', '-'), (number, places, separator) => {
        const digits = Array.from(number);
        const at = [...new Set(places)].sort((a, b) => a - b).filter((place) => place < digits.length);
        const pieces = [0, ...at].map((from, index) => digits.slice(from, at[index]).join(separator));
        const left = speech('my card is', ...pieces, 'thanks')
          .join('')
          .replaceAll(/\D/g, '');
        expect(left.length).toBeLessThanOrEqual(6);
      }),
    );
  });

  it('leaves no card and no address in any text, and changes nothing else of texts without digits and @', () => {
    const word = fc.stringMatching(/^[a-zäß]{1,8}$/);
    const personal = fc.constantFrom('4111111111111111', '5555 5555 5555 4444', 'ann.lee@example.org');
    fc.assert(
      fc.property(fc.array(word), personal, fc.array(word), (before, secret, after) => {
        const text = [...before, secret, ...after].join(' ');
        const found = textAfter(text);
        expect(found).toBe([...before, secret.includes('@') ? '[email]' : '[card]', ...after].join(' '));
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Nd}@]|%40|commat/u.test(text)),
        (text) => {
          expect(textAfter(text)).toBe(text);
        },
      ),
    );
  });

  it('takes a time that grows with the text only, whatever the text', () => {
    for (const part of ['4', '4 ', 'a@', '@', 'a.', '"', '-', 'é1']) {
      const startedAt = process.cpuUsage().user;
      textAfter(part.repeat(100_000 / part.length));
      expect((process.cpuUsage().user - startedAt) / 1000, part).toBeLessThan(2000);
    }
  });

  it('refuses an option that it does not know', () => {
    expect(() => redactPersonalData({ country: 'US' } as never)).toThrow(ConfigurationError);
  });

  it.each([
    ['call 2133734253 or (213) 373-4253', 'call [phone] or [phone]'],
    ['+49 (0)30/123456', '[phone]'],
    ['+442083661177.', '[phone].'],
    ['reply by 2026-11-26, order 4711, room 12 34', 'reply by 2026-11-26, order 4711, room 12 34'],
    ['550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b-41d4-a716-446655440000'],
    ['order 12345678', 'order [phone]'],
  ])('takes whatever may be a phone number for one without a finder: %j', (text, expected) => {
    // In the middle of what was said: digits at an edge have a rule of their own.
    const redacted = redactPersonalData()({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text: `so ${text} ok` });
    expect(redacted?.['text']).toBe(`so ${expected} ok`);
  });
});
