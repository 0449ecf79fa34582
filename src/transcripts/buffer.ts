import { ClosedError, ConfigurationError } from '../errors.js';
import { Callbacks, callbackLimit, systemClock, type Clock } from '../http/internal.js';
import { LinkedMap } from '../linked-map.js';
import { checkCounts, checkFields, checkKind, checkOptions, checkTimeLimits } from '../options.js';
import { Heard, isTracked } from './heard.js';
import { Speech, type Piece } from './speech.js';
import type {
  DialogState,
  FlushReason,
  TranscriptBufferOptions,
  TranscriptFragment,
  TranscriptQuestion,
} from './types.js';

interface Held {
  readonly interactionId: string;
  readonly speaker: string | undefined;
  readonly speech: Speech;
  readonly firstAt: number;
  lastAt: number;
}

/** Limit of speakers of one interaction; a conference has fewer. */
const MAX_SPEAKERS = 32;

const endingStates: ReadonlySet<string> = new Set(['AGENT_SILENT', 'CUSTOMER_SILENT', 'TURN_END']);

/**
 * Collects fragments of live speech into questions, with one buffer for each interaction and speaker (protocol 8). A
 * question ends after a pause of 3 s, at most 10 s after its first fragment, and immediately if a dialogue state ends
 * the turn. Every fragment becomes part of exactly one question, even if the buffer is closed; blank fragments are
 * skipped. A fragment without a speaker belongs to the last speaker.
 *
 * The speaker's next fragment replaces interim text (`isFinal: false`). If a question already contains the interim
 * text, only the new words go into the next question, including a word that was incomplete.
 *
 * Fragments with a `sequence` are sorted by it, and duplicates are dropped. A recognizer that restarts repeats its
 * numbers. So a number from an earlier question is not a duplicate if its `timestamp` is later than theirs, except for
 * the latest number. Without a `sequence`, a fragment is a duplicate if speaker, `timestamp` and text equal those of an
 * earlier one.
 *
 * An interaction uses memory only while the buffer holds its text. For the last `maxInteractions` speakers the buffer
 * also remembers up to 64 sequence numbers and the last question. All interactions share one timer.
 *
 * @example
 * ```ts
 * import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
 *
 * await using buffer = new TranscriptBuffer({
 *   onFlush: ({ interactionId, text }) => console.log(interactionId, text),
 *   onError: (error) => console.error(error),
 * });
 * stream.on('TRANSCRIPT_FRAGMENT', (event) => buffer.add(event));
 * stream.on('DIALOG_STATE', (event) => buffer.state(event));
 * ```
 */
export class TranscriptBuffer implements AsyncDisposable {
  readonly #options: TranscriptBufferOptions &
    Record<'pauseMs' | 'maxWaitMs' | 'maxCharacters' | 'maxInteractions', number>;
  readonly #clock: Clock;
  // Both time limits are the same for all interactions, so insertion order is deadline order and no heap is needed.
  readonly #byFirstFragment = new LinkedMap<Held, Held>();
  readonly #byLastFragment = new LinkedMap<Held, Held>();
  // By interaction and speaker; the latest speaker is last.
  readonly #held = new Map<string, LinkedMap<string | undefined, Held>>();
  readonly #heard: LinkedMap<string, Heard>;
  readonly #callbacks: Callbacks<{ readonly interactionId: string; readonly question?: TranscriptQuestion }>;
  #timer: unknown;
  #timerIsSet = false;
  #closed = false;

  /** @throws `ConfigurationError` for an option that is unknown or out of range. */
  constructor(options: TranscriptBufferOptions) {
    checkOptions('TranscriptBuffer', options, {
      onFlush: 'a function',
      onError: 'a function',
      pauseMs: 'a number',
      maxWaitMs: true,
      maxCharacters: true,
      maxInteractions: true,
      redact: 'a function',
      clock: 'a clock with monotonic()',
    });
    const { pauseMs = 3000, maxWaitMs = 10_000, maxCharacters = 4000, maxInteractions = 10_000 } = options;
    checkKind('onFlush', options.onFlush, 'a function');
    checkKind('onError', options.onError, 'a function');
    checkTimeLimits({ pauseMs, maxWaitMs });
    checkCounts({ maxCharacters, maxInteractions });
    if (pauseMs > maxWaitMs) throw new ConfigurationError('pauseMs: expected at most maxWaitMs');
    this.#options = { ...options, pauseMs, maxWaitMs, maxCharacters, maxInteractions };
    this.#heard = new LinkedMap(maxInteractions);
    this.#clock = options.clock ?? systemClock;
    this.#callbacks = new Callbacks(options.onError, callbackLimit('onFlush did not finish', this.#clock));
  }

