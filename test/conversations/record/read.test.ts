import { execFileSync } from 'node:child_process';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { compareReplays, readRecording, recordStream, type ReadEvent } from 'agent-assist-sdk/conversations';
import { FakeClock } from '../../helpers/fake-clock.js';
import { filesOf, HandStream, recordingPath } from '../helpers.js';

const HEADER = '{"type":"recording","version":1,"startedAt":"2026-01-01T00:00:00.000Z"}\n';
const read = (source: string | readonly string[]): Promise<ReadEvent[]> => Array.fromAsync(readRecording(source));

async function fileOf(text: string | Uint8Array): Promise<string> {
  const path = await recordingPath();
  await writeFile(path, text);
  return path;
}

describe('readRecording', () => {
  it('reads one file and a list of files in its order, on one line of time', async () => {
    const first = await fileOf(`${HEADER}{"offsetMs":5,"event":{"type":"A"}}\n`);
    const second = await fileOf(
      `{"type":"recording","version":1,"startedAt":"2026-01-01T00:01:00Z","more":1}\n{"offsetMs":7,"event":{"type":"B"}}\n`,
    );
    const start = Date.parse('2026-01-01T00:00:00Z');
    expect(await read(first)).toEqual([{ offsetMs: 5, receivedAt: start + 5, event: { type: 'A' } }]);
    expect(await read([first, second])).toEqual([
      { offsetMs: 5, receivedAt: start + 5, event: { type: 'A' } },
      { offsetMs: 60_007, receivedAt: start + 60_007, event: { type: 'B' } },
    ]);
    expect((await read([second, first])).map(({ offsetMs }) => offsetMs)).toEqual([7, 7]);
  });

  it('does not wait for the writer of a pipe', async () => {
    const pipe = await recordingPath();
    execFileSync('mkfifo', [pipe]);
    const refused = { name: 'RecordingError', message: `${pipe}: is not a regular file` };
    await expect(read([pipe])).rejects.toMatchObject(refused);
    await expect(compareReplays(pipe, pipe)).rejects.toMatchObject(refused);
  });

  it.each([
    ['no JSON', Buffer.from('oops\n')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a])],
  ])('yields the events before a line that is %s', async (_, broken) => {
    const events = Array.from({ length: 1000 }, (__, index) => `{"offsetMs":${index},"event":{"type":"A"}}\n`);
    const path = await fileOf(
      Buffer.concat([Buffer.from(HEADER + events.join('')), broken, Buffer.from(events[999] ?? '')]),
    );
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { offsetMs } of readRecording(path)) seen.push(offsetMs);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'RecordingError', path, line: 1002 });
    expect([seen.length, seen.at(-1)]).toEqual([1000, 999]);
  });

  it.each([undefined, null, 5, {}, [5], new Set(['calls.jsonl'])])('refuses a source that is %s', async (source) => {
    await expect(read(source as never)).rejects.toThrow(ConfigurationError);
    await expect(read(source as never)).rejects.toThrow('source');
  });

  it.each([
    ['no header', '{"offsetMs":0,"event":{"type":"A"}}\n', 1, 'is not the header of a recording'],
    ['another version', HEADER.replace('1,', '2,'), 1, 'has a version that this release does not support'],
    ['no JSON', `${HEADER}oops\n`, 2, 'not valid JSON'],
    ['a list', `${HEADER}[]\n`, 2, 'expected an object'],
    [
      'time that goes back',
      `${HEADER}{"offsetMs":2,"event":{"type":"A"}}\n{"offsetMs":1,"event":{"type":"A"}}\n`,
      3,
      'offsetMs',
    ],
    ['time without end', `${HEADER}{"offsetMs":1e400,"event":{"type":"A"}}\n`, 2, 'offsetMs: expected a number'],
    ['time beyond any date', `${HEADER}{"offsetMs":8.64e15,"event":{"type":"A"}}\n`, 2, 'offsetMs: expected a number'],
    ['an event without a type', `${HEADER}{"offsetMs":2,"event":{}}\n`, 2, 'event: expected an object with a type'],
    ['an empty line', `${HEADER}\n`, 2, 'not valid JSON'],
  ])('names file and line of a file with %s', async (_, text, line, problem) => {
    const path = await fileOf(text);
    await expect(read(path)).rejects.toMatchObject({
      name: 'RecordingError',
      reason: 'broken',
      line,
      path,
      message: expect.stringContaining(`${path}:${line}: ${problem}`) as string,
    });
  });

  it('refuses what is not UTF-8, and what is not there', async () => {
    const utf16 = await fileOf(Buffer.from(`\ufeff${HEADER}`, 'utf16le'));
    await expect(read(utf16)).rejects.toMatchObject({ reason: 'broken', message: `${utf16}:1: is not UTF-8` });
    const endless = await fileOf(HEADER + 'x'.repeat(17_500_000));
    await expect(read(endless)).rejects.toThrow(`${endless}:2: has more than 16777216 bytes`);
    await expect(read('/nowhere/calls.jsonl')).rejects.toThrow('no such file, and no recording with that name');
    await expect(read(['/nowhere/calls.jsonl'])).rejects.toThrow('/nowhere/calls.jsonl: cannot be read (ENOENT)');
  });

  it('ends with an AbortError when its signal is aborted', async () => {
    const path = await fileOf(`${HEADER}{"offsetMs":5,"event":{"type":"A"}}\n`);
    const events = readRecording(path, { signal: AbortSignal.abort('enough') });
    await expect(events.next()).rejects.toMatchObject({ name: 'AbortError', reason: 'enough' });
  });

  it('skips a line that a crash has torn, at whatever byte', async () => {
    const line = '{"offsetMs":5,"event":{"type":"Ä🙂"}}\n';
    const path = await fileOf(HEADER);
    const bytes = Buffer.from(line);
    for (let length = 0; length < bytes.length; length += 1) {
      await writeFile(path, Buffer.concat([Buffer.from(HEADER + line), bytes.subarray(0, length)]));
      expect(await read(path)).toHaveLength(1);
    }
    for (let length = 0; length < HEADER.length; length += 7) {
      await truncate(path, length);
      expect(await read(path)).toEqual([]);
      await appendFile(path, HEADER.slice(length));
    }
  });
});

