import { TranscriptBuffer, type TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import { FakeClock } from '../helpers/fake-clock.js';

/** What goes wrong unexpectedly ends the test by `close()`. */
export const rethrow = (error: unknown) => {
  throw error;
};

export function setup(options: Partial<ConstructorParameters<typeof TranscriptBuffer>[0]> = {}) {
  const clock = new FakeClock();
  const questions: TranscriptQuestion[] = [];
  const buffer = new TranscriptBuffer({
    clock,
    onFlush: (question) => questions.push(question),
    onError: rethrow,
    ...options,
  });
  const say = (text: string, interactionId = 'a') => buffer.add({ interactionId, text });
  const told = () => questions.splice(0).map(({ interactionId, text, reason }) => [interactionId, text, reason]);
  return { clock, buffer, questions, say, told };
}
