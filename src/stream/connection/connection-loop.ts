import { AgentAssistError, ConfigurationError, QueueFullError, StreamError } from '../../errors.js';
import { because, lastFailure, sleep, withinLimit } from '../../http/internal.js';
import { checkKind } from '../../options.js';
import { Connection } from './connection.js';
import type { ConnectionHandlers } from './conversation.js';
import type { StreamReconnecting } from '../events.js';
import type { StreamSettings } from '../options.js';
import { ReconnectPolicy, type ConnectionEnd } from './reconnect.js';

/** How many messages may wait for a connection. */
const MAX_WAITING = 100;

/** What the loop reports. */
export interface LoopHandlers extends Omit<ConnectionHandlers, 'canLoseTopic'> {
  readonly reconnecting: (event: StreamReconnecting) => void;
}

/**
 * Keeps one connection open, each with a current token, until `stop` is aborted or a retry cannot help. It holds what the
 * stream tells the server: its topics, and messages that wait for a connection.
 */
export class ConnectionLoop {
  readonly #settings: StreamSettings;
  readonly #topics = new Set<string>();
  readonly #tokens = new Set<string>();
  #waiting: unknown[] = [];
  readonly #stop: AbortSignal;
  readonly #handlers: LoopHandlers & ConnectionHandlers;
  readonly #policy: ReconnectPolicy;
  /** The connection, from its upgrade until it is closed. */
  connection: Connection | undefined;
  /** How many connections have been open. */
  connections = 0;
  /** Why the last attempt failed. */
  #lastFailure: AgentAssistError | undefined;
  /** The wait for a token that is in progress; what fails in it is noted on its signal. */
  #tokenWait: AbortSignal | undefined;
  /** The last change of topics, so that changes are sent in order. */
  #topicChange: Promise<void> | undefined;

