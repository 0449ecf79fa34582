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
} from '../http/internal.js';
import { checkCounts, checkTimeLimits } from '../options.js';
import { Heard, isTracked } from './heard.js';
import type { DialogState, FlushReason, TranscriptFragment, TranscriptQuestion } from './questions.js';
import { Speech, type Piece } from './speech.js';

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
   * Characters (UTF-16 units) held for one speaker of an interaction. A fragment that would lead beyond ends the question before it;
   * one that alone is as long as this becomes a question at once, uncut. Default 4,000.
   */
  readonly maxCharacters?: number | undefined;
  /**
   * Interactions that hold text at the same time. When one more begins, the one that has waited longest is flushed.
   * Default 10,000.
   */
  readonly maxInteractions?: number | undefined;
  /**
   * Takes out what must not be kept, e.g. card numbers. Given the text of each fragment before it is held, and once more
   * the joined text of a question, since a number may be spread over fragments; where that changes it, the question has
   * a single fragment with the result. When it throws, the text is dropped and the error logged.
   */
  readonly redact?: ((text: string) => string) | undefined;
  /** Receives errors of `onFlush` and `redact`. Default: none are written. */
  readonly logger?: Logger | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

interface Held {
  readonly interactionId: string;
  readonly speaker: string | undefined;
  readonly speech: Speech;
  readonly firstAt: number;
  lastAt: number;
}

/** Speakers of one interaction that hold text at the same time; a conference has fewer. */
const MAX_SPEAKERS = 32;

const endingStates: ReadonlySet<string> = new Set(['AGENT_SILENT', 'CUSTOMER_SILENT', 'TURN_END']);

