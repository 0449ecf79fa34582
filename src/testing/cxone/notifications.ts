import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '../../errors.js';
import { isRecord, readJson } from '../../json.js';
import { checkKind, checkOptions, signalOf } from '../../options.js';
import { ArmedFaults, type FaultTimes, type InjectedFault } from '../server/armed-faults.js';
import type { ServerParts } from '../server/http-listener.js';
import type { RecordedRequest } from '../server/recorded-request.js';
import type { WaitOptions } from '../server/request-log.js';
import type { TokenRegistry } from '../server/tokens.js';
import { Waiters } from '../server/waiters.js';
import type { TenantConnection } from '../stream/connection.js';
import { ConnectionPool, garbageFrames } from '../stream/connection-pool.js';
import { HttpProblem } from '../server/problem.js';
import type { AcceptUpgrade } from '../server/upgrade-listener.js';
import { brokenMessages } from './broken-messages.js';

/** The commands of a client. */
export type NotificationCommand = 'CONNECT' | 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'HEARTBEAT';

/** A fault of a client's command. */
export type NotificationFault =
  | {
      /** Sends no response: no `CONNECTED`, no `HEARTBEAT_ACK`. The command has no effect. */
      readonly kind: 'no-answer';
    }
  | {
      /** Answers with an `ERROR`; the command has no effect. */
      readonly kind: 'error';
      readonly responseCode: number;
      /** Its `responseText`. @defaultValue a sentence */
      readonly responseText?: string | undefined;
    }
  | {
      /** Destroys the connection without a close frame. */
      readonly kind: 'drop';
    }
  | {
      readonly kind: 'close';
      /** Any code, even one that a well-behaved server would not send. */
      readonly code: number;
      /** The reason. @defaultValue empty */
      readonly reason?: string | undefined;
    }
  | {
      /** Sends invalid frames before the response. */
      readonly kind: 'garbage';
    };

/** A fault on the socket, and where and how often it occurs. */
export interface NotificationInjection extends FaultTimes {
  /** The command. @defaultValue any */
  readonly command?: NotificationCommand | undefined;
  /** The topic. @defaultValue any */
  readonly topic?: string | undefined;
  readonly fault: NotificationFault;
}

/** @internal */
export const NOTIFICATION_PATH = '/agent-assist-notifications/notifications/ws';
/** @internal */
export const AGENTIC_PATH = '/agentic/ws';

interface Frame {
  readonly command: string;
  readonly token: string;
  readonly topic: string | undefined;
}

interface Session {
  readonly connectionId: string;
  readonly topics: Set<string>;
  /** The agentic socket had its token at the upgrade: neither `CONNECT` nor tokens in frames. */
  readonly isAgentic: boolean;
  connected: boolean;
}

const ANSWERS: Readonly<Record<NotificationCommand, string>> = {
  CONNECT: 'CONNECTED',
  SUBSCRIBE: 'SUBSCRIBED',
  UNSUBSCRIBE: 'UNSUBSCRIBED',
  HEARTBEAT: 'HEARTBEAT_ACK',
};
const FAULT_KINDS: Readonly<Record<NotificationFault['kind'], true>> = {
  'no-answer': true,
  error: true,
  drop: true,
  close: true,
  garbage: true,
};

/**
 * CXone's agent-assist notification socket: `CONNECT` first, with the token in the frame, then a `SUBSCRIBE` for each
 * topic; what is published goes to those who subscribed.
 */
export class CxoneNotifications extends ConnectionPool {
  readonly #tokens: TokenRegistry;
  readonly #sessions = new WeakMap<TenantConnection, Session>();
  /** Calls that wait for a subscription of a topic. */
  readonly #waiters = new Waiters<string>();
  readonly #faults = new ArmedFaults<Frame, NotificationFault>();

