import type { StreamProtocol } from './protocol.js';
import { readFrame } from './schemas.js';

/**
 * The protocol of [protocol 5](../../docs/protocol.md#5-the-stream), the default of `AssistStream`: the token on the
 * upgrade, one JSON event in each text frame. Wrap it if a tenant frames its events differently:
 *
 * @example
 * ```ts
 * import { agentAssistProtocol, AssistStream, type StreamProtocol } from 'agent-assist-sdk/stream';
 *
 * const lines: StreamProtocol = {
 *   ...agentAssistProtocol,
 *   open: (link) => {
 *     const session = agentAssistProtocol.open(link);
 *     return { receive: (text) => text.split('\n').filter(Boolean).forEach(session.receive) };
 *   },
 * };
 * const stream = new AssistStream({ streamUrl: 'wss://acme.example/events', auth, protocol: lines });
 * ```
 */
export const agentAssistProtocol: StreamProtocol = {
  events: {
    INTERACTION_UPDATE: true,
    TRANSCRIPT_FRAGMENT: true,
    DIALOG_STATE: true,
    INSIGHT_ACCEPTED: true,
    INSIGHT_REJECTED: true,
  },
  token: 'upgrade',
  scopes: 'streaming:subscribe on Cognigy.AI, agentassist:read on CXone',
  open: (link) => {
    link.connected({ kind: 'websocket', frame: '{"type":"HEARTBEAT"}' });
    return { receive: (text) => readFrame(text, link) };
  },
};