/**
 * Gathers fragments of live speech into questions, one buffer per interaction and speaker (protocol 8): a question ends
 * after a pause of 3 s, at the latest 10 s after its first fragment, and at once when the dialogue's state says that a
 * turn is over. Every fragment ends up in exactly one question, also when the buffer is closed; blank ones hold no speech
 * and are passed over. A fragment without a speaker belongs to who spoke last.
 *
 * Interim text (`isFinal: false`) is replaced by the speaker's next fragment; when a question had it already, only what
 * is new of its replacement goes into the next one. Fragments with a `sequence` are put into its order, and dropped when
 * they come twice.
 *
 * An interaction takes memory only while it holds text; what is remembered of sequence numbers and interim text, for the
 * last `maxInteractions` speakers, is at most 64 numbers each. All interactions share one timer.
 *
 * @example
 * ```ts
 * import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
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
  readonly #byFirstFragment = new Set<Held>();
  readonly #byLastFragment = new Set<Held>();
  // Of each interaction, by speaker; who spoke last comes last.
  readonly #held = new Map<string, Map<string | undefined, Held>>();
  readonly #heard = new Map<string, Heard>();
  readonly #redact: TranscriptBufferOptions['redact'];
  readonly #running = new Set<Promise<void>>();
  #timer: TimerHandle;
  #timerIsSet = false;
  #closed = false;

  /** @throws `ConfigurationError` when a limit is out of its range or the pause exceeds the longest wait. */
  constructor(options: TranscriptBufferOptions) {
    const { onFlush, pauseMs = 3000, longestWaitMs = 10_000, maxCharacters = 4000, maxInteractions = 10_000 } = options;
    checkCallbacks({ onFlush, ...(options.redact === undefined ? {} : { redact: options.redact }) });
    checkTimeLimits({ pauseMs, longestWaitMs });
    checkCounts({ maxCharacters, maxInteractions });
    if (pauseMs > longestWaitMs) throw new ConfigurationError('pauseMs: must be at most longestWaitMs');
    this.#onFlush = onFlush;
    this.#redact = options.redact;
    this.#pauseMs = pauseMs;
    this.#longestWaitMs = longestWaitMs;
    this.#maxCharacters = maxCharacters;
    this.#maxInteractions = maxInteractions;
    this.#clock = options.clock ?? systemClock;
    this.#logger = resolveLogger(options.logger);
  }

  /** Interactions that hold text now. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Holds a fragment until its question ends.
   *
   * @throws `ClosedError` when the buffer is closed: the fragment would never be flushed.
   */
  add(fragment: TranscriptFragment): void {
    if (this.#isClosed()) throw new ClosedError('transcript buffer');
    const { interactionId, text } = fragment;
    const speaker = fragment.speaker ?? [...(this.#held.get(interactionId)?.keys() ?? [])].at(-1);
    const earlier = this.#held.get(interactionId)?.get(speaker);
    if (text.trim() === '') {
      // No speech; but the space between two words, or the end of interim text that was a mistake.
      const counts = text === ' ' || fragment.isFinal === true;
      if (counts && earlier && earlier.speech.characters < this.#maxCharacters)
        earlier.speech.put({ fragment, spoken: text, text });
      return;
    }
    const whole = this.#toPiece(fragment);
    if (whole === undefined) return;
    const heard = this.#heard.get(heardKey(interactionId, speaker));
    const piece = heard === undefined ? whole : heard.newIn(whole);
    if (piece === undefined) return;

    const now = this.#clock.monotonic();
    // A busy process may run this before a timer that is due; the limits hold all the same.
    const overdue = earlier && this.#overdue(earlier, now);
    if (earlier !== undefined && overdue !== undefined) this.#flush(earlier, overdue);
    let held = this.#speaking(interactionId, speaker, now);
    if (!held.speech.put(piece)) return;
    if (held.speech.characters > this.#maxCharacters && held.speech.pieces.length > 1) {
      held.speech.remove(piece);
      this.#flush(held, 'limit');
      held = this.#speaking(interactionId, speaker, now);
      held.speech.put(piece);
    }
    held.lastAt = now;
    this.#byLastFragment.delete(held);
    this.#byLastFragment.add(held);
    this.#speakLast(held);
    if (held.speech.characters >= this.#maxCharacters) this.#flush(held, 'limit');
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

  /** What a speaker holds; room is made for one who begins. */
  #speaking(interactionId: string, speaker: string | undefined, now: number): Held {
    const known = this.#held.get(interactionId);
    if (known?.get(speaker) === undefined) {
      const [longestWaiting] = this.#byFirstFragment;
      if (known === undefined && this.size >= this.#maxInteractions && longestWaiting !== undefined) {
        this.#flushInteraction(longestWaiting.interactionId, 'limit');
      }
      const [longestSpeaking] = known !== undefined && known.size >= MAX_SPEAKERS ? known.values() : [];
      if (longestSpeaking !== undefined) this.#flush(longestSpeaking, 'limit');
    }
    // `onFlush` may have added to this very speaker.
    const speakers = this.#held.get(interactionId) ?? new Map<string | undefined, Held>();
    const held = speakers.get(speaker) ?? { interactionId, speaker, speech: new Speech(), firstAt: now, lastAt: now };
    this.#held.set(interactionId, speakers.set(speaker, held));
    this.#byFirstFragment.add(held);
    return held;
  }

  #speakLast(held: Held): void {
    const speakers = this.#held.get(held.interactionId);
    if (speakers === undefined || speakers.size === 1) return;
    speakers.delete(held.speaker);
    speakers.set(held.speaker, held);
  }

  #toPiece(fragment: TranscriptFragment): Piece | undefined {
    const { interactionId, text, speaker, timestamp, sequence, isFinal, language } = fragment;
    if (this.#redact === undefined) return { fragment, spoken: text, text };
    const redacted = this.#redacted(text, interactionId);
    if (redacted === undefined || redacted.trim() === '') return undefined;
    const copy = { interactionId, text: redacted, speaker, timestamp, sequence, isFinal, language };
    return { fragment: copy, spoken: redacted, text: redacted };
  }

  #redacted(text: string, interactionId: string): string | undefined {
    try {
      return this.#redact === undefined ? text : this.#redact(text);
    } catch (error) {
      // Neither the text nor the error, which may quote it.
      this.#logger.error('redact failed, its text is dropped', { interactionId, error: errorClass(error) });
      return undefined;
    }
  }

  #flushInteraction(interactionId: string, reason: FlushReason): void {
    const speakers = [...(this.#held.get(interactionId)?.values() ?? [])];
    for (const held of speakers.sort((a, b) => a.firstAt - b.firstAt)) this.#flush(held, reason);
  }

  #flushAll(reason: FlushReason): void {
    for (const held of [...this.#byFirstFragment]) this.#flush(held, reason);
  }

  // `onFlush` may call this buffer, so the state can have changed while it ran.
  #isClosed(): boolean {
    return this.#closed;
  }

  #flush(held: Held, reason: FlushReason): void {
    const { interactionId, speaker, speech } = held;
    if (!this.#byFirstFragment.delete(held)) return;
    this.#byLastFragment.delete(held);
    const speakers = this.#held.get(interactionId);
    speakers?.delete(speaker);
    if (speakers?.size === 0) this.#held.delete(interactionId);
    const { pieces } = speech;
    this.#remember(held);
    const text = this.#redacted(speech.text, interactionId)?.trim() ?? '';
    if (text === '') return;
    const isWhole = this.#redact === undefined || text === speech.text;
    const fragments = isWhole
      ? pieces.map(({ fragment }) => fragment).filter((each) => each.text.trim() !== '')
      : [{ interactionId, speaker, text }];
    const question = { interactionId, ...(speaker === undefined ? {} : { speaker }), text, fragments, reason };
    const failed = (error: unknown): void => {
      this.#logger.error(`onFlush failed, its question is not given again: ${errorText(error)}`, {
        interactionId,
        error,
      });
    };
    try {
      const result = this.#onFlush(question);
      if (!isThenable(result)) return;
      const running = Promise.resolve(result).then(noop, failed);
      this.#running.add(running);
      void running.then(() => this.#running.delete(running));
    } catch (error) {
      failed(error);
    }
  }

  /** So that a late fragment, one that comes twice, and the final form of interim text are known. */
  #remember({ interactionId, speaker, speech }: Held): void {
    const key = heardKey(interactionId, speaker);
    const heard = this.#heard.get(key) ?? (speech.pieces.some(isTracked) ? new Heard() : undefined);
    if (heard === undefined) return;
    heard.add(speech.pieces);
    this.#heard.delete(key);
    this.#heard.set(key, heard);
    const [oldest] = this.#heard.size > this.#maxInteractions ? this.#heard.keys() : [];
    if (oldest !== undefined) this.#heard.delete(oldest);
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
    const [first] = this.#byFirstFragment;
    const [last] = this.#byLastFragment;
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
      for (const held of deadlines) {
        const overdue = this.#overdue(held, now);
        if (overdue === undefined) break;
        this.#flush(held, overdue);
      }
    }
  }
}

function heardKey(interactionId: string, speaker: string | undefined): string {
  return JSON.stringify([interactionId, speaker]);
}

function errorClass(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function noop(): void {
  // Only the end matters.
}