  /** Number of interactions with text. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Adds a fragment to its question.
   *
   * @throws `ClosedError` after {@link TranscriptBuffer.close}; `ConfigurationError` for an id or a text that is not a
   *   string.
   */
  add(fragment: TranscriptFragment): void {
    if (this.#isClosed()) throw new ClosedError('transcript buffer');
    checkFields('fragment', fragment, { interactionId: 'a string', text: 'a string' });
    const { interactionId, text } = fragment;
    const speaker = fragment.speaker ?? this.#held.get(interactionId)?.last?.speaker;
    const earlier = this.#held.get(interactionId)?.get(speaker);
    if (text.trim() === '') {
      // Not speech, but a space between two words, or the end of interim text that was a mistake.
      const counts = text === ' ' || fragment.isFinal === true;
      if (counts && earlier && earlier.speech.characters < this.#options.maxCharacters)
        earlier.speech.put({ fragment, spoken: text, text });
      return;
    }
    const whole = this.#toPiece(fragment);
    if (whole === undefined) return;
    const heard = this.#heard.get(heardKey(interactionId, speaker));
    const piece = heard === undefined ? whole : heard.newIn(whole);
    if (piece === undefined) return;

    const now = this.#clock.monotonic();
    // A busy process may run this before a timer that is due; the limits still hold.
    const overdue = earlier && this.#overdue(earlier, now);
    if (earlier !== undefined && overdue !== undefined) this.#flush(earlier, overdue);
    let held = this.#speaking(interactionId, speaker, now);
    if (!held.speech.put(piece)) return;
    if (held.speech.characters > this.#options.maxCharacters && held.speech.pieces.length > 1) {
      held.speech.remove(piece);
      this.#flush(held, 'capacity');
      held = this.#speaking(interactionId, speaker, now);
      held.speech.put(piece);
    }
    held.lastAt = now;
    this.#byLastFragment.set(held, held);
    this.#held.get(interactionId)?.set(speaker, held);
    if (held.speech.characters >= this.#options.maxCharacters) this.#flush(held, 'capacity');
    else if (this.#isClosed()) this.#flush(held, 'closed');
    else this.#setTimer();
  }

  /**
   * Ends the questions of the interaction's speakers if the state ends a turn (protocol 8).
   *
   * @throws `ConfigurationError` for an id or a state that is not a string.
   */
  state(change: DialogState): void {
    checkFields('change', change, { interactionId: 'a string', state: 'a string' });
    if (endingStates.has(change.state)) this.#flushInteraction(change.interactionId, 'state');
  }

  /**
   * Ends the questions of an interaction; without an id, those of all interactions.
   *
   * @throws `ConfigurationError` for an id that is not a string: `null` must not be taken for one that has no questions.
   */
  flush(interactionId?: string): void {
    if (interactionId === undefined) this.#flushAll('demand');
    else {
      checkKind('interactionId', interactionId, 'a string');
      this.#flushInteraction(interactionId, 'demand');
    }
  }

  /**
   * Flushes all text, accepts no more fragments, and waits for every promise that `onFlush` or `onError` returned, for
   * each at most 300,000 ms.
   *
   * @throws (as rejection) the first error of `onError` itself.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#flushAll('closed');
    if (this.#timerIsSet) this.#clock.clearTimeout(this.#timer);
    await this.#callbacks.settled();
  }

  /** Calls {@link TranscriptBuffer.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Returns the text of a speaker; makes room for a new one. */
  #speaking(interactionId: string, speaker: string | undefined, now: number): Held {
    const known = this.#held.get(interactionId);
    if (known?.get(speaker) === undefined) {
      const longestWaiting = this.#byFirstFragment.first;
      if (known === undefined && this.size >= this.#options.maxInteractions && longestWaiting !== undefined) {
        this.#flushInteraction(longestWaiting.interactionId, 'capacity');
      }
      const longestSpeaking = known !== undefined && known.size >= MAX_SPEAKERS ? known.first : undefined;
      if (longestSpeaking !== undefined) this.#flush(longestSpeaking, 'capacity');
    }
    // `onFlush` may have added to this very speaker.
    const speakers = this.#held.get(interactionId) ?? new LinkedMap<string | undefined, Held>();
    const found = speakers.get(speaker);
    if (found !== undefined) return found;
    const held = { interactionId, speaker, speech: new Speech(), firstAt: now, lastAt: now };
    speakers.set(speaker, held);
    this.#held.set(interactionId, speakers);
    this.#byFirstFragment.set(held, held);
    return held;
  }

  #toPiece(fragment: TranscriptFragment): Piece | undefined {
    const { interactionId, text, speaker, timestamp, sequence, isFinal, language } = fragment;
    if (this.#options.redact === undefined) return { fragment, spoken: text, text };
    const redacted = this.#redacted(text, interactionId);
    if (redacted === undefined || redacted.trim() === '') return undefined;
    const copy = { interactionId, text: redacted, speaker, timestamp, sequence, isFinal, language };
    return { fragment: copy, spoken: redacted, text: redacted };
  }

  #redacted(text: string, interactionId: string): string | undefined {
    let problem: string;
    try {
      const redacted: unknown = this.#options.redact === undefined ? text : this.#options.redact(text);
      if (typeof redacted === 'string') return redacted;
      problem = 'expected a string as its result';
      void Promise.resolve(redacted).catch(() => undefined);
    } catch (error) {
      // Not the error itself, which may quote the text.
      problem = `failed with ${error instanceof Error ? error.name : typeof error}`;
    }
    const failure = new ConfigurationError(`redact: ${problem}; its text was dropped`);
    void this.#callbacks.report(failure, { interactionId });
    return undefined;
  }

  #flushInteraction(interactionId: string, reason: FlushReason): void {
    const speakers = Array.from(this.#held.get(interactionId) ?? [], ([, held]) => held);
    for (const held of speakers.sort((a, b) => a.firstAt - b.firstAt)) this.#flush(held, reason);
  }

  #flushAll(reason: FlushReason): void {
    for (const [held] of [...this.#byFirstFragment]) this.#flush(held, reason);
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
    const isWhole = this.#options.redact === undefined || text === speech.text;
    const fragments = isWhole
      ? pieces.map(({ fragment }) => fragment).filter((each) => each.text.trim() !== '')
      : [{ interactionId, speaker, text }];
    const id = crypto.randomUUID();
    const question = { id, interactionId, ...(speaker === undefined ? {} : { speaker }), text, fragments, reason };
    this.#callbacks.call(() => this.#options.onFlush(question), { interactionId, question });
  }

  // To recognize late fragments, duplicates, and the final form of interim text.
  #remember({ interactionId, speaker, speech }: Held): void {
    const key = heardKey(interactionId, speaker);
    const heard = this.#heard.get(key) ?? (speech.pieces.some(isTracked) ? new Heard() : undefined);
    if (heard === undefined) return;
    heard.add(speech.pieces);
    this.#heard.set(key, heard);
  }

  #overdue({ firstAt, lastAt }: Held, now: number): FlushReason | undefined {
    if (now - firstAt >= this.#options.maxWaitMs) return 'max-wait';
    if (now - lastAt >= this.#options.pauseMs) return 'pause';
    return undefined;
  }

  // The earliest deadline never moves forward while a timer is set, since a new fragment's deadline is at least a pause
  // away. So a timer stays; if it fires too early, it is set again.
  #setTimer(): void {
    if (this.#timerIsSet || this.#closed) return;
    const oldest = this.#byFirstFragment.first;
    const quietest = this.#byLastFragment.first;
    if (oldest === undefined || quietest === undefined) return;
    const dueAt = Math.min(oldest.firstAt + this.#options.maxWaitMs, quietest.lastAt + this.#options.pauseMs);
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
      // Fragments that `onFlush` adds join at the end and are not due, so both loops end.
      for (let held = deadlines.first; held !== undefined; held = deadlines.first) {
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
