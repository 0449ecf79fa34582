import fc from 'fast-check';
import { findPhoneNumbersInText } from 'libphonenumber-js';
import { describe, expect, it } from 'vitest';
import { redactPersonalData, type Redact } from 'agent-assist-sdk/conversations';

const withFinder = (): Redact => redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') });
const noteAfter = (note: unknown, redact: Redact = withFinder()): unknown => redact({ type: 'X', note })?.['note'];

describe('redactPersonalData reads a text as a person does', () => {
  const cards = [
    ...[
      '&nbsp;',
      '&#160;',
      '&amp;nbsp;',
      '%20',
      '%2520',
      '+',
      '|',
      ':',
      '*',
      '·',
      '/',
      '    ',
      '\\n',
      '\\\\n',
      '\\u00a0',
    ],
    ...[
      '\u200e',
      '\0',
      '&#0;',
      '\u2063',
      '\ufe0f',
      '\u00ad',
      '<b></b>',
      '</td><td>',
      '<br/>',
      '&lt;br&gt;',
      '", "',
      ' \t ',
      '%C2%A0',
    ],
  ];
  it.each(cards)('finds a card number whose groups are separated by %j', (separator) => {
    const card = ['4111', '1111', '1111', '1111'].join(separator);
    expect(noteAfter(`pay ${card} now`)).toBe('pay [card] now');
    expect(noteAfter(`pay ${Array.from('4111111111111111').join(separator)} now`)).toBe('pay [card] now');
  });

  it.each([
    [
      'keycaps',
      Array.from('4111111111111111')
        .map((digit) => `${digit}\ufe0f\u20e3`)
        .join(''),
    ],
    ['superscripts', '⁴¹¹¹ ¹¹¹¹ ¹¹¹¹ ¹¹¹¹'],
    ['circled digits', '④①①①①①①①①①①①①①①①'],
    [
      'references',
      Array.from('4111111111111111')
        .map((digit) => `&#x${digit.charCodeAt(0).toString(16)};`)
        .join(''),
    ],
    [
      'percent-encoding',
      Array.from('4111111111111111')
        .map((digit) => `%25${digit.charCodeAt(0).toString(16)}`)
        .join(''),
    ],
    [
      'escapes',
      Array.from('4111111111111111')
        .map((digit) => `\\u00${digit.charCodeAt(0).toString(16)}`)
        .join(''),
    ],
    ['digits behind a sign that could begin a code', '%4111111111111111'],
    ['a list in a text', '["4111","1111","1111","1111"]'],
  ])('finds a card number in %s', (_, card) => {
    expect(noteAfter(`pay ${card} now`)).toMatch(/^pay %?(?:\[")?\[card\](?:"\])? now$/);
  });

  it.each(Array.from({ length: 8 }, (_, index) => index + 1))('finds what is percent-encoded %i times', (times) => {
    const encode = (text: string): string =>
      Array.from({ length: times }).reduce<string>(encodeURIComponent, text.replace('@', '%40'));
    expect(noteAfter(`write to ${encode('ann@example.com')} now`)).toBe('write to [email] now');
  });

  it.each([
    ['%B4111111111111111^DOE/JOHN^2712', /^%B\[card\]/],
    ['100%4111 1111 1111 1111', /^100%?\[card\]$|^\[card\]$/],
    ['\\u4111 1111 1111 1111', /^(?:\\u)?\[card\]$/],
    ['&#4111 1111 1111 1111', /^(?:&#)?\[card\]$/],
    ['&#4111&#8203; 1111 1111 1111', /^(?:&#)?\[card\]$/],
    ['4111%1111%1111%1111', /^\[card\]$/],
    ['4111$1111$1111$1111', /^\[card\]$/],
  ])('finds a card number that could be read as a code: %j', (text, expected) => {
    expect(noteAfter(text)).toMatch(expected);
    expect(String(noteAfter(text, redactPersonalData())).match(/\d{4}/g) ?? []).toEqual(text.match(/2712/g) ?? []);
  });

  it('leaves texts of many codes', () => {
    const text = '%E4%BD%A0 &#20320;&#22909;&#19990;&#30028;&#20320;&#22909; \\u4f60\\u597d %20%30';
    expect(noteAfter(text)).toBe(text);
    expect(noteAfter(text, redactPersonalData())).toBe(text);
  });

  it.each([
    [
      ['pay', '4111', '1111', '1111', '1111,', 'now'],
      ['pay', '[card]', '[card]', '[card]', '[card],', 'now'],
    ],
    [
      ['call', '(213)', '373', '4253'],
      ['call', '[phone]', '[phone]', '[phone]'],
    ],
    [
      ['ann', '@', 'example.com', 'ok'],
      ['[email]', '[email]', '[email]', 'ok'],
    ],
    [
      [{ word: '4111 1111', endMs: 812 }, { word: '1111 1111' }, { word: 'ok' }],
      [{ word: '[card]', endMs: 812 }, { word: '[card]' }, { word: 'ok' }],
    ],
    [
      ['4111', '1111', '1111', '1111', ','].map((content) => ({ alternatives: [{ content }, { content: 'x' }] })),
      ['[card]', '[card]', '[card]', '[card]', ','].map((content) => ({
        alternatives: [{ content }, { content: 'x' }],
      })),
    ],
    [
      ['4111111111', '111111'],
      ['[card]', '[card]'],
    ],
    [
      [
        ['4111', '1111'],
        ['1111', '1111'],
      ],
      [
        ['[card]', '[card]'],
        ['[card]', '[card]'],
      ],
    ],
    [
      ['4111111111', '1114111111'],
      ['4111111111', '1114111111'],
    ],
    [
      ['2026-01-31', '2026-02-01', '0.7125', '0.8134', '1.2.3'],
      ['2026-01-31', '2026-02-01', '0.7125', '0.8134', '1.2.3'],
    ],
  ])('finds a number that is cut into a list of words: %j', (words, expected) => {
    expect(noteAfter(words)).toEqual(expected);
    expect(noteAfter(JSON.stringify({ words }))).toBe(JSON.stringify({ words: expected }));
  });

  const phones = ['\u200b', '\u200e', '_', ',', '*', '&nbsp;', '%20', '·', '|', ' - ', '\ufe0f', '<i></i>', '\\t'];
  it.each(phones)('finds a phone number whose groups are separated by %j', (separator) => {
    const phone = ['213', '373', '4253'].join(separator);
    expect(noteAfter(`call ${phone} now`)).toBe('call [phone] now');
    expect(noteAfter(`call ${phone} now`, redactPersonalData())).toBe('call [phone] now');
  });

  it.each([
    '+49.30.123.45',
    '02.123.45.67',
    '213.373.4253',
    '2133734253x12',
    '213 373 4253 €',
    '$2133734253',
    '1987 2025-2026',
  ])('finds the phone number %j without a finder', (text) => {
    expect(noteAfter(`so ${text} ok`, redactPersonalData())).toMatch(/^so \$?\[phone\](?: €)? ok$/);
  });

  it.each(['nr2133734253', '2133734253x12', 'tel+12133734253', 'phone2133734253', '2133734253please'])(
    'finds a phone number that touches a word: %j',
    (text) => {
      expect(noteAfter(text)).toMatch(/^(?:nr|tel|phone)?\[phone\](?:please|x12)?$/);
      expect(noteAfter(text, redactPersonalData())).toMatch(/^(?:nr|tel|phone)?\[phone\](?:please|x12)?$/);
    },
  );

  it.each([
    ...[
      'ann.lee＠example.com',
      'ann.lee﹫example.com',
      'ann.lee@example．com',
      'ann.lee@example。com',
      'ann.lee @ example.com',
    ],
    ...[
      'ann.lee@my_shop.example.com',
      'ann.lee@exam\u200bple.com',
      'ann.lee@ex\u00adample.com',
      'ann.lee@cafe\u0301.fr',
    ],
    ...['ann.lee@दिल्ली.com', 'ann.lee\\u0040example.com', 'ann.lee%2540example.com', 'ann.lee&amp;#64;example.com'],
    ...['ann=40example.com', "'ann'@example.com", 'ann@@example.com', 'ann @example.com', 'ann@ example.com'],
    ...[
      'ann.lee@example&#46;com',
      'ann.lee&commat;example&period;com',
      'ann.lee@<wbr>exam<b>ple</b>.com',
      'ann%2Elee%40example%2Ecom',
    ],
    ...['ann.lee\\x40example.com', 'ann.lee\\\\u0040example.com', 'ａｎｎ@example.com', '&lt;ann.lee@example.com&gt;'],
  ])('finds the e-mail address %j', (address) => {
    expect(noteAfter(`to ${address} now`)).toMatch(/^to (?:&lt;)?\[email\](?:&gt;)? now$/);
    expect(noteAfter(JSON.stringify({ to: address, deep: JSON.stringify([address]) }))).not.toMatch(/ple|fr|com/);
  });

  it('takes a number for a time only in a field that is named like one', () => {
    const redact = redactPersonalData();
    const event = { type: 'X', phone: 1_764_192_610_123, startedAt: 1_764_192_610_123, event_time: 1_764_192_610 };
    expect(redact({ ...event, sms: [1_764_192_610_123], at: 491_512_345_678_900 })).toEqual({
      ...event,
      phone: '[phone]',
      sms: ['[phone]'],
      at: '[phone]',
    });
  });

  it.each([
    ...[
      '550e8400-e29b-41d4-a716-446655440000',
      '2026-01-31T09:30:00.123456Z',
      '2026-01-31 09:30:00,123 10:45:12',
      'score 0.8123456',
    ],
    ...[
      'version 1.12.3-rc.1',
      '507f1f77bcf86cd799439011',
      '31/01/2026 09:30',
      '$1,234,567.89',
      'a1b2c3d4e5f61234567',
      '50%25 off &amp; more',
    ],
    ...['please ask @ann and @bob.smith', 'cc @bob.smith', '52.520008,13.404954', '[-52.520008, 13.404954]'],
    ...['on 31.01.2026 at 9', '192.168.100.200:8080', '1234567 €', '€ 1234567.50', 'from 2025-2026', '2025 – 2026'],
    ...['C:\\new\\users', 'deadbeef1234567890', '<p class="x1">4 of 12</p>'],
  ])('leaves %j', (text) => {
    expect(noteAfter(text)).toBe(text);
    expect(noteAfter(text, redactPersonalData())).toBe(text);
  });

  it('loses no field when thousands become equal, and takes a time that grows with them only', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => [`a${index}@example.com`, index]);
    const startedAt = process.cpuUsage().user;
    expect(Object.keys(noteAfter(Object.fromEntries(names)) as object)).toHaveLength(20_000);
    expect((process.cpuUsage().user - startedAt) / 1000).toBeLessThan(2000);
  });

  const hex = (char: string): string => (char.codePointAt(0) ?? 0).toString(16);
  const encodings: readonly ((char: string) => string)[] = [
    (char) => char,
    (char) => String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0),
    (char) => `&#${char.codePointAt(0)};`,
    (char) => `&amp;#x0${hex(char)};`,
    (char) => `%${hex(char)}`,
    (char) => `%25${hex(char)}`,
    (char) => `\\u00${hex(char)}`,
    (char) => `\\\\x${hex(char)}`,
    (char) => `${char}\ufe0f\u20e3`,
    (char) => `\u2063${char}`,
  ];
  const encoded = (text: string): fc.Arbitrary<string> =>
    fc
      .tuple(...Array.from(text, (char) => fc.constantFrom(...encodings).map((encode) => encode(char))))
      .map((all) => all.join(''));
  const word = fc.stringMatching(/^[a-zäß]{1,8}$/);
  const words = fc.array(word, { minLength: 1 }).map((all) => all.join(' '));

  it('leaves nothing of a number, whatever separates and encodes its digits', () => {
    const number = fc.constantFrom('4111111111111111', '378282246310005', '6011000990139424', '2133734253');
    const separator = fc.oneof(fc.constant(''), fc.constantFrom(...phones));
    const spread = number.chain((digits) =>
      fc
        .tuple(...Array.from(digits, (digit) => fc.tuple(encoded(digit), separator)))
        .map((all) => ({ digits, text: all.flat().slice(0, -1).join('') })),
    );
    fc.assert(
      fc.property(words, spread, words, (before, { digits, text }, after) => {
        for (const redact of [withFinder(), redactPersonalData()]) {
          const left = String(noteAfter(`${before} ${text} ${after}`, redact));
          expect(left.startsWith(before) && left.endsWith(after), left).toBe(true);
          expect(left.slice(before.length, -after.length)).toContain(digits.length > 10 ? '[card]' : '[phone]');
          expect(left).not.toMatch(/\d/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('decodes a code before it removes what stands behind it', () => {
    const text = '4%253111\u200b11\u200b1\u200b111<i></i>1\u200b11\u200b1\u200b11';
    expect(noteAfter(`my card ${text} please`, redactPersonalData())).toBe('my card [card] please');
  });

  it('leaves nothing of an address, whatever encodes its characters', () => {
    const address = fc.constantFrom('ann.lee@example.org', 'x_y+z@my-shop.example.co.uk').chain(encoded);
    fc.assert(
      fc.property(words, address, words, (before, text, after) => {
        expect(noteAfter(`${before} ${text} ${after}`)).toMatch(/^[a-zäß ]+ (?:\u2063)?\[email\] [a-zäß ]+$/);
      }),
      { numRuns: 300 },
    );
  });

  it('changes nothing of a text with less than seven digits and no @', () => {
    const sign = fc.constantFrom(
      '&amp;',
      '%20',
      '\\n',
      '<b>',
      '</b>',
      ' ',
      '\u00a0',
      '&#38;',
      '12',
      ':',
      '\ufe0f',
      '"',
      '٣',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, sign), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        fc.pre((text.match(/\p{Nd}/gu) ?? []).length < 7);
        expect(noteAfter(text)).toBe(text);
        expect(noteAfter(text, redactPersonalData())).toBe(text);
      }),
    );
  });

  it('takes a time that grows with the text only, whatever the text', () => {
    const parts = [
      ...[' @', 'a @b.', "'a'@", '@@', '=40', 'a=40', '1.', '1.1,', '€1', '1€', '2025-2026 ', '1x', '$'],
      ...[
        '&amp;',
        '&',
        '%25',
        '%',
        '\\',
        '\\u',
        '<',
        '<b',
        '<b>',
        '1,',
        '1 ',
        '1:',
        '11:11 ',
        '2026-01-31 ',
        '0.1',
        "a'",
        'a @ ',
        '"',
      ],
      ...[
        '1a',
        'a1',
        'ab-1',
        'nr213373425',
        '\u200b',
        '\ufe0f1',
        '٣',
        'a@b.',
        ' ',
        '\n ',
        '(',
        '+1',
        '://',
        '=',
        'cookie:a=',
        'password=',
      ],
    ];
    for (const part of parts) {
      const note = part.repeat(100_000 / part.length);
      const startedAt = process.cpuUsage().user;
      redactPersonalData()({ type: 'X', note, interactionId: 'i', text: `${note}x` });
      expect((process.cpuUsage().user - startedAt) / 1000, part).toBeLessThan(2000);
    }
  });
});
