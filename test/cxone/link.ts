import type { ProtocolLink } from 'agent-assist-sdk/stream';
import {
  notificationProtocol,
  type NotificationEvents,
  type NotificationProtocolOptions,
} from 'agent-assist-sdk/cxone';

/** What a protocol made of a message, through a link that notes everything. */
export function reading(options: NotificationProtocolOptions = {}) {
  const events: NotificationEvents[keyof NotificationEvents][] = [];
  const unknown: unknown[] = [];
  const invalid: string[] = [];
  const said: unknown[] = [];
  const link: ProtocolLink<NotificationEvents> = {
    token: 'token-1',
    send: (text) => void said.push(JSON.parse(text)),
    connected: (liveness) => void said.push(liveness),
    subscribed: (topic) => void said.push(`subscribed ${topic}`),
    emit: (_, event) => void events.push(event),
    heartbeat: (event) => void said.push(event.type),
    unknown: (event) => void unknown.push(event),
    invalid: (issues) => void invalid.push(...issues.map(({ path, message }) => `${path}: ${message}`)),
    refuse: ({ status, reason }) => void said.push(`refused ${status ?? ''}: ${reason ?? ''}`),
    refuseTopic: ({ status, reason }) => {
      said.push(`refused topic ${status ?? ''}: ${reason ?? ''}`);
      return true;
    },
    fail: (reason) => void said.push(`failed: ${reason}`),
  };
  const session = notificationProtocol(options).open(link);
  const message = (body: unknown): void => session.receive(JSON.stringify({ command: 'MESSAGE', headers: {}, body }));
  return { events, unknown, invalid, said, session, message };
}
