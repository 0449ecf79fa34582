/**
 * Truth from conversations: record what a stream delivers, replay it against a change, and choose thresholds from
 * labelled examples.
 *
 * Guide: [Conversations](../../docs/conversations.md).
 *
 * @module agent-assist-sdk/conversations
 */

export type { RecordedEvent, RecordedLine, RecordingHeader } from './types.js';