  constructor(settings: StreamSettings, stop: AbortSignal, handlers: LoopHandlers) {
    this.#settings = settings;
    this.#stop = stop;
    this.#policy = new ReconnectPolicy(settings);
    this.#handlers = {
      ...handlers,
      canLoseTopic: this.#policy.canLoseTopic,
      opened: () => {
        this.connections += 1;
        handlers.opened();
      },
    };
  }

  /** What errors and recordings must not contain. */
  get secrets(): readonly string[] {
    return [...this.#tokens, ...this.#settings.secrets];
  }

  /** Why the stream is not open, as far as that is known. */
  get lastFailure(): Error | undefined {
    return (this.#tokenWait && lastFailure(this.#tokenWait)) ?? this.#lastFailure;
  }

  /** Returns the error of a stream that is not open in time. */
  notOpen(totalTimeoutMs: number): StreamError {
    const cause = this.lastFailure;
    const silent = 'no response from the server; check host, proxy and firewall';
    const why = cause?.message ?? this.connection?.missing ?? silent;
    return new StreamError(`Stream ${this.#settings.name}: did not open within ${totalTimeoutMs} ms: ${why}`, {
      cause,
    });
  }

  /** Resolves when stopped, or with the error after which a retry cannot help. */
  async run(): Promise<AgentAssistError | undefined> {
    const { clock, logger } = this.#settings;
    for (;;) {
      const { token, end } = await this.#connectOnce();
      if (this.#stop.aborted) return undefined;
      this.#lastFailure = end.error;
      const decision = this.#policy.decide(end, token);
      if (decision.dropToken && token !== '') await this.#invalidate(token);
      if (decision.action === 'terminate') return end.error;
      const { attempt, delayMs } = decision;
      logger.warn(`${end.error.message}; reconnecting in ${delayMs} ms`, { attempt });
      this.#handlers.reconnecting({ attempt, delayMs, error: end.error });
      // If the stream ends during the wait, the next attempt does not start.
      if (delayMs > 0) await sleep(clock, delayMs, this.#stop).catch(() => undefined);
    }
  }

  subscribe(topic: string): void {
    const { protocol } = this.#settings;
    if (protocol.checkTopic === undefined) throw new ConfigurationError('subscribe: this protocol has no topics');
    protocol.checkTopic(topic);
    if (this.#topics.has(topic)) return;
    this.#topics.add(topic);
    this.#changeTopic('subscribe', topic);
  }

  unsubscribe(topic: string): void {
    if (this.#topics.delete(topic)) this.#changeTopic('unsubscribe', topic);
  }

  /** Sends a message now, or as soon as a connection is open. */
  send(message: unknown): void {
    const { protocol } = this.#settings;
    if (protocol.checkMessage === undefined) throw new ConfigurationError('send: this protocol has no messages');
    protocol.checkMessage(message);
    if (this.connection?.canSend === true) this.connection.conversation.send(message);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message);
    else throw new QueueFullError('queue of messages', MAX_WAITING);
  }

  /** Sends the messages that waited, in order. */
  sendWaiting(): void {
    for (const message of this.#waiting.splice(0)) this.connection?.conversation.send(message);
  }

  /** Tells the server about a topic that was added or removed. Later connections subscribe to the topics of then. */
  #changeTopic(action: 'subscribe' | 'unsubscribe', topic: string): void {
    const connection = this.connection;
    if (connection?.conversation.isAccepted !== true) return;
    if (this.#settings.protocol.token !== 'protocol') connection.changeTopic(action, topic, connection.token);
    else this.#topicChange = this.#changeWithToken(this.#topicChange, connection, action, topic);
  }

  async #changeWithToken(
    before: Promise<void> | undefined,
    connection: Connection,
    action: 'subscribe' | 'unsubscribe',
    topic: string,
  ): Promise<void> {
    await before;
    // If there is no newer token, the server decides on that of the connection.
    const token = await this.#getToken().catch(() => connection.token);
    if (connection === this.connection) connection.changeTopic(action, topic, token);
  }

  /** Fetches a token, opens a socket and waits until it is closed. */
  async #connectOnce(): Promise<{ token: string; end: ConnectionEnd }> {
    const { clock, connectTimeoutMs, logger } = this.#settings;
    const startedAt = clock.monotonic();
    let token: string;
    try {
      token = await this.#getToken((signal) => {
        this.#tokenWait = signal;
      });
      this.#tokenWait = undefined;
    } catch (error) {
      return { token: '', end: { kind: 'no-token', error: asAgentAssistError(error) } };
    }
    const waitedMs = clock.monotonic() - startedAt;
    const timeoutMs = Math.max(1, connectTimeoutMs - waitedMs);
    await this.#spread(waitedMs);
    const open = await this.#settings.loadSocket();
    const upgrade = { open, token, tokens: this.#tokens, topics: this.#topics, timeoutMs };
    const connection = new Connection(this.#settings, upgrade, this.#handlers);
    this.connection = connection;
    // Where the stream was ended while the token was on its way.
    if (this.#stop.aborted) connection.close();
    const end = await connection.ended;
    this.connection = undefined;
    if ('opened' in end && end.opened !== undefined) {
      logger.info('Stream closed', { code: end.code });
      this.#handlers.emit('close', { code: end.code, reason: end.reason });
    }
    return { token: connection.token, end };
  }

  /** Returns a current token; empty if the protocol uses none. */
  async #getToken(onWait?: (signal: AbortSignal) => void): Promise<string> {
    const { auth } = this.#settings;
    if (auth === undefined) return '';
    const token = await this.#withDeadline((signal) => {
      onWait?.(signal);
      return auth.getToken({ signal });
    });
    checkKind('token', token, 'a string');
    return token;
  }

  /**
   * Streams that waited for the same token would all connect at the same time. A first connection is delayed only if
   * its token took so long that the request must have been retried.
   */
  async #spread(waitedMs: number): Promise<void> {
    const { clock, random } = this.#settings;
    const isFirst = this.#lastFailure === undefined && this.connections === 0;
    const delayMs = isFirst && waitedMs < SHARED_WAIT_MS ? 0 : Math.round(random() * Math.min(waitedMs, MAX_SPREAD_MS));
    if (delayMs > 0) await sleep(clock, delayMs, this.#stop).catch(() => undefined);
  }

  async #invalidate(token: string): Promise<void> {
    try {
      await this.#withDeadline(async () => this.#settings.auth?.invalidate(token));
    } catch {
      this.#settings.logger.warn('The refused token could not be invalidated');
    }
  }

  /** Limits a call of the auth provider to `connectTimeoutMs` and to the life of the stream. */
  #withDeadline<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, connectTimeoutMs: timeoutMs } = this.#settings;
    const timeoutError = (cause?: Error): Error =>
      new StreamError(`No token within ${timeoutMs} ms${because(cause)}`, { cause });
    return withinLimit(work, { clock, timeoutMs, timeoutError, signal: this.#stop });
  }
}

/** If the first token takes longer than this, other streams are probably waiting for it too. */
const SHARED_WAIT_MS = 1000;

/** Upper limit of the random delay of streams that waited for the same token. */
const MAX_SPREAD_MS = 5000;

/** A custom provider may throw an error that contains credentials, so only the name of a foreign error is kept. */
export function asAgentAssistError(error: unknown): AgentAssistError {
  if (error instanceof AgentAssistError) return error;
  return new StreamError(`No token: ${error instanceof Error ? error.name : typeof error}`);
}
