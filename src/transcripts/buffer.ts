import { ClosedError, ConfigurationError } from '../errors.js';
import {
  checkCallbacks,
  errorText,
  isThenable,
  resolveLogger,
  systemClock,
  type Clock,
  type Logger,
  type TimerHandle,
} from '../http/index.js';
import { checkCounts, checkTimeLimits } from '../limits.js';
import type { DialogState, FlushReason, TranscriptFragment, TranscriptQuestion } from './questions.js';

/** Options of {@link TranscriptBuffer}. */
export interface TranscriptBufferOptions {
  /**
   * Receives each question. Called synchronously, one call after the other; questions of one interaction come in their
   * order. When it throws, or the promise it returns rejects, the error is logged with the interaction's id and the
   * buffer goes on: that question is not given again.
   */
  readonly onFlush: (question: TranscriptQuestion) => unknown;
  /** A question ends when nothing more was said for this long, in ms. Default 3,000 (protocol 8). */
  readonly pauseMs?: number | undefined;
  /** A question ends at the latest this long after its first fragment, in ms. Default 10,000 (protocol 8). */
  readonly longestWaitMs?: number | undefined;
  /**
   * Characters (UTF-16 units) held for one interaction. A fragment that would lead beyond ends the question before it;
   * one that alone is as long as this becomes a question at once, uncut. Default 4,000.
   */
  readonly maxCharacters?: number | undefined;
  /**
   * Interactions that hold text at the same time. When one more begins, the one that has waited longest is flushed.
   * Default 10,000.
   */
  readonly maxInteractions?: number | undefined;
  /** Receives errors of `onFlush`. Default: none are written. */
  readonly logger?: Logger | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

interface Held {
  readonly interactionId: string;
  readonly fragments: TranscriptFragment[];
  characters: number;
  readonly firstAt: number;
  lastAt: number;
}

const endingStates: ReadonlySet<string> = new Set(['AGENT_SILENT', 'CUSTOMER_SILENT', 'TURN_END']);

/**
 * Gathers fragments of live speech into questions, one buffer per interaction (protocol 8): a question ends after a
 * pause of 3 s, at the latest 10 s after its first fragment, and at once when the dialogue's state says that a turn is
 * over. Every fragment ends up in exactly one question, also when the buffer is closed; blank ones hold no speech
 * and are passed over.
 *
 * An interaction takes memory only while it holds text, so one that ended or fell silent is forgotten with its last
 * question. All interactions share one timer.
 *
 * @example
 * ```ts
 * import { TranscriptBuffer } from 'agent-assist-sdk';
 *
 * await using buffer = new TranscriptBuffer({ onFlush: ({ interactionId, text }) => console.log(interactionId, text) });
 * stream.on('TRANSCRIPT_FRAGMENT', (event) => buffer.add(event));
 * stream.on('DIALOG_STATE', (event) => buffer.state(event));
 * ```
 */
export class TranscriptBuffer implements AsyncDisposable {
  readonly #onFlush: TranscriptBufferOptions['onFlush'];
  readonly #pauseMs: number;
  readonly #longestWaitMs: number;
  readonly #maxCharacters: number;
  readonly #maxInteractions: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  // Both limits in time are the same for all interactions, so insertion order is deadline order and no heap is needed.
  readonly #byFirstFragment = new Map<string, Held>();
  readonly #byLastFragment = new Map<string, Held>();
  readonly #running = new Set<Promise<void>>();
  #timer: TimerHandle;
  #timerIsSet = false;
  #closed = false;

  /** @throws `ConfigurationError` when a limit is out of its range or the pause exceeds the longest wait. */
  constructor(options: TranscriptBufferOptions) {
    const { onFlush, pauseMs = 3000, longestWaitMs = 10_000, maxCharacters = 4000, maxInteractions = 10_000 } = options;
    checkCallbacks({ onFlush });
    checkTimeLimits({ pauseMs, longestWaitMs });
    checkCounts({ maxCharacters, maxInteractions });
    if (pauseMs > longestWaitMs) throw new ConfigurationError('pauseMs: must be at most longestWaitMs');
    this.#onFlush = onFlush;
    this.#pauseMs = pauseMs;
    this.#longestWaitMs = longestWaitMs;
    this.#maxCharacters = maxCharacters;
    this.#maxInteractions = maxInteractions;
    this.#clock = options.clock ?? systemClock;
    this.#logger = resolveLogger(options.logger);
  }

  /** Interactions that hold text now. */
  get size(): number {
    return this.#byFirstFragment.size;
  }

