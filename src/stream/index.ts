/**
 * The event stream: typed events, reconnection, order per interaction, bounded buffers.
 *
 * Guide: [The stream](../../docs/stream.md).
 *
 * @module agent-assist-sdk/stream
 */

export { agentAssistProtocol } from './agent-assist-protocol.js';
export { AssistStream, type AssistStreamState } from './assist-stream.js';
export type { EventIteration, EventsOptions, Overflow } from './delivery/event-queue.js';
export {
  interactionIdOf,
  type AssistStreamEvents,
  type DialogStateEvent,
  type HeartbeatEvent,
  type InsightAcceptedEvent,
  type InsightRejectedEvent,
  type InteractionEvent,
  type InteractionEvents,
  type InteractionUpdate,
  type InteractionUpdateEvent,
  type InvalidFrame,
  type ListenerFailure,
  type StreamClosed,
  type StreamGap,
  type StreamItem,
  type StreamLifecycleEvents,
  type StreamOpened,
  type StreamReconnecting,
  type StreamSubscribed,
  type StreamTerminated,
  type TranscriptFragmentEvent,
  type UnknownEvent,
} from './events.js';
export {
  handleInOrder,
  type EventHandler,
  type HandleInOrderOptions,
  type HandlerContext,
} from './delivery/in-order.js';
export type { StreamListener } from './delivery/listeners.js';
export type { AssistStreamOptions, ConnectOptions, TokenlessStreamOptions } from './options.js';
export type { Liveness, ProtocolLink, ProtocolRefusal, ProtocolSession, StreamProtocol } from './protocol.js';
export type { CloseAction } from './connection/close-codes.js';
export type { WebSocketConstructor, WebSocketLike } from './connection/socket.js';
