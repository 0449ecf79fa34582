/**
 * The event stream: typed events, reconnection, order per interaction, bounded buffers.
 *
 * Guide: [The stream](../../docs/stream.md).
 *
 * @module agent-assist-sdk/stream
 */

export { AssistStream, type AssistStreamState, type ConnectOptions } from './assist-stream.js';
export type { CloseAction } from './close-codes.js';
export type { EventIteration, EventsOptions, Overflow } from './event-queue.js';
export {
  interactionIdOf,
  type AssistStreamEvents,
  type DialogStateEvent,
  type HeartbeatEvent,
  type InsightAcceptedEvent,
  type InsightRejectedEvent,
  type InteractionEvent,
  type InteractionUpdate,
  type InteractionUpdateEvent,
  type InvalidFrame,
  type ListenerFailure,
  type StreamClosed,
  type StreamGap,
  type StreamItem,
  type StreamOpened,
  type StreamReconnecting,
  type StreamTerminated,
  type TranscriptFragmentEvent,
  type UnknownEvent,
} from './events.js';
export { handleInOrder, type EventHandler, type HandleInOrderOptions, type HandlerContext } from './in-order.js';
export type { StreamListener } from './listeners.js';
export type { AssistStreamOptions } from './options.js';
export type { WebSocketConstructor, WebSocketLike } from './socket.js';
