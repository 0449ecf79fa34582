/**
 * Live speech into questions.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/transcripts
 */

export { TranscriptBuffer } from './buffer.js';
export { QuestionQueue, type DropReason, type QuestionQueueOptions } from './question-queue.js';
export type {
  DialogState,
  FlushReason,
  TranscriptBufferOptions,
  TranscriptFragment,
  TranscriptQuestion,
} from './types.js';
