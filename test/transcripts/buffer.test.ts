import { describe, expect, it, vi } from 'vitest';
import { ClosedError, ConfigurationError } from 'agent-assist-sdk';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { FakeClock } from '../helpers/fake-clock.js';
import { setup, rethrow } from './set-up.js';

it('gives each question an id of its own, and what JSON can carry to another process', () => {
  const { buffer, questions } = setup();
  const said = { interactionId: 'a', text: 'one', speaker: 'customer', sequence: 1, timestamp: 5, isFinal: true };
  buffer.add(said);
  buffer.flush();
  buffer.add({ ...said, text: 'two', sequence: 2 });
  buffer.flush();
  const [first, second] = questions;
  expect(first?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(second?.id).not.toBe(first?.id);
  expect(JSON.parse(JSON.stringify(questions))).toEqual(questions);
});

describe('a question ends', () => {
  it('after a pause of 3 s, not before', async () => {
    const { clock, say, told } = setup();
    say('my card');
    await clock.advance(2999);
    say('was charged twice');
    await clock.advance(2999);
    expect(told()).toEqual([]);
    await clock.advance(1);
    expect(told()).toEqual([['a', 'my card was charged twice', 'pause']]);
  });

  it('10 s after its first fragment although the speech goes on', async () => {
    const { clock, say, told } = setup();
    for (let second = 0; second < 10; second += 1) {
      say(String(second));
      await clock.advance(1000);
    }
    expect(told()).toEqual([['a', '0 1 2 3 4 5 6 7 8 9', 'max-wait']]);
    say('ten');
    await clock.advance(3000);
    expect(told()).toEqual([['a', 'ten', 'pause']]);
  });

  it.each(['AGENT_SILENT', 'CUSTOMER_SILENT', 'TURN_END'])('at once on %s, for that interaction only', (state) => {
    const { buffer, say, told } = setup();
    say('one', 'a');
    say('two', 'b');
    buffer.state({ interactionId: 'a', state });
    buffer.state({ interactionId: 'a', state });
    expect(told()).toEqual([['a', 'one', 'state']]);
  });

  it('on no other state', () => {
    const { buffer, say, told } = setup();
    say('one');
    buffer.state({ interactionId: 'a', state: 'AGENT_SPEAKING' });
    expect(told()).toEqual([]);
  });

  it('on demand, for one interaction or all', () => {
    const { buffer, say, told } = setup();
    for (const id of ['a', 'b', 'c']) say('hello', id);
    buffer.flush('b');
    expect(told()).toEqual([['b', 'hello', 'demand']]);
    buffer.flush();
    expect(told()).toEqual([
      ['a', 'hello', 'demand'],
      ['c', 'hello', 'demand'],
    ]);
    buffer.flush();
    expect(told()).toEqual([]);
  });

  it('when the buffer is closed, which waits for what onFlush returned', async () => {
    const gate = Promise.withResolvers<undefined>();
    const flushed: string[] = [];
    const clock = new FakeClock();
    const buffer = new TranscriptBuffer({
      clock,
      onFlush: async ({ text, reason }) => {
        await gate.promise;
        flushed.push(`${text} ${reason}`);
      },
      onError: rethrow,
    });
    buffer.add({ interactionId: 'a', text: 'last words' });
    const closed = buffer.close();
    // Only the limit of `onFlush`.
    expect(clock.pendingDelays).toEqual([300_000]);
    let isClosed = false;
    void closed.then(() => (isClosed = true));
    await clock.advance(60_000);
    expect(isClosed).toBe(false);
    gate.resolve(undefined);
    await closed;
    expect(flushed).toEqual(['last words closed']);
    expect(() => buffer.add({ interactionId: 'a', text: 'too late' })).toThrow(ClosedError);
  });

  it('by its deadline also when a busy process runs the timer late', async () => {
    const { clock, say, told } = setup();
    const late = vi.spyOn(clock, 'setTimeout').mockReturnValue('a timer that never fires');
    say('first');
    await clock.advance(3000);
    say('second');
    expect(told()).toEqual([['a', 'first', 'pause']]);
    late.mockRestore();
  });
});

describe('limits', () => {
  it('ends the question before a fragment that would lead beyond the characters', () => {
    const { say, told } = setup({ maxCharacters: 10 });
    say('12345');
    say('6789');
    expect(told()).toEqual([['a', '12345 6789', 'capacity']]);
    say('12345');
    say('67890');
    expect(told()).toEqual([['a', '12345', 'capacity']]);
  });

  it('gives a fragment that alone is too long at once and uncut', () => {
    const { say, told, buffer } = setup({ maxCharacters: 10 });
    say('short');
    say('x'.repeat(25));
    expect(told()).toEqual([
      ['a', 'short', 'capacity'],
      ['a', 'x'.repeat(25), 'capacity'],
    ]);
    expect(buffer.size).toBe(0);
  });

  it('flushes the interaction that has waited longest when too many hold text', async () => {
    const { clock, say, told, buffer } = setup({ maxInteractions: 2 });
    say('first', 'a');
    await clock.advance(10);
    say('second', 'b');
    say('more', 'a');
    say('third', 'c');
    expect(told()).toEqual([['a', 'first more', 'capacity']]);
    expect(buffer.size).toBe(2);
  });

  it.each([
    { pauseMs: 0 },
    { pauseMs: NaN },
    { maxWaitMs: -1 },
    { maxCharacters: 0 },
    { maxInteractions: 0 },
    { pauseMs: 11_000 },
  ])('refuses %j', (options) => {
    expect(() => setup(options)).toThrow(ConfigurationError);
  });
});

it('passes over blank fragments, which do not lengthen a pause either', async () => {
  const { clock, say, told, buffer } = setup();
  say(' \n');
  expect(buffer.size).toBe(0);
  say('  spoken ');
  await clock.advance(2000);
  say('');
  await clock.advance(1000);
  expect(told()).toEqual([['a', 'spoken', 'pause']]);
});

it('takes a single space between two words for that, and no other blank fragment', () => {
  const { say, told, questions, buffer } = setup();
  for (const text of ['one', '  ', 'two', '\n', 'three']) say(text);
  buffer.flush();
  expect(told()).toEqual([['a', 'one two three', 'demand']]);
  for (const text of ['one', ' ', 'two']) say(text);
  buffer.flush();
  expect(questions[0]?.fragments.map(({ text }) => text)).toEqual(['one', 'two']);
});

it('hands the fragments on as they came, speaker and time included', () => {
  const { buffer, questions } = setup();
  const fragments = [
    {
      type: 'TRANSCRIPT_FRAGMENT',
      interactionId: 'a',
      text: 'hello',
      speaker: 'customer',
      timestamp: '2026-01-01T00:00:00Z',
      channel: 2,
    },
    { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'a', text: 'good morning' },
  ];
  for (const fragment of fragments) buffer.add(fragment);
  buffer.flush('a');
  expect(questions[0]?.fragments).toStrictEqual(fragments);
  expect(questions[0]?.fragments[0]).toBe(fragments[0]);
});

describe('a failing onFlush', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no luck');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no luck'))],
  ])('that %s is reported and stops nothing', async (_, onFlush) => {
    const onError = vi.fn();
    const { clock, say, buffer } = setup({ onFlush, onError });
    say('one', 'a');
    say('two', 'b');
    await clock.advance(3000);
    expect(onError.mock.calls).toMatchObject([
      [new Error('no luck'), { interactionId: 'a', question: { text: 'one', reason: 'pause' } }],
      [new Error('no luck'), { interactionId: 'b', question: { text: 'two', reason: 'pause' } }],
    ]);
    await buffer[Symbol.asyncDispose]();
    expect(onError).toHaveBeenCalledTimes(2);
  });
});

