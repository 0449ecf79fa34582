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

  it('replace an id in another letter case or encoding, too', async () => {
    const { interactionId, url, note } = await pseudonymized({
      type: 'X',
      interactionId: 'Call/17ä',
      url: 'https://x.example/call%2F17%C3%A4/?x=1%20',
      note: 'see CALL/17Ä and call/17äx',
    });
    expect(interactionId).toMatch(/^[\da-f]{32}$/);
    expect(url).toBe(`https://x.example/${String(interactionId)}/?x=1%20`);
    expect(note).toBe(`see ${String(interactionId)} and call/17äx`);
  });

  it('replace an id that looks encoded itself', async () => {
    const { interactionId, note } = await pseudonymized({ type: 'X', interactionId: 'a%2Fb  c', note: 'see a%2Fb  c' });
    expect(note).toBe(`see ${String(interactionId)}`);
  });

  it('replace the id of an object that is an interaction', async () => {
    const id = (await pseudonymized({ type: 'X', interactionId: 'call-17' }))['interactionId'];
    const event = { type: 'X', id: 'x', interaction: { id: 'call-17', name: 'n' }, sessions: [{ id: 's1' }] };
    expect(await pseudonymized({ ...event, note: 'of call-17' })).toEqual({
      ...event,
      interaction: { id, name: 'n' },
      sessions: [{ id: expect.stringMatching(/^[\da-f]{32}$/) as string }],
      note: `of ${String(id)}`,
    });
  });

  it('leave the type of an event that equals an id', async () => {
    expect(await pseudonymized({ type: 'CALL', interactionId: 'CALL' })).toMatchObject({ type: 'CALL' });
  });
});
