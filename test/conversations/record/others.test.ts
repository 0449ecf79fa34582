import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AssistStream, AuthClient, type RecordingError } from 'agent-assist-sdk';
import { engineTarget, readRecording, recordStream, replay, type RecordedEvent } from 'agent-assist-sdk/conversations';
import { startTenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../../helpers/fake-clock.js';
import { filesOf, HandStream, recordingPath } from '../helpers.js';

const said = (text: string): RecordedEvent => ({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'call-1', text });
const asItIs = (event: RecordedEvent): RecordedEvent => event;

async function recorderAt(path: string, clock = new FakeClock(), options: { readonly spanMs?: number } = {}) {
  const stream = new HandStream();
  const errors: RecordingError[] = [];
  const onError = (error: RecordingError): number => errors.push(error);
  const recorder = await recordStream(stream, path, { redact: asItIs, clock, onError, ...options });
  onTestFinished(() => recorder.close().catch(() => undefined));
  return { stream, clock, errors, recorder };
}

const textsOf = async (path: string): Promise<unknown[]> =>
  (await Array.fromAsync(readRecording(path))).map(({ event }) => event['text'] ?? event['reason']);

/** Path of the file number `index`, in the order of names. */
const fileOf = async (path: string, index: number): Promise<string> =>
  join(path, '..', (await filesOf(path)).names[index] ?? '');

describe('a recorder whose files others touch', () => {
  it.each([
    ['before the first event', []],
    ['between two files', ['a']],
  ])('creates its folder again if it was deleted %s', async (_, before) => {
    const path = await recordingPath();
    const { stream, clock, errors, recorder } = await recorderAt(path, new FakeClock(), { spanMs: 1000 });
    for (const text of before) stream.emit(said(text));
    await recorder.flush();
    await rm(join(path, '..'), { recursive: true });
    await clock.advance(1000);
    stream.emit(said('b'));
    await recorder.close();
    expect(await textsOf(path)).toEqual([...before.map(() => 'file_lost'), 'b']);
    expect(recorder.counts).toEqual({ written: 1, omitted: 0, lost: before.length });
    expect(errors.map(({ reason }) => reason)).toEqual(before.map(() => 'file_lost'));
  });

  it.each([
    ['deleted', rm],
    ['truncated', (file: string) => truncate(file, 80)],
    [
      'replaced by another',
      async (file: string) => {
        await rename(file, `${file}.old`);
        await rm(`${file}.old`);
        await writeFile(file, '');
      },
    ],
  ])('goes on in another file if its own was %s, and says what is lost', async (_, touch) => {
    const path = await recordingPath();
    const { stream, clock, errors, recorder } = await recorderAt(path);
    for (const text of ['a', 'b']) stream.emit(said(text));
    await recorder.flush();
    expect(recorder.counts).toEqual({ written: 2, omitted: 0, lost: 0 });
    await touch(await fileOf(path, 0));
    await clock.advance(40);
    for (const text of ['c', 'd']) stream.emit(said(text));
    await recorder.flush();
    stream.emit(said('e'));
    await recorder.close();
    expect(await textsOf(path)).toEqual(['file_lost', 'c', 'd', 'e']);
    expect(recorder.counts).toEqual({ written: 3, omitted: 0, lost: 2 });
    expect(recorder.bytes).toBe((await filesOf(path)).text.length);
    expect(errors.map(({ reason, message }) => [reason, message])).toEqual([
      ['file_lost', `${path}: its file was deleted or truncated by someone else, and 2 events are lost`],
    ]);
  });

  it('notices a deleted file when it is closed, though nothing is left to write', async () => {
    const path = await recordingPath();
    const { stream, recorder } = await recorderAt(path);
    for (const text of ['a', 'b']) stream.emit(said(text));
    await recorder.flush();
    await rm(await fileOf(path, 0));
    await recorder.close();
    expect(recorder.counts).toEqual({ written: 0, omitted: 0, lost: 2 });
    expect(await textsOf(path)).toEqual(['file_lost']);
  });

  it('loses nothing of a file that was moved', async () => {
    const path = await recordingPath();
    const { stream, errors, recorder } = await recorderAt(path);
    stream.emit(said('a'));
    await recorder.flush();
    const moved = join(path, '..', 'archived.jsonl');
    await rename(await fileOf(path, 0), moved);
    stream.emit(said('b'));
    await recorder.close();
    expect(await textsOf(moved)).toEqual(['a', 'b']);
    expect([recorder.counts.lost, errors]).toEqual([0, []]);
  });

  it('deletes the oldest file as soon as it can, and stays within its limit until then', async () => {
    const path = await recordingPath();
    const stream = new HandStream();
    const clock = new FakeClock();
    const errors: string[] = [];
    const onError = ({ message }: RecordingError): number => errors.push(message);
    // A folder with the name of a file cannot be deleted as one.
    const oldest = path.replace('.jsonl', '-20250101T000000.000Z.jsonl');
    await mkdir(oldest);
    const recorder = await recordStream(stream, path, { redact: asItIs, clock, onError, maxBytes: 1_048_576 });
    for (let line = 0; line < 11; line += 1) stream.emit(said('x'.repeat(100_000)));
    for (const attempt of [1, 2]) await expect(recorder.flush(), String(attempt)).rejects.toThrow('cannot be written');
    expect(recorder.bytes).toBeLessThanOrEqual(1_048_576);
    await rm(oldest, { recursive: true });
    await clock.advance(5000);
    await recorder.close();
    expect(recorder.counts).toEqual({ written: 11, omitted: 0, lost: 0 });
    expect((await filesOf(path)).text.length).toBeLessThanOrEqual(1_048_576);
    expect(errors.length).toBe(2);
  });

  it('follows a folder that is a link, and refuses a path that is a file or a link to one', async () => {
    const path = await recordingPath();
    const folder = join(path, '..');
    await mkdir(join(folder, 'disk'));
    await symlink(join(folder, 'disk'), join(folder, 'recordings'));
    const { stream, recorder } = await recorderAt(join(folder, 'recordings', 'calls.jsonl'));
    stream.emit(said('a'));
    await recorder.close();
    expect(await textsOf(join(folder, 'disk', 'calls.jsonl'))).toEqual(['a']);
    expect(await textsOf(join(folder, 'recordings', 'calls.jsonl'))).toEqual(['a']);
    await symlink(await fileOf(join(folder, 'disk', 'calls.jsonl'), 0), path);
    await expect(recorderAt(path)).rejects.toThrow('is a file that would be read instead of the recording');
  });

  it('never writes through a link that stands in the place of its file', async () => {
    const path = await recordingPath();
    const victim = join(path, '..', 'victim');
    await writeFile(victim, 'mine');
    await symlink(victim, path.replace('.jsonl', '-20260101T000000.000Z.jsonl'));
    const { stream, recorder } = await recorderAt(path);
    stream.emit(said('a'));
    await recorder.close();
    expect(await readFile(victim, 'utf8')).toBe('mine');
    expect((await filesOf(path)).names).toContain('calls-20260101T000000.000Z-2.jsonl');
  });

  it('shares its path with another recorder without a torn or a lost line', async () => {
    const path = await recordingPath();
    const clock = new FakeClock();
    const [one, other] = [
      await recorderAt(path, clock, { spanMs: 1000 }),
      await recorderAt(path, clock, { spanMs: 1000 }),
    ];
    for (let number = 0; number < 40; number += 1) {
      for (const [name, { stream }] of [
        ['one', one],
        ['other', other],
      ] as const)
        stream.emit(said(`${name} ${number}`));
      await clock.advance(173);
    }
    await Promise.all([one.recorder.close(), other.recorder.close()]);
    const texts = await textsOf(path);
    for (const name of ['one', 'other'])
      expect(texts.filter((text) => String(text).startsWith(`${name} `))).toEqual(
        Array.from({ length: 40 }, (_, number) => `${name} ${number}`),
      );
    // The two overlap in time, and time never goes back in a replay.
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    expect(await replay(path, engineTarget({ client }))).toMatchObject({ events: 80 });
  });
});

it('records into one folder, wherever its program goes', async () => {
  const path = await recordingPath();
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(join(path, '..'));
  const { stream, clock, recorder } = await recorderAt('calls.jsonl', new FakeClock(), { spanMs: 1000 });
  for (const text of ['a', 'b']) {
    stream.emit(said(text));
    await clock.advance(1000);
    process.chdir(before);
  }
  await recorder.close();
  expect(await textsOf(path)).toEqual(['a', 'b']);
});

describe('a recorder of a stream that loses events', () => {
  it('marks where a connection was replaced, but not what only an iteration dropped', async () => {
    await using tenant = await startTenant();
    const { platform } = tenant;
    const auth = new AuthClient({ platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
    const quick = { minReconnectDelayMs: 1, maxReconnectDelayMs: 2 };
    await using stream = new AssistStream({ platform, auth, ...quick });
    const path = await recordingPath();
    await using recorder = await recordStream(stream, path, { redact: asItIs });
    const gaps: unknown[] = [];
    stream.on('gap', ({ reason }) => gaps.push(reason));
    const events = stream.events({ capacity: 1, overflow: 'drop-oldest' });
    await stream.connect();
    const heard = (last: string): Promise<void> =>
      new Promise((resolve) => {
        stream.on('TRANSCRIPT_FRAGMENT', ({ text }) => {
          if (text === last) resolve();
        });
      });
    const dropped = heard('c');
    for (const text of ['a', 'b', 'c']) tenant.stream.send(said(text));
    await dropped;
    const replaced = new Promise((resolve) => stream.once('gap', resolve));
    tenant.stream.terminateAll();
    await replaced;
    const last = heard('d');
    tenant.stream.send(said('d'));
    await last;
    await recorder.close();
    await events.return?.();
    expect(gaps.filter((reason) => reason === 'overflow').length).toBeGreaterThan(0);
    expect(await textsOf(path)).toEqual(['a', 'b', 'c', 'reconnect', 'd']);
  });
});

describe('a recorder whose clock is set', () => {
  it('keeps the distances of events, whatever the time of the system', async () => {
    const path = await recordingPath();
    const clock = new FakeClock();
    let jumpMs = 0;
    const now = (): number => FakeClock.prototype.now.call(clock) + jumpMs;
    Object.defineProperty(clock, 'now', { value: now });
    const { stream, recorder } = await recorderAt(path, clock, { spanMs: 250 });
    for (const [text, jump] of [
      ['a', 3_600_000],
      ['b', -7_200_000],
      ['c', 0],
      ['d', 86_400_000],
    ] as const) {
      stream.emit(said(text));
      jumpMs += jump;
      await clock.advance(100);
    }
    await recorder.close();
    const events = await Array.fromAsync(readRecording(path));
    expect(events.map(({ offsetMs, event }) => [offsetMs, event['text']])).toEqual([
      [0, 'a'],
      [100, 'b'],
      [200, 'c'],
      [300, 'd'],
    ]);
  });

  it('is read and replayed on one line of time if it was set back between two runs', async () => {
    const path = await recordingPath();
    const nine = Date.parse('2026-01-01T09:00:00Z');
    for (const [startedAt, text] of [
      [nine, 'first'],
      [nine - 1000, 'second'],
    ] as const) {
      const { stream, clock, recorder } = await recorderAt(path, new FakeClock(startedAt));
      stream.emit(said(`${text} a`));
      await clock.advance(2000);
      stream.emit(said(`${text} b`));
      await recorder.close();
    }
    const events = await Array.fromAsync(readRecording(path));
    expect(events.map(({ offsetMs, receivedAt, event }) => [offsetMs, receivedAt - nine, event['text']])).toEqual([
      [0, -1000, 'second a'],
      [2000, 1000, 'second b'],
      [2000, 1000, 'first a'],
      [3000, 2000, 'first b'],
    ]);
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    expect(await replay(path, engineTarget({ client }))).toMatchObject({ events: 4 });
  });
});

describe('the files of a recorder', () => {
  it('hold a number that is cut at their boundary no more than others', async () => {
    const path = await recordingPath();
    const stream = new HandStream();
    const clock = new FakeClock();
    const recorder = await recordStream(stream, path, { clock, spanMs: 1000 });
    for (const text of ['my card is 4111 1111', '1111 1111, and my', 'phone is 213 373', '4253']) {
      stream.emit({ ...said(text), speaker: 'customer' });
      await clock.advance(1000);
    }
    await recorder.close();
    expect((await filesOf(path)).names).toHaveLength(4);
    const texts = (await textsOf(path)).map(String);
    expect(texts.join(' ')).toContain('my card is');
    for (const text of texts) expect(text.replaceAll(/\D/g, '').length, text).toBeLessThanOrEqual(6);
    expect(texts.join('').replaceAll(/\D/g, '').length).toBeLessThanOrEqual(12);
  });

  it('are one conversation to a replay', async () => {
    const path = await recordingPath();
    const { stream, clock, recorder } = await recorderAt(path, new FakeClock(), { spanMs: 1000 });
    const update = (transcript: string): void =>
      stream.emit({ type: 'INTERACTION_UPDATE', payload: { interactionId: 'call-1', transcript } });
    // The second file begins within the pause of the first question, the third after it.
    for (const [transcript, waitMs] of [
      ['a refund', 2000],
      ['a refund, please', 40_000],
      ['my refund', 0],
    ] as const) {
      update(transcript);
      await clock.advance(waitMs);
    }
    await recorder.close();
    expect((await filesOf(path)).names).toHaveLength(3);
    const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
    expect(await replay(path, engineTarget({ client }))).toMatchObject({ events: 3, asked: 2 });
  });

  it('begin exactly at the end of a span', async () => {
    const path = await recordingPath();
    const { stream, clock, recorder } = await recorderAt(path, new FakeClock(), { spanMs: 1000 });
    for (const waitMs of [999, 1, 1000, 0]) {
      stream.emit(said(String(clock.monotonic())));
      await clock.advance(waitMs);
    }
    await recorder.close();
    expect((await filesOf(path)).names).toEqual([
      'calls-20260101T000000.000Z.jsonl',
      'calls-20260101T000001.000Z.jsonl',
      'calls-20260101T000002.000Z.jsonl',
    ]);
    expect(await textsOf(path)).toEqual(['0', '999', '1000', '2000']);
  });

  it('fill the limit to the last byte before the oldest is deleted', async () => {
    const path = await recordingPath();
    const stream = new HandStream();
    const maxBytes = 1_048_576;
    const recorder = await recordStream(stream, path, { redact: asItIs, clock: new FakeClock(), maxBytes });
    const header = '{"type":"recording","version":1,"startedAt":"2026-01-01T00:00:00.000Z"}\n'.length;
    const frame = `{"offsetMs":0,"event":${JSON.stringify({ type: 'X', text: '' })}}\n`.length;
    const text = 'x'.repeat(maxBytes / 8 - header - frame);
    // A file is full at an eighth of the limit.
    for (let file = 1; file <= 8; file += 1) {
      stream.emit({ type: 'X', text });
      await recorder.flush();
      expect([recorder.bytes, (await filesOf(path)).names.length]).toEqual([(file * maxBytes) / 8, file]);
    }
    stream.emit({ type: 'X', text: 'one more' });
    await recorder.close();
    const { names, text: all } = await filesOf(path);
    expect([names.length, names.includes('calls-20260101T000000.000Z.jsonl')]).toEqual([8, false]);
    expect(all.length).toBe(recorder.bytes);
    expect(recorder.bytes).toBeLessThan(maxBytes);
  });
});
