import { ConfigurationError, QueueFullError } from '../errors.js';
import type { Connection } from './connection.js';
import type { StreamSettings } from './options.js';

/** How many messages may wait for a connection. */
const CAPACITY = 100;

/** What the stream wants to tell the server: its topics, and messages that wait for a connection. */
export class Outbox {
  /** The topics, which each connection subscribes to. */
  readonly topics: Set<string> = new Set<string>();
  readonly #protocol: StreamSettings['protocol'];
  #waiting: unknown[] = [];

  constructor(protocol: StreamSettings['protocol']) {
    this.#protocol = protocol;
  }

  /** Adds a topic and returns whether it is new. */
  addTopic(topic: string): boolean {
    if (this.#protocol.checkTopic === undefined) throw new ConfigurationError('subscribe: this protocol has no topics');
    this.#protocol.checkTopic(topic);
    if (this.topics.has(topic)) return false;
    this.topics.add(topic);
    return true;
  }

  /** Sends a message now, or as soon as a connection is open. */
  send(message: unknown, connection: Connection | undefined): void {
    if (this.#protocol.checkMessage === undefined) throw new ConfigurationError('send: this protocol has no messages');
    this.#protocol.checkMessage(message);
    if (connection?.canSend === true) connection.conversation.send(message);
    else if (this.#waiting.length < CAPACITY) this.#waiting.push(message);
    else throw new QueueFullError('queue of messages', CAPACITY);
  }

  /** Sends the messages that waited, in order. */
  flush(connection: Connection | undefined): void {
    for (const message of this.#waiting.splice(0)) connection?.conversation.send(message);
  }
}
