import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AssistStream, AuthClient, ConfigurationError, RecordingError } from 'agent-assist-sdk';
import {
  readRecording,
  recordStream,
  type RecordedEvent,
  type RecordStreamOptions,
} from 'agent-assist-sdk/conversations';
import { startTenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../../helpers/fake-clock.js';
import { filesOf, HandStream, recordingPath } from '../helpers.js';

const asItIs = (event: RecordedEvent): RecordedEvent => event;
const said = (text: string): RecordedEvent => ({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'call-1', text });

async function recorderOn(options: Partial<RecordStreamOptions> = {}) {
  const path = await recordingPath();
  const stream = new HandStream();
  const clock = new FakeClock();
  const errors: RecordingError[] = [];
  const onError = (error: RecordingError): number => errors.push(error);
  const recorder = await recordStream(stream, path, { redact: asItIs, clock, onError, ...options });
  return { path, stream, clock, errors, recorder };
}

const eventsOf = async (path: string): Promise<unknown[]> =>
  (await Array.fromAsync(readRecording(path))).map(({ offsetMs, event }) => [offsetMs, event]);

describe('recordStream', () => {
  it('writes what a tenant sends, known and unknown events in their order', async () => {
    await using tenant = await startTenant();
    const { platform } = tenant;
    const auth = new AuthClient({ platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
    await using stream = new AssistStream({ platform, auth });
    const path = await recordingPath();
    await using recorder = await recordStream(stream, path, { redact: asItIs });
    expect(stream.eventNames).toEqual([
      ...['INTERACTION_UPDATE', 'TRANSCRIPT_FRAGMENT', 'DIALOG_STATE', 'INSIGHT_ACCEPTED', 'INSIGHT_REJECTED'],
      'unknown',
    ]);
    await stream.connect();
    const sent = [said('one'), { type: 'MOOD', level: 3 }, said('two'), { type: 'MOOD', level: 4 }];
    const arrived = Promise.withResolvers<undefined>();
    stream.on('unknown', ({ level }) => {
      if (level === 4) arrived.resolve(undefined);
    });
    tenant.stream.burst(sent);
    await arrived.promise;
    await recorder.flush();
    expect((await Array.fromAsync(readRecording(path))).map(({ event }) => event)).toEqual(sent);
    expect(recorder.counts).toEqual({ written: 4, omitted: 0, lost: 0 });
  });

  it('removes personal data unless told otherwise', async () => {
    const path = await recordingPath();
    const stream = new HandStream();
    await using recorder = await recordStream(stream, path);
    stream.emit(said('I am ann@example.com, 4111 1111 1111 1111 is my card and 213 373 4253 my phone.'));
    await recorder.flush();
    expect((await Array.fromAsync(readRecording(path))).map(({ event }) => event['text'])).toEqual([
      'I am [email], [card] is my card and [phone] my phone.',
    ]);
  });

  it('writes a header and offsets, in a file that only its owner may read', async () => {
    const { path, stream, clock, recorder } = await recorderOn();
    await clock.advance(1500);
    stream.emit(said('hello'));
    await clock.advance(250.7);
    stream.emit({ type: 'GAP', reason: 'reconnect' });
    await recorder.close();
    const { names, text } = await filesOf(path);
    expect(names).toEqual(['calls-20260101T000001.500Z.jsonl']);
    expect(text).toBe(
      '{"type":"recording","version":1,"startedAt":"2026-01-01T00:00:01.500Z"}\n' +
        '{"offsetMs":0,"event":{"type":"TRANSCRIPT_FRAGMENT","interactionId":"call-1","text":"hello"}}\n' +
        '{"offsetMs":250,"event":{"type":"GAP","reason":"reconnect"}}\n',
    );
    const { mode } = await stat(join(path, '..', names[0] ?? ''));
    expect(mode & 0o777).toBe(0o600);
    expect(stream.listeners).toBe(0);
  });

  it('writes within a tenth of a second by itself', async () => {
    const { stream, clock, recorder } = await recorderOn();
    stream.emit(said('hello'));
    expect(clock.pendingDelays).toEqual([100]);
    await clock.advance(100);
    await recorder.flush();
    expect(recorder.counts.written).toBe(1);
    await recorder.close();
    expect(clock.pendingDelays).toEqual([]);
  });

  it('begins a file for each span, and reads them as one recording whose time goes on', async () => {
    const { path, stream, clock, recorder } = await recorderOn({ spanMs: 1000 });
    for (const text of ['a', 'b', 'c', 'd']) {
      stream.emit(said(text));
      await clock.advance(600);
    }
    await recorder.close();
    const { names } = await filesOf(path);
    expect(names).toEqual(['calls-20260101T000000.000Z.jsonl', 'calls-20260101T000001.200Z.jsonl']);
    expect(await eventsOf(path)).toEqual([
      [0, said('a')],
      [600, said('b')],
      [1200, said('c')],
      [1800, said('d')],
    ]);
  });

  it('keeps all files within its limit and deletes the oldest, but nothing of others', async () => {
    const { path, stream, clock, recorder } = await recorderOn({ maxBytes: 1_048_576, spanMs: 1000 });
    const other = join(path, '..', 'calls-of-others.jsonl');
    await writeFile(other, 'mine');
    let most = 0;
    for (let second = 0; second < 60; second += 1) {
      for (let line = 0; line < 10; line += 1) stream.emit({ ...said('x'.repeat(5_000)), second });
      await clock.advance(1000);
      await recorder.flush();
      most = Math.max(most, (await filesOf(path)).text.length);
      expect(recorder.bytes).toBeLessThanOrEqual(1_048_576);
    }
    await recorder.close();
    expect(most).toBeGreaterThan(900_000);
    expect(most).toBeLessThanOrEqual(1_048_576 + 'mine'.length);
    expect(await readFile(other, 'utf8')).toBe('mine');
    const events = await Array.fromAsync(readRecording(path));
    expect(events.at(-1)?.event['second']).toBe(59);
    expect(events[0]?.event['second']).toBeGreaterThan(30);
  });

  it('counts the files of earlier runs within its limit', async () => {
    const { path, stream, clock, recorder } = await recorderOn({ maxBytes: 1_048_576 });
    for (let line = 0; line < 100; line += 1) stream.emit(said('x'.repeat(5_000)));
    await recorder.close();
    const again = await recordStream(stream, path, { redact: asItIs, maxBytes: 1_048_576, clock });
    expect(again.bytes).toBe(recorder.bytes);
    await again.close();
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('card 4111 1111 1111 1111');
      },
      'redact or secrets threw an error (TypeError)',
    ],
    [
      'returns a promise',
      (event: RecordedEvent) => Promise.reject(new Error(JSON.stringify(event))) as never,
      'redact returned a promise',
    ],
    ['returns a text', () => 'card' as never, 'redact returned something other than an event'],
    ['drops the type', () => ({}) as never, 'redact returned something other than an event'],
    [
      'returns what writes itself as a text',
      (event: RecordedEvent) => ({ ...event, toJSON: () => 'card' }),
      'redact returned something other than an event',
    ],
    [
      'returns what leaves its type out',
      ({ type }: RecordedEvent) => Object.defineProperty({ type }, 'type', { enumerable: false }),
      'redact returned something other than an event',
    ],
    [
      'nests it so deep that nobody can read it',
      (event: RecordedEvent) => ({
        ...event,
        nested: JSON.parse('['.repeat(199) + 'null' + ']'.repeat(199)) as unknown,
      }),
      'nested too deeply',
    ],
    ['adds what JSON lacks', (event: RecordedEvent) => ({ ...event, id: 1n }), 'cannot be written as JSON'],
    [
      'makes it too large',
      (event: RecordedEvent) => ({ ...event, text: 'é'.repeat(600_000) }),
      'more than 1048576 bytes',
    ],
  ])('writes nothing of an event if redact %s', async (_, redact, problem) => {
    const { path, stream, errors, recorder } = await recorderOn({ redact });
    stream.emit(said('card 4111 1111 1111 1111'));
    await recorder.close();
    expect(recorder.counts).toEqual({ written: 0, omitted: 0, lost: 1 });
    expect(errors.map(({ reason, cause }) => [reason, cause])).toEqual([['event_failed', undefined]]);
    expect(errors[0]?.message).toContain(problem);
    expect(JSON.stringify(errors)).not.toContain('4111');
    expect(await eventsOf(path)).toEqual([[0, { type: 'GAP', reason: 'event_failed' }]]);
  });

  it('marks where events were lost', async () => {
    const { path, stream, recorder } = await recorderOn({
      redact: (event) => {
        if (event['text'] === 'bad') throw new Error('bad');
        return event;
      },
    });
    for (const text of ['a', 'bad', 'bad', 'b', 'c']) stream.emit(said(text));
    await recorder.close();
    expect((await eventsOf(path)).map((pair) => (pair as unknown[])[1])).toEqual([
      said('a'),
      { type: 'GAP', reason: 'event_failed' },
      said('b'),
      said('c'),
    ]);
    expect(recorder.counts).toEqual({ written: 3, omitted: 0, lost: 2 });
  });

  it('marks a loss at its own time and for its own reason, also at the very end', async () => {
    const { path, stream, clock, recorder } = await recorderOn({
      redact: (event) => {
        if (event['text'] === 'bad') throw new Error('bad');
        return event;
      },
    });
    stream.emit(said('a'));
    await clock.advance(50);
    stream.emit(said('bad'));
    await clock.advance(20);
    stream.emit(said('b'));
    for (const text of ['bad', 'bad']) {
      await clock.advance(10);
      stream.emit(said(text));
    }
    await recorder.close();
    expect(await eventsOf(path)).toEqual([
      [0, said('a')],
      [50, { type: 'GAP', reason: 'event_failed' }],
      [70, said('b')],
      [80, { type: 'GAP', reason: 'event_failed' }],
    ]);
  });

  it('loses what memory cannot hold, marks the place, and records what comes later', async () => {
    const { path, stream, errors, recorder } = await recorderOn();
    const text = 'x'.repeat(1_000_000);
    for (let number = 1; number <= 70; number += 1) stream.emit({ ...said(text), number });
    await recorder.flush();
    stream.emit(said('later'));
    await recorder.close();
    const { written, lost } = recorder.counts;
    // 64 Mi characters wait at most.
    expect([written, lost]).toEqual([67 + 1, 3]);
    expect(errors.map(({ message }) => message)).toEqual(
      Array(3).fill(`${path}: too many events are waiting to be written`),
    );
    const events = (await Array.fromAsync(readRecording(path))).map(({ event }) => event);
    expect(events.slice(66).map(({ type, number }) => [type, number])).toEqual([
      ['TRANSCRIPT_FRAGMENT', 67],
      ['GAP', undefined],
      ['TRANSCRIPT_FRAGMENT', undefined],
    ]);
  });

  it('leaves out what redact leaves out, and changes no event of others', async () => {
    const { path, stream, recorder } = await recorderOn({
      redact: (event) => {
        if (event.type !== 'TRANSCRIPT_FRAGMENT') return undefined;
        (event as { text?: unknown }).text = '…';
        return event;
      },
    });
    const event = said('secret');
    stream.emit(event);
    stream.emit({ type: 'MOOD' });
    await recorder.close();
    expect(event['text']).toBe('secret');
    expect(await eventsOf(path)).toEqual([[0, said('…')]]);
    expect(recorder.counts).toEqual({ written: 1, omitted: 1, lost: 0 });
  });

  it('goes on in another file when the disk refuses for a while', async () => {
    const { path, stream, clock, errors, recorder } = await recorderOn();
    const folder = join(path, '..');
    stream.emit(said('a'));
    await recorder.flush();
    await rename(folder, `${folder}-gone`);
    onTestFinished(() => rm(`${folder}-gone`, { recursive: true, force: true }));
    await writeFile(folder, 'no folder');
    await clock.advance(3_600_000);
    stream.emit(said('b'));
    await expect(recorder.flush()).rejects.toThrow(RecordingError);
    stream.emit(said('c'));
    expect(errors.map(({ reason, message }) => [reason, message])).toEqual([
      ['write_failed', `${path}: cannot be written: EEXIST`],
    ]);
    expect(clock.pendingDelays).toEqual([5000]);
    await rm(folder);
    await rename(`${folder}-gone`, folder);
    await clock.advance(5000);
    await recorder.close();
    expect((await eventsOf(path)).map((pair) => (pair as unknown[])[1])).toEqual([said('a'), said('b'), said('c')]);
    expect(recorder.counts).toEqual({ written: 3, omitted: 0, lost: 0 });
  });

  it.each([
    [{ redact: 'none' }, 'redact: expected a function'],
    [{ redact: asItIs, spanMs: 0 }, 'spanMs'],
    [{ redact: asItIs, maxBytes: 1000 }, 'maxBytes: expected at least'],
    [{ redact: asItIs, pseudonymize: { key: 'short' } }, 'pseudonymize.key'],
    [{ redact: asItIs, pseudonymize: null }, 'pseudonymize: expected an object; it has a key'],
    [{ redact: asItIs, pseudonymize: 'a key of sixteen bytes' }, 'pseudonymize: expected an object; it has a key'],
    [{ redact: asItIs, clock: {} }, 'clock: expected a clock with now()'],
    [{ redact: asItIs, clock: null }, 'clock: expected a clock with now()'],
    [{ redact: asItIs, redacted: true }, "did you mean 'redact'?"],
  ])('refuses the options %j', async (options, problem) => {
    const failed = recordStream(new HandStream(), await recordingPath(), options as never);
    await expect(failed).rejects.toThrow(problem);
    await expect(failed).rejects.toBeInstanceOf(ConfigurationError);
  });

  it('refuses a path that is no folder', async () => {
    const path = await recordingPath();
    await writeFile(path, '');
    await expect(recordStream(new HandStream(), `${path}/calls.jsonl`, { redact: asItIs })).rejects.toThrow(
      /cannot be written: (EEXIST|ENOTDIR)/,
    );
  });
});