  /**
   * Holds a fragment until its question ends.
   *
   * @throws `ClosedError` when the buffer is closed: the fragment would never be flushed.
   */
  add(fragment: TranscriptFragment): void {
    if (this.#isClosed()) throw new ClosedError('transcript buffer');
    const { interactionId } = fragment;
    const { length } = fragment.text.trim();
    if (length === 0) return;

    const now = this.#clock.monotonic();
    let held = this.#byFirstFragment.get(interactionId);
    if (held !== undefined) {
      // A busy process may run this before a timer that is due; the limits hold all the same.
      const overdue = this.#overdue(held, now);
      if (overdue !== undefined) {
        this.#flush(held, overdue);
        held = undefined;
      } else if (held.characters + 1 + length > this.#maxCharacters) {
        this.#flush(held, 'limit');
        held = undefined;
      }
    }
    if (held === undefined) {
      const longestWaiting =
        this.size >= this.#maxInteractions ? this.#byFirstFragment.values().next().value : undefined;
      if (longestWaiting !== undefined) this.#flush(longestWaiting, 'limit');
      // `onFlush` may have added to this very interaction.
      held = this.#byFirstFragment.get(interactionId);
    }
    held ??= { interactionId, fragments: [], characters: -1, firstAt: now, lastAt: now };
    held.fragments.push(fragment);
    held.characters += 1 + length;
    held.lastAt = now;
    this.#byFirstFragment.set(interactionId, held);
    this.#byLastFragment.delete(interactionId);
    this.#byLastFragment.set(interactionId, held);
    if (held.characters >= this.#maxCharacters) this.#flush(held, 'limit');
    else if (this.#isClosed()) this.#flush(held, 'closed');
    else this.#setTimer();
  }

  /** Ends the interaction's question when the state says that a turn is over (protocol 8). */
  state(change: DialogState): void {
    if (endingStates.has(change.state)) this.#flushInteraction(change.interactionId, 'state');
  }

  /** Ends the interaction's question now; without an id, those of all interactions. */
  flush(interactionId?: string): void {
    if (interactionId === undefined) this.#flushAll('demand');
    else this.#flushInteraction(interactionId, 'demand');
  }

  /**
   * Flushes what is held, takes no more fragments and resolves when every promise that `onFlush` returned has settled.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#flushAll('closed');
    if (this.#timerIsSet) this.#clock.clearTimeout(this.#timer);
    await Promise.all(this.#running);
  }

  /** The same as {@link TranscriptBuffer.close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #flushInteraction(interactionId: string, reason: FlushReason): void {
    const held = this.#byFirstFragment.get(interactionId);
    if (held !== undefined) this.#flush(held, reason);
  }

  #flushAll(reason: FlushReason): void {
    for (const held of [...this.#byFirstFragment.values()]) this.#flush(held, reason);
  }

  // `onFlush` may call this buffer, so the state can have changed while it ran.
  #isClosed(): boolean {
    return this.#closed;
  }

  #flush(held: Held, reason: FlushReason): void {
    const { interactionId, fragments } = held;
    if (this.#byFirstFragment.get(interactionId) !== held) return;
    this.#byFirstFragment.delete(interactionId);
    this.#byLastFragment.delete(interactionId);
    const text = fragments.map((fragment) => fragment.text.trim()).join(' ');
    const failed = (error: unknown): void => {
      this.#logger.error(`onFlush failed, its question is not given again: ${errorText(error)}`, {
        interactionId,
        error,
      });
    };
    try {
      const result = this.#onFlush({ interactionId, text, fragments, reason });
      if (!isThenable(result)) return;
      const running = Promise.resolve(result).then(noop, failed);
      this.#running.add(running);
      void running.then(() => this.#running.delete(running));
    } catch (error) {
      failed(error);
    }
  }

  #overdue({ firstAt, lastAt }: Held, now: number): FlushReason | undefined {
    if (now - firstAt >= this.#longestWaitMs) return 'longest-wait';
    if (now - lastAt >= this.#pauseMs) return 'pause';
    return undefined;
  }

  // The earliest deadline never moves forward while a timer is set, since a new fragment's own is at least a pause
  // away. So a timer once set stays; when it comes too early, it is set anew.
  #setTimer(): void {
    if (this.#timerIsSet || this.#closed) return;
    const first = this.#byFirstFragment.values().next().value;
    const last = this.#byLastFragment.values().next().value;
    if (first === undefined || last === undefined) return;
    const dueAt = Math.min(first.firstAt + this.#longestWaitMs, last.lastAt + this.#pauseMs);
    this.#timerIsSet = true;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timerIsSet = false;
      this.#flushOverdue();
      this.#setTimer();
    }, dueAt - this.#clock.monotonic());
  }

  #flushOverdue(): void {
    const now = this.#clock.monotonic();
    for (const deadlines of [this.#byFirstFragment, this.#byLastFragment]) {
      // What `onFlush` adds meanwhile joins at the end and is not due, so both loops end.
      for (const held of deadlines.values()) {
        const overdue = this.#overdue(held, now);
        if (overdue === undefined) break;
        this.#flush(held, overdue);
      }
    }
  }
}

function noop(): void {
  // Only the end matters.
}