describe('what was recorded', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const event = fc
    .dictionary(
      fc.string({ unit: 'grapheme' }).filter((name) => !/^__proto__$/.test(name)),
      json,
      { maxKeys: 4 },
    )
    .map((fields) => ({ ...fields, type: 'TRANSCRIPT_FRAGMENT' }));

  it('is what is read, with times that never decrease, in any files', async () => {
    const arrivals = fc.array(fc.record({ event, waitMs: fc.integer({ min: 0, max: 1000 }) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 3000 }), async (arrived, spanMs) => {
        const path = await recordingPath();
        const stream = new HandStream();
        const clock = new FakeClock();
        // Fields that look like a credential are changed on purpose, so the comparison is with what the hook received.
        const received: unknown[] = [];
        const redact = (given: { type: string }): { type: string } => {
          received.push([clock.now() - startedAt, structuredClone(given)]);
          return given;
        };
        const startedAt = clock.now();
        const recorder = await recordStream(stream, path, { redact, clock, spanMs });
        for (const { event: given, waitMs } of arrived) {
          stream.emit(given);
          await clock.advance(waitMs);
        }
        await recorder.close();
        expect(received).toHaveLength(arrived.length);
        const found = arrived.length === 0 ? [] : await read(path);
        expect(found.map(({ receivedAt, event: kept }) => [receivedAt - startedAt, kept])).toEqual(
          JSON.parse(JSON.stringify(received)),
        );
        const { text } = arrived.length === 0 ? { text: '' } : await filesOf(path);
        expect(text.endsWith('\n') || text === '').toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is the event as it was, if nothing in it is a credential', async () => {
    const path = await recordingPath();
    const stream = new HandStream();
    const recorder = await recordStream(stream, path, { redact: (given) => given });
    const given = {
      type: 'TRANSCRIPT_FRAGMENT',
      interactionId: 'a8098c1a-f86e-11da-bd1a-00112444be1e',
      text: 'line\nbreak \u0000 "quoted" \ud800',
      nested: { list: [1, -0.5, true, null, { deep: 'é' }], tokenCount: 5 },
    };
    stream.emit(given);
    await recorder.close();
    expect((await read(path))[0]?.event).toEqual(given);
    expect(
      await readFile((await filesOf(path)).names.map((name) => path.replace('calls.jsonl', name))[0] ?? '', 'utf8'),
    ).toContain('\\ud800');
  });
});
