/**
 * Live speech into questions.
 *
 * Guide: [Insights](../../docs/insights.md).
 *
 * @module agent-assist-sdk/transcripts
 */

export { TranscriptBuffer } from './buffer.js';
export { QuestionQueue } from './question-queue.js';
export type {
  DialogState,
  DropReason,
  FlushReason,
  QuestionQueueOptions,
  TranscriptBufferOptions,
  TranscriptFragment,
  TranscriptQuestion,
} from './types.js';
