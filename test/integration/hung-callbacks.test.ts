import { handleInOrder, TimeoutError } from 'agent-assist-sdk';
import { CalibrationClient } from 'agent-assist-sdk/calibration';
import { QuestionQueue, TranscriptBuffer, type TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import { describe, expect, it, vi } from 'vitest';
import { calibration, rejection, startWorld } from '../calibration/world.js';
import { FakeClock } from '../helpers/fake-clock.js';

const FIVE_MINUTES = 300_000;
const never = (): Promise<never> => new Promise(() => undefined);
const question = (text: string): TranscriptQuestion => ({
  id: text,
  interactionId: 'i',
  text,
  fragments: [],
  reason: 'pause',
});

describe('A callback that never settles', () => {
  it('onFlush: is reported after five minutes, and close ends', async () => {
    const clock = new FakeClock();
    const onError = vi.fn();
    const buffer = new TranscriptBuffer({ clock, onFlush: never, onError });
    buffer.add({ interactionId: 'i', text: 'hello' });
    const closed = buffer.close();
    await clock.advance(FIVE_MINUTES - 1);
    expect(onError).not.toHaveBeenCalled();
    await clock.advance(1);
    await closed;
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.any(TimeoutError),
      expect.objectContaining({ interactionId: 'i' }),
    );
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ message: 'onFlush did not finish within 300000 ms' });
  });

  it('onError: close rejects with its time limit', async () => {
    const clock = new FakeClock();
    const fail = (): never => {
      throw new Error('no');
    };
    const buffer = new TranscriptBuffer({ clock, onFlush: fail, onError: never });
    buffer.add({ interactionId: 'i', text: 'hello' });
    const closed = expect(buffer.close()).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'onError did not finish within 300000 ms',
    });
    await clock.advance(FIVE_MINUTES);
    await closed;
  });

  it('onError of handleInOrder: gives its place on', async () => {
    const clock = new FakeClock();
    const handled: string[] = [];
    async function* source() {
      yield* await Promise.resolve(['a', 'b']);
    }
    const handle = (event: string): never => {
      handled.push(event);
      throw new Error('no');
    };
    const done = handleInOrder(source(), handle, { clock, keyOf: () => 'one', onError: never });
    const failed = expect(done).rejects.toMatchObject({ message: 'onError did not finish within 300000 ms' });
    await clock.advance(FIVE_MINUTES);
    expect(handled).toEqual(['a', 'b']);
    await clock.advance(FIVE_MINUTES);
    await failed;
  });

  it('ask: its signal is aborted, and the next question has its turn', async () => {
    const clock = new FakeClock();
    const onError = vi.fn();
    const asked: string[] = [];
    let hung: AbortSignal | undefined;
    const ask = ({ text }: TranscriptQuestion, signal: AbortSignal): unknown => {
      asked.push(text);
      if (text === 'next') return undefined;
      hung = signal;
      return never();
    };
    const queue = new QuestionQueue({ clock, ask, onError });
    queue.push(question('first'));
    queue.push(question('next'));
    const closed = queue.close();
    await clock.advance(FIVE_MINUTES);
    await closed;
    expect(asked).toEqual(['first', 'next']);
    expect(hung?.aborted).toBe(true);
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(TimeoutError), question('first'));
  });

  it('onDrop: close ends', async () => {
    const clock = new FakeClock();
    const onError = vi.fn();
    const queue = new QuestionQueue({ clock, ask: () => undefined, onDrop: never, onError });
    for (const text of ['1', '2', '3']) queue.push(question(text));
    const closed = queue.close();
    await clock.advance(FIVE_MINUTES);
    await closed;
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(TimeoutError), question('2'));
  });

  it('onSubmitted: ends with the limit of the run, or its signal', async () => {
    await using world = await startWorld();
    const { calibrations } = world;
    const late = calibrations.run(calibration, { onSubmitted: never, totalTimeoutMs: 60_000 });
    expect(await world.run(rejection(late))).toMatchObject({ name: 'TimeoutError', timeoutMs: 60_000 });
    expect(world.clock.monotonic()).toBe(60_000);
    const controller = new AbortController();
    const ended = new CalibrationClient(world.http).run(calibration, {
      signal: controller.signal,
      onSubmitted: () => {
        setImmediate(() => controller.abort());
        return never();
      },
    });
    expect(await world.run(rejection(ended))).toMatchObject({ name: 'AbortError' });
  });
});
