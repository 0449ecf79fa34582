import { describe, expect, it } from 'vitest';
import { readRecording, recordStream, type RecordedEvent } from 'agent-assist-sdk/conversations';
import { HandStream, recordingPath } from '../helpers.js';

const KEY = 'a key of this recording';

async function pseudonymized(
  event: RecordedEvent,
  key: string | Uint8Array = KEY,
  wipe = false,
): Promise<RecordedEvent> {
  const path = await recordingPath();
  const stream = new HandStream();
  const recorder = await recordStream(stream, path, { redact: (given) => given, pseudonymize: { key } });
  if (wipe && typeof key !== 'string') key.fill(0);
  stream.emit(event);
  await recorder.close();
  const [recorded] = await Array.fromAsync(readRecording(path));
  return recorded?.event ?? { type: '' };
}

describe('pseudonyms of a recording', () => {
  it('keep the bytes of a key that its owner wipes', async () => {
    const event = { type: 'X', interactionId: 'call-17' };
    expect(await pseudonymized(event, new TextEncoder().encode(KEY), true)).toEqual(await pseudonymized(event));
  });
});