it.each([
  ['throws', rethrow],
  ['rejects', (error: unknown) => Promise.reject(error as Error)],
])('rejects at its end with the first error of an onError that %s', async (_, onError) => {
  let count = 0;
  const { say, buffer } = setup({
    onFlush: () => {
      throw new Error(`no luck ${(count += 1)}`);
    },
    onError,
  });
  say('one', 'a');
  say('two', 'b');
  buffer.flush();
  await expect(buffer[Symbol.asyncDispose]()).rejects.toThrow('no luck 1');
  expect(buffer.size).toBe(0);
});

it('refuses an option that does not exist, and names the nearest', () => {
  const options: object = { maxWaitMS: 1 };
  expect(() => setup(options)).toThrow(
    new ConfigurationError(`TranscriptBuffer: unknown option "maxWaitMS"; did you mean 'maxWaitMs'?`),
  );
});

describe('onFlush may use the buffer', () => {
  it('and what it adds becomes a question of its own', async () => {
    const clock = new FakeClock();
    const texts: string[] = [];
    const buffer: TranscriptBuffer = new TranscriptBuffer({
      clock,
      onFlush: ({ text }) => {
        texts.push(text);
        if (texts.length === 1) {
          buffer.flush();
          buffer.add({ interactionId: 'b', text: 'added' });
        }
      },
      onError: rethrow,
    });
    buffer.add({ interactionId: 'a', text: 'one' });
    buffer.add({ interactionId: 'b', text: 'two' });
    buffer.flush();
    expect(texts).toEqual(['one', 'two']);
    await clock.advance(3000);
    expect(texts).toEqual(['one', 'two', 'added']);
  });

  it('and disposing it loses nothing', () => {
    const texts: string[] = [];
    const buffer: TranscriptBuffer = new TranscriptBuffer({
      maxCharacters: 5,
      onFlush: ({ text }) => {
        texts.push(text);
        void buffer[Symbol.asyncDispose]();
      },
      onError: rethrow,
    });
    buffer.add({ interactionId: 'a', text: 'one' });
    buffer.add({ interactionId: 'a', text: 'two' });
    expect(texts).toEqual(['one', 'two']);
  });
});

it('serves ten thousand interactions with one timer, and none when nothing is held', async () => {
  const { clock, say, buffer, questions } = setup();
  const setTimer = vi.spyOn(clock, 'setTimeout');
  for (let index = 0; index < 10_000; index += 1) say('hello', String(index));
  expect(clock.pendingDelays).toEqual([3000]);
  expect(setTimer).toHaveBeenCalledTimes(1);
  await clock.advance(3000);
  expect(questions).toHaveLength(10_000);
  expect(buffer.size).toBe(0);
  expect(clock.pendingDelays).toEqual([]);
});
