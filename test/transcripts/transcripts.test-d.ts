import { expectTypeOf, it } from 'vitest';
import type { AssistStreamEvents } from '../../src/stream/events.js';
import type { DialogState, TranscriptFragment } from 'agent-assist-sdk/transcripts';

it('takes the events of the stream as they are', () => {
  expectTypeOf<AssistStreamEvents['TRANSCRIPT_FRAGMENT']>().toExtend<TranscriptFragment>();
  expectTypeOf<AssistStreamEvents['DIALOG_STATE']>().toExtend<DialogState>();
});
