import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { TranscriptBuffer, type TranscriptFragment, type TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import { startTenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';

type Said = Omit<TranscriptFragment, 'interactionId'>;

function setup(options: Partial<ConstructorParameters<typeof TranscriptBuffer>[0]> = {}) {
  const clock = new FakeClock();
  const questions: TranscriptQuestion[] = [];
  const onError = vi.fn();
  const buffer = new TranscriptBuffer({ clock, onFlush: (question) => questions.push(question), onError, ...options });
  const hear = (...fragments: readonly (Said | string)[]) => {
    for (const said of fragments)
      buffer.add({ interactionId: 'a', ...(typeof said === 'string' ? { text: said } : said) });
  };
  const texts = () => {
    buffer.flush();
    return questions.splice(0).map(({ text }) => text);
  };
  return { clock, buffer, questions, hear, texts, onError };
}

const interim = (text: string, rest: Partial<Said> = {}): Said => ({ text, isFinal: false, ...rest });
const final = (text: string, rest: Partial<Said> = {}): Said => ({ text, isFinal: true, ...rest });

describe('interim text', () => {
  it('is replaced by what follows it', () => {
    const { hear, texts, buffer, questions } = setup();
    hear(interim('I'), interim('I want'), interim('I wand a'), final('I want a refund'), interim('please'));
    buffer.flush();
    expect(questions[0]?.fragments.map(({ text }) => text)).toEqual(['I want a refund', 'please']);
    expect(texts()).toEqual(['I want a refund please']);
  });

  it('that a question had already is not in the next one again', async () => {
    const { clock, hear, texts, questions } = setup();
    hear(interim('i want a'));
    await clock.advance(3000);
    hear(interim('I want a refund for my'));
    await clock.advance(3000);
    hear(final('I want a refund for my order'), 'thanks');
    expect(questions.splice(0).map(({ text }) => text)).toEqual(['i want a', 'refund for my']);
    expect(texts()).toEqual(['order thanks']);
    hear(interim('bye'));
    await clock.advance(3000);
    hear(final('Bye.'));
    expect(texts()).toEqual(['bye']);
  });

  it.each([
    ['I need can', 'I need cancellation', 'cancellation'],
    ['I can', "I can't pay now", "can't pay now"],
    ['refund', 'refunded', 'refunded'],
    ['send an e', 'send an e-mail', 'e-mail'],
    ['es kostet 1', 'es kostet 1,5 Euro', '1,5 Euro'],
    ['我要退', '我要退款', '款'],
    ['ขอคืน', 'ขอคืนเงิน', 'เงิน'],
    ['well', 'well, no', ', no'],
    ['hello can i get', 'Hello, can I get a refund?', 'a refund?'],
    ['quiero un reembolso', '¿Quiero un reembolso de mi pedido?', 'de mi pedido?'],
    ['i dont have', "I don't have it.", 'it.'],
    ['the order is 1 5', 'The order is 1.5 kg', 'kg'],
    ['我要退款', '我要退款，谢谢。', '，谢谢。'],
  ])('that a question had already, gives only new and whole words: %s, %s', async (begun, said, rest) => {
    const { clock, hear, texts } = setup();
    hear(interim(begun));
    await clock.advance(3000);
    hear(final(said));
    expect(texts()).toEqual([begun, rest]);
  });

  it('is given again whole when it was corrected', async () => {
    const { clock, hear, texts } = setup();
    hear(interim('I want a fund'));
    await clock.advance(3000);
    hear(final('I want a refund'));
    expect(texts()).toEqual(['I want a fund', 'I want a refund']);
  });

  it('is taken back by a final text of nothing', () => {
    const { hear, texts } = setup();
    hear(interim('uh'), final(''));
    expect(texts()).toEqual([]);
    hear('one', interim('uh'), final(' '), 'two');
    expect(texts()).toEqual(['one two']);
    hear('one ', interim('uh'), final(''), ' two');
    expect(texts()).toEqual(['one two']);
  });

  it('that a question had already is recognized behind a space', async () => {
    const { clock, hear, texts, questions } = setup();
    hear(interim('i want a'));
    await clock.advance(3000);
    expect(questions.splice(0)).toHaveLength(1);
    hear(final(' I want a refund'));
    expect(texts()).toEqual(['refund']);
  });

  it('does not count towards the characters once it is replaced', () => {
    const { hear, texts } = setup({ maxCharacters: 20 });
    hear(interim('123456789'), interim('1234567890123'), final('123456789012345'));
    expect(texts()).toEqual(['123456789012345']);
  });
});

describe('sequence numbers', () => {
  it('put late fragments into their place and drop what came already', () => {
    const { hear, texts } = setup();
    const fragments = ['I', 'want', 'a', 'refund'].map((text, sequence) => ({ text, sequence }));
    const [first, second, third, fourth] = fragments as [Said, Said, Said, Said];
    hear(second, fourth, second, first, third, fourth);
    expect(texts()).toEqual(['I want a refund']);
    hear(first, fourth, { text: 'now', sequence: 4 }, third);
    expect(texts()).toEqual(['now']);
  });

  it('let a fragment that is late for its question into the next one', () => {
    const { hear, texts } = setup();
    hear({ text: 'one', sequence: 1 }, { text: 'three', sequence: 3 });
    expect(texts()).toEqual(['one three']);
    hear({ text: 'four', sequence: 4 }, { text: 'two', sequence: 2 }, interim('tw', { sequence: 2 }));
    expect(texts()).toEqual(['two four']);
  });

  it('may number utterances as well as fragments', () => {
    const { hear, texts } = setup();
    hear(interim('I', { sequence: 1 }), interim('I want', { sequence: 1 }), final('I want it', { sequence: 1 }));
    hear(interim('I want', { sequence: 1 }), interim('now', { sequence: 2 }));
    expect(texts()).toEqual(['I want it now']);
    hear(final('I want it', { sequence: 1 }), final('now or never', { sequence: 2 }));
    expect(texts()).toEqual(['or never']);
  });

  it('replace a final text by its correction', () => {
    const { hear, texts } = setup();
    hear(
      final('I want a fund', { sequence: 1 }),
      final('please', { sequence: 2 }),
      final('I want a refund', { sequence: 1 }),
    );
    expect(texts()).toEqual(['I want a refund please']);
  });

  it('do not lengthen a pause by what is dropped', async () => {
    const { clock, hear, questions } = setup();
    hear({ text: 'one', sequence: 1 });
    await clock.advance(2000);
    hear({ text: 'one', sequence: 1 });
    await clock.advance(1000);
    expect(questions.map(({ text, reason }) => [text, reason])).toEqual([['one', 'pause']]);
  });

  it('do not lengthen a pause by interim text that is late, but by a correction', async () => {
    const { clock, hear, questions } = setup();
    hear(final('one', { sequence: 1 }));
    await clock.advance(2000);
    hear(interim('on', { sequence: 1 }));
    await clock.advance(1000);
    expect(questions.splice(0).map(({ text }) => text)).toEqual(['one']);
    hear(final('a fund', { sequence: 2 }));
    await clock.advance(2000);
    hear(final('a refund', { sequence: 2 }));
    await clock.advance(2000);
    expect(questions).toEqual([]);
    await clock.advance(1000);
    expect(questions.map(({ text, reason }) => [text, reason])).toEqual([['a refund', 'pause']]);
  });

  it.each([
    ['known', 40],
    ['far below those that are remembered', 200],
  ])('of a recognizer that starts again lose nothing, though they are %s', (_, count) => {
    const { hear, texts } = setup();
    const at = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();
    const said = (word: string, first: number): Said[] =>
      Array.from({ length: count }, (_unused, sequence) =>
        final(`${word}${sequence}`, { sequence, timestamp: at(first + sequence) }),
      );
    const [before, after] = [said('before', 0), said('after', count)];
    hear(...before);
    texts();
    hear(...after.slice(0, 3));
    expect(texts()).toEqual(['after0 after1 after2']);
    hear(...before.slice(-3), ...after.slice(1, 5));
    expect(texts()).toEqual(['after3 after4']);
    hear(...after.slice(5), final('last', { sequence: count, timestamp: at(2 * count) }));
    expect(texts()).toEqual([[...after.slice(5).map(({ text }) => text), 'last'].join(' ')]);
  });

  it('that came before the recognizer started again are still remembered', () => {
    const { hear, texts } = setup();
    const said = Array.from({ length: 200 }, (_, second) =>
      final(`word${second}`, { sequence: second < 100 ? second : second - 100, timestamp: second * 1000 }),
    );
    hear(...said.slice(0, 100));
    texts();
    for (const [index, fragment] of said.slice(100).entries()) {
      hear(fragment, ...said.slice(index, 100 + index));
      expect(texts()).toEqual([fragment.text]);
    }
  });

  it('are remembered in a bounded number, so that what is far too late is dropped', () => {
    const { hear, texts } = setup();
    for (let sequence = 10; sequence < 200; sequence += 1) hear({ text: 'x', sequence });
    texts();
    hear({ text: 'lost', sequence: 9 }, { text: 'kept', sequence: 200 });
    expect(texts()).toEqual(['kept']);
  });
});

describe('a time without a sequence number', () => {
  it('drops what came already, in this question or the one before', async () => {
    const { clock, hear, texts } = setup();
    const said = [
      final('I want', { timestamp: 1 }),
      final('a refund', { timestamp: '2' }),
      { text: 'now', timestamp: 3 },
    ];
    hear(...said, ...said, interim('a refund', { timestamp: '2' }));
    expect(texts()).toEqual(['I want a refund now']);
    hear(...said, 'please');
    await clock.advance(3000);
    expect(texts()).toEqual(['please']);
  });

  it('keeps the same text of another time or speaker, and without a time', () => {
    const { hear, texts } = setup();
    hear(final('no', { timestamp: 1 }), final('no', { timestamp: 2 }), 'no', 'no');
    expect(texts()).toEqual(['no no no no']);
    hear(final('yes', { timestamp: 1, speaker: 'a' }), final('yes', { timestamp: 1, speaker: 'b' }));
    expect(texts()).toEqual(['yes', 'yes']);
  });

  it('tells nothing when a whole utterance has it', () => {
    const { hear, texts } = setup();
    hear(...['the cat', 'and', 'the dog', 'and', 'me'].map((text) => final(text, { timestamp: 1 })));
    expect(texts()).toEqual(['the cat and the dog and me']);
  });

  it('lets the final text replace equal interim text', () => {
    const { hear, buffer, questions } = setup();
    hear(interim('hello', { timestamp: 1 }), final('hello', { timestamp: 1 }), interim('hello', { timestamp: 1 }));
    buffer.flush();
    expect(questions.map(({ fragments }) => fragments.map(({ isFinal }) => isFinal))).toEqual([[true]]);
  });
});

describe('speakers', () => {
  it('have questions of their own, though they speak at once', async () => {
    const { clock, hear, questions, buffer } = setup();
    hear({ text: 'how may', speaker: 'agent' }, { text: 'I want', speaker: 'customer' });
    hear({ text: 'I help', speaker: 'agent' }, { text: 'a refund', speaker: 'customer' }, 'please');
    expect(buffer.size).toBe(1);
    await clock.advance(3000);
    expect(questions.map(({ speaker, text, reason }) => [speaker, text, reason])).toEqual([
      ['agent', 'how may I help', 'pause'],
      ['customer', 'I want a refund please', 'pause'],
    ]);
    expect(buffer.size).toBe(0);
    hear('who is that');
    buffer.flush('a');
    expect(questions.at(-1)).not.toHaveProperty('speaker');
  });

  it('of one interaction are not without number', () => {
    const { hear, questions, buffer } = setup();
    for (let index = 0; index < 40; index += 1) hear({ text: 'x', speaker: `speaker ${index}` });
    expect(questions.map(({ speaker, reason }) => [speaker, reason])).toEqual(
      Array.from({ length: 8 }, (_, index) => [`speaker ${index}`, 'capacity']),
    );
    buffer.state({ interactionId: 'a', state: 'TURN_END' });
    expect(questions).toHaveLength(40);
  });
});

describe('fragments are joined', () => {
  it.each([
    [['I wan', 't a', ' ref', 'und'], 'I want a refund'],
    [['I ', 'want ', 'a re', 'fund'], 'I want a refund'],
    [['I', ' ', 'want'], 'I want'],
    [['I', ' ', 'w', 'a', 'n', 't', '', ' ', 'it'], 'I want it'],
    [[' I want ', ' a refund '], 'I want a refund'],
    [['I want', 'a refund'], 'I want a refund'],
    [['我想要', '退款', '。', '谢谢'], '我想要退款。谢谢'],
    [['私の', 'iPhone', 'が壊れた'], '私のiPhoneが壊れた'],
    [['ฉันต้องการ', 'เงินคืน'], 'ฉันต้องการเงินคืน'],
    [['ซื้อ', 'iPhone'], 'ซื้อ iPhone'],
    [['환불을', '원해요'], '환불을 원해요'],
    [['أريد', 'استرداد'], 'أريد استرداد'],
    [['refund', ',', 'please', '.'], 'refund, please.'],
    [['really', '?!', 'yes', '…', '(', 'sure', ')', '.'], 'really?! yes… (sure).'],
    [['¿', 'qué', '?', '“', 'eso', '”', '100', '%'], '¿qué? “eso” 100%'],
    [['use', '.NET', 'or', ':)'], 'use .NET or :)'],
    [['हाँ', '।', 'ठीक'], 'हाँ। ठीक'],
    [['hello', '🎧', '𠮷野家'], 'hello 🎧𠮷野家'],
  ])('%j as %j', (fragments, text) => {
    const { hear, texts } = setup();
    hear(...fragments);
    expect(texts()).toEqual([text]);
  });
});

describe('redact', () => {
  const redact = (text: string): string => text.replace(/\b(?:\d[ -]?){13,19}\b/g, '[card] ');

  it('takes out what must not be kept, also from fields that it does not know', () => {
    const { hear, questions, buffer } = setup({ redact });
    hear({ text: 'it is 4111 1111 1111 1111', speaker: 'customer', words: ['4111'] } as Said, 'thanks');
    buffer.flush();
    expect(questions[0]?.text).toBe('it is [card] thanks');
    expect(questions[0]?.fragments).toHaveLength(2);
    expect(JSON.stringify(questions)).not.toContain('4111');
  });

  it('finds a number that is spread over fragments', () => {
    const { hear, questions, buffer } = setup({ redact });
    hear('it is 4111 1111', '1111 1111', 'thanks');
    buffer.flush();
    expect(questions[0]?.text).toBe('it is [card] thanks');
    expect(JSON.stringify(questions)).not.toContain('1111');
  });

  it('drops the text when it throws, and reports nothing of it', () => {
    const { hear, texts, onError } = setup({
      redact: (text) => {
        if (text.includes('4111')) throw new Error(`cannot read ${text}`);
        return text;
      },
    });
    hear('hello', 'it is 4111 1111 1111 1111');
    expect(texts()).toEqual(['hello']);
    expect(onError.mock.calls).toEqual([
      [new ConfigurationError('redact: failed with Error; its text was dropped'), { interactionId: 'a' }],
    ]);
    expect(inspect(onError.mock.calls, { depth: 9 })).not.toContain('4111');
  });

  it.each([
    () => undefined,
    () => null,
    () => 7,
    async () => Promise.resolve('hello'),
    async () => Promise.reject(new Error('4111')),
  ])('drops the text when it is %s, and says so', (redact) => {
    const { hear, texts, onError } = setup({ redact: redact as never });
    hear('hello');
    expect(texts()).toEqual([]);
    expect(onError.mock.calls).toEqual([
      [new ConfigurationError('redact: expected a string as its result; its text was dropped'), { interactionId: 'a' }],
    ]);
  });

  it('holds nothing where it leaves nothing', () => {
    const { hear, buffer } = setup({ redact: () => '' });
    hear('4111 1111 1111 1111');
    expect(buffer.size).toBe(0);
  });

  it('is a function', () => {
    expect(() => setup({ redact: 'cards' as never })).toThrow(ConfigurationError);
  });
});

describe('whatever the recognizer does', () => {
  const word = fc.constantFrom('I', 'want', 'a', 'refund', 'for', 'Zoë', 'now', '12');
  const utterances = fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 });

  /** Utterances as a recognizer sends them: interim guesses, then the final text. */
  const recognized = (spoken: readonly (readonly string[])[], guesses: readonly number[]): Said[] =>
    spoken
      .flatMap((words, index): Said[] => [
        ...Array.from({ length: guesses[index % guesses.length] ?? 0 }, (_, length) =>
          interim(`${words.slice(0, length + 1).join(' ')}?`),
        ),
        final(words.join(' ')),
      ])
      .map((said, sequence) => ({ ...said, sequence }));

  it('the text is what was spoken, for any order of its fragments and any duplicates', () => {
    fc.assert(
      fc.property(
        utterances,
        fc.array(fc.nat(4), { minLength: 1 }),
        fc.infiniteStream(fc.nat(1_000_000)),
        (spoken, guesses, random) => {
          const next = (): number => random.next().value as number;
          const sent = recognized(spoken, guesses).flatMap((said) => (next() % 3 === 0 ? [said, said] : [said]));
          const shuffled = sent.map((said) => [next(), said] as const).sort(([a], [b]) => a - b);
          const { hear, texts } = setup({ maxCharacters: 100_000 });
          hear(...shuffled.map(([, said]) => said));
          expect(texts()).toEqual([spoken.flat().join(' ')]);
        },
      ),
    );
  });

  it('no word is lost or given twice when questions end in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        utterances,
        fc.array(fc.nat(4), { minLength: 1 }),
        fc.array(fc.constantFrom(0, 100, 3000, 9000), { minLength: 1 }),
        fc.boolean(),
        async (spoken, guesses, waits, numbered) => {
          const { clock, hear, questions, buffer } = setup();
          const sent = recognized(spoken, guesses);
          for (const [index, { sequence, text, ...said }] of sent.entries()) {
            const cleaned = text.replace('?', '');
            hear({ ...said, text: cleaned, ...(numbered ? { sequence } : {}) });
            await clock.advance(waits[index % waits.length] ?? 0);
          }
          await buffer.close();
          expect(questions.map(({ text }) => text).join(' ')).toBe(spoken.flat().join(' '));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a text that is cut anywhere and carries its spaces is put together as it was', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 2, maxLength: 12 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        (words, cuts) => {
          const text = words.join(' ');
          const places = [...new Set([0, text.indexOf(' '), ...cuts.filter((cut) => cut < text.length)])].sort(
            (a, b) => a - b,
          );
          const { hear, texts } = setup();
          hear(...places.map((place, index) => text.slice(place, places[index + 1])));
          expect(texts()).toEqual([text]);
        },
      ),
    );
  });
});

it('understands what the testing tenant plays with interim text', async () => {
  await using tenant = await startTenant();
  const turns = [
    { speaker: 'agent', text: 'how may I help you today' },
    { speaker: 'customer', text: 'I want a refund for my last order please' },
  ] as const;
  const { events } = await tenant.play({ id: 'a', turns }, { speed: Infinity, interim: true });
  const { buffer, questions } = setup();
  for (const { event } of events) if (event.type === 'TRANSCRIPT_FRAGMENT') buffer.add(event as never);
  buffer.flush();
  expect(questions.map(({ speaker, text }) => ({ speaker, text }))).toEqual(turns);
  expect(events.filter(({ event }) => event['isFinal'] === false)).toHaveLength(15);
});

it('remembers no more speakers than it may hold', () => {
  const { buffer, questions } = setup({ maxInteractions: 2 });
  const say = (interactionId: string) => {
    buffer.add({ interactionId, text: 'x', sequence: 1 });
    buffer.flush();
  };
  for (const id of ['a', 'b', 'a', 'b', 'c', 'c', 'b', 'a']) say(id);
  expect(questions.map(({ interactionId }) => interactionId)).toEqual(['a', 'b', 'c', 'a']);
});