  /** @internal */
  protected override readonly opened = (connection: TenantConnection): void => {
    const isAgentic = connection.path === AGENTIC_PATH;
    const session: Session = { connectionId: randomUUID(), topics: new Set(), isAgentic, connected: isAgentic };
    this.#sessions.set(connection, session);
    connection.listen(({ text }) => this.#receive(connection, session, text));
  };

  /** @internal */
  constructor(parts: ServerParts) {
    super(parts);
    this.#tokens = parts.tokens;
  }

  /** The topics with a subscriber. */
  get topics(): readonly string[] {
    return [...new Set(this.connections.flatMap((connection) => [...(this.#sessions.get(connection)?.topics ?? [])]))];
  }

  /**
   * Sends a `MESSAGE` with this body to all subscribers of the topic, or of one of several. Returns the number of
   * receivers.
   */
  publish(topic: string | readonly string[], body: object): number {
    checkKind('topic', topic, 'a string or a list of strings');
    checkKind('body', body, 'an object');
    const wanted = typeof topic === 'string' ? [topic] : topic;
    let receivers = 0;
    for (const connection of this.connections) {
      const session = this.#sessions.get(connection);
      if (session === undefined || !wanted.some((name) => session.topics.has(name))) continue;
      if (connection.send(frame('MESSAGE', session, body))) receivers += 1;
    }
    return receivers;
  }

  /** Sends an `ERROR` to every connection. Returns the number of receivers. */
  sendError(responseCode: number, responseText: string): number {
    checkKind('responseCode', responseCode, 'a number');
    checkKind('responseText', responseText, 'a string');
    return this.sendRaw(JSON.stringify({ command: 'ERROR', headers: {}, body: { responseCode, responseText } }));
  }

  /** Sends frames of this protocol that break its shape. */
  sendOutOfShape(): void {
    for (const broken of brokenMessages) this.sendRaw(JSON.stringify(broken));
  }

  /**
   * Injects a fault into commands. If several apply, the oldest is used.
   *
   * @throws `ConfigurationError` for an invalid injection.
   *
   * @example
   * ```ts
   * import { startCxone } from 'agent-assist-sdk/testing';
   *
   * await using cxone = await startCxone();
   * cxone.notifications.inject({ command: 'HEARTBEAT', fault: { kind: 'no-answer' }, times: 3 });
   * ```
   */
  inject(injection: NotificationInjection): InjectedFault {
    const known = { command: true, topic: true, fault: true, times: true, every: true, skip: true } as const;
    checkOptions('notifications.inject', injection, known);
    const { command, topic } = injection;
    checkKind('fault', injection.fault, 'an object');
    if (command !== undefined && !Object.hasOwn(ANSWERS, command))
      throw new ConfigurationError(`command: expected one of ${Object.keys(ANSWERS).join(', ')}`);
    return this.#faults.add(
      (received) =>
        (command === undefined || command === received.command) && (topic === undefined || topic === received.topic),
      injection,
      FAULT_KINDS,
    );
  }

  /** Removes all faults of the socket. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** Resolves as soon as a client is subscribed to the topic. @throws `AbortError` if `signal` is aborted first. */
  async waitForTopic(topic: string, options?: WaitOptions): Promise<void> {
    checkKind('topic', topic, 'a string');
    const signal = signalOf('waitForTopic', options);
    if (!this.topics.includes(topic)) await this.#waiters.wait((subscribed) => subscribed === topic, signal);
  }

  #receive(connection: TenantConnection, session: Session, text: string): void {
    const received = readFrame(text);
    if (received === undefined || !isCommand(received.command)) {
      connection.send(errorFrame(session, 400, 'Unknown command'));
      return;
    }
    const fault = this.#faults.pick(received);
    switch (fault?.kind) {
      case 'no-answer':
        return;
      case 'error':
        connection.send(errorFrame(session, fault.responseCode, fault.responseText ?? 'Injected error'));
        return;
      case 'drop':
        connection.terminate();
        return;
      case 'close':
        connection.close(fault.code, fault.reason);
        return;
      case 'garbage':
        for (const garbage of garbageFrames) connection.sendRaw(garbage);
        break;
      case undefined:
        break;
    }
    connection.send(this.#answer(session, received.command, received));
  }

  #answer(session: Session, command: NotificationCommand, { token, topic }: Frame): object {
    const isValid = (): boolean => session.isAgentic || this.#tokens.check(token) !== undefined;
    if (command === 'CONNECT') {
      if (!isValid()) return errorFrame(session, 401, 'Unauthorized');
      session.connected = true;
    } else if (!session.connected) {
      return errorFrame(session, 400, 'No CONNECT message received');
    }
    if (command !== 'SUBSCRIBE' && command !== 'UNSUBSCRIBE') return frame(ANSWERS[command], session, {});
    if (topic === undefined) return errorFrame(session, 400, 'No topic');
    if (command === 'UNSUBSCRIBE') {
      session.topics.delete(topic);
    } else {
      if (!isValid()) return errorFrame(session, 401, 'Unauthorized');
      session.topics.add(topic);
      // The answer is on its way before anybody who waited can publish.
      this.#waiters.offer(topic);
    }
    return frame(ANSWERS[command], session, { topic });
  }
}

/** @internal Accepts clients of the notification socket, and those of the agentic one with a token in the query. */
export function admitToNotifications(
  notifications: CxoneNotifications,
  tokens: TokenRegistry,
  request: RecordedRequest,
): AcceptUpgrade {
  const { path, query } = request;
  if (path !== NOTIFICATION_PATH && path !== AGENTIC_PATH)
    throw new HttpProblem(404, 'not_found', 'there is no such socket');
  const isAgentic = path === AGENTIC_PATH;
  const grant = tokens.check(query.get('token') ?? '');
  if (isAgentic && grant === undefined) throw new HttpProblem(401, 'unauthorized', 'the token is not valid');
  const facts = { path, tokenIn: isAgentic ? 'query' : 'frame', clientId: grant?.clientId ?? '' } as const;
  return (upgrade, socket, head) => notifications.accept(upgrade, socket, head, facts);
}

function readFrame(text: string): Frame | undefined {
  const value = readJson(text);
  if (!isRecord(value) || typeof value['command'] !== 'string') return undefined;
  const { command, headers, body } = value;
  const token = isRecord(headers) ? headers['sessionToken'] : undefined;
  const topic = isRecord(body) ? body['topic'] : undefined;
  return {
    command,
    token: typeof token === 'string' ? token : '',
    topic: typeof topic === 'string' && topic !== '' ? topic : undefined,
  };
}

const isCommand = (command: string): command is NotificationCommand => Object.hasOwn(ANSWERS, command);

function frame(command: string, { connectionId }: Session, body: object): object {
  return { command, headers: { connectionId }, body };
}

function errorFrame(session: Session, responseCode: number, responseText: string): object {
  return frame('ERROR', session, { responseCode, responseText });
}
