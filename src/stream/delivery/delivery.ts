import { ConfigurationError, type Issue } from '../../errors.js';
import { checkResult, errorText } from '../../http/internal.js';
import { LinkedMap } from '../../linked-map.js';
import { checkCounts, checkOptions, checkTimeLimits, signalKind } from '../../options.js';
import { EventQueue, type EventsOptions, type Item } from './event-queue.js';
import type { InvalidFrame, StreamGap } from '../events.js';
import type { Listeners } from './listeners.js';
import type { StreamSettings } from '../options.js';

interface DeliveryHandlers {
  /** An iteration waits for its first event. */
  readonly onNext: () => void;
  /** The first buffer is full, or none is any more. */
  readonly onPressure: (isFull: boolean) => void;
}

/** How many ids are kept. */
const MAX_IDS = 10_000;

const replaced: StreamGap = { type: 'GAP', reason: 'reconnect' };

/** Delivers events to listeners and to the buffers of iterations. */
export class Delivery {
  readonly #settings: StreamSettings;
  readonly #listeners: Listeners;
  readonly #handlers: DeliveryHandlers;
  readonly #queues = new Set<EventQueue>();
  /** Ids of the last events, to detect duplicates. */
  readonly #ids = new LinkedMap<string, true>(MAX_IDS);
  #fullQueues = 0;

  constructor(settings: StreamSettings, listeners: Listeners, handlers: DeliveryHandlers) {
    this.#settings = settings;
    this.#listeners = listeners;
    this.#handlers = handlers;
  }

  /** Whether reading must wait for an iteration. */
  get isFull(): boolean {
    return this.#fullQueues > 0;
  }

  /** @param omitted - optional fields that could not be read and are not part of `event`. */
  event(name: string, event: object, omitted: readonly Issue[] | undefined): void {
    if (this.#isRepeat(event)) {
      this.#settings.instruments?.record({ type: 'stream_drop', reason: 'duplicate' });
      return;
    }
    if (this.#queues.size > 0) for (const queue of this.#queues) queue.push(event as Item);
    this.#listeners.emitEvent(name, event);
    if (omitted !== undefined) this.invalid({ issues: omitted, event: event as Item });
  }

  invalid(frame: InvalidFrame<Item>): void {
    const { issues, event } = frame;
    this.#settings.logger.warn(event === undefined ? 'Invalid frame' : `Invalid fields of ${event.type}`, { issues });
    this.#listeners.emit('invalid', frame);
  }

  /** Called when the connection was replaced, so events may be missing. */
  gap(): void {
    for (const queue of this.#queues) queue.pushGap(replaced);
    this.#listeners.emit('gap', replaced);
  }

  /** Creates a buffer for another iteration. */
  iterate(options: EventsOptions): EventQueue {
    checkOptions('events', options, {
      capacity: true,
      overflow: true,
      maxPauseMs: true,
      signal: signalKind,
    });
    const { canPause } = this.#settings.abilities;
    const { capacity = 1000, overflow = canPause ? 'pause' : 'fail', maxPauseMs = 30_000, signal } = options;
    checkCounts({ capacity });
    checkTimeLimits({ maxPauseMs });
    if (!['pause', 'drop-oldest', 'fail'].includes(overflow)) {
      throw new ConfigurationError("overflow: expected 'pause', 'drop-oldest' or 'fail'");
    }
    if (overflow === 'pause' && !canPause)
      throw new ConfigurationError("overflow: this WebSocket class cannot 'pause'");
    const queue = new EventQueue({
      capacity,
      overflow,
      maxPauseMs,
      clock: this.#settings.clock,
      signal,
      onNext: this.#handlers.onNext,
      onDrop: () => this.#settings.instruments?.record({ type: 'stream_drop', reason: 'overflow' }),
      onLoss: () => this.#listeners.emit('gap', { type: 'GAP', reason: 'overflow' }),
      onPressure: (isFull) => this.#onPressure(isFull),
      onDone: (done) => this.#queues.delete(done),
    });
    if (!queue.isDone) this.#queues.add(queue);
    return queue;
  }

  /** Ends all iterations after their buffered events. */
  end(error: Error | undefined): void {
    for (const queue of this.#queues) queue.end(error);
  }

  #isRepeat(event: object): boolean {
    const { idOf, logger } = this.#settings;
    if (idOf === undefined) return false;
    try {
      const id = idOf(event) ?? undefined;
      if (id === undefined) return false;
      checkResult('idOf', id, 'a string');
      const isRepeat = this.#ids.get(id) === true;
      if (!isRepeat) this.#ids.set(id, true);
      return isRepeat;
    } catch (error) {
      logger.error(`idOf failed: ${errorText(error)}`, { error });
      return false;
    }
  }

  #onPressure(isFull: boolean): void {
    const before = this.#fullQueues;
    this.#fullQueues += isFull ? 1 : -1;
    if (before === 0) this.#handlers.onPressure(true);
    else if (this.#fullQueues === 0) this.#handlers.onPressure(false);
  }
}
