/**
 * Live speech into questions.
 *
 * @module agent-assist-sdk/transcripts
 */

export { TranscriptBuffer, type TranscriptBufferOptions } from './buffer.js';
export { QuestionQueue, type DropReason, type QuestionQueueOptions } from './question-queue.js';
export type { DialogState, FlushReason, TranscriptFragment, TranscriptQuestion } from './questions.js';
