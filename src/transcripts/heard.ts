import { gap, isInterim, isRepeated, type Piece } from './speech.js';
import type { TranscriptFragment } from './types.js';

/** Limit of remembered sequence numbers of a speaker. */
const REMEMBERED = 64;

/** What the questions of one speaker already contain, to recognize late and duplicate fragments. */
export class Heard {
  readonly #sequences = new Set<number>();
  /** All numbers up to this one count as heard. */
  #floor = -Infinity;
  #latest = -Infinity;
  /** The latest time of a fragment in ms. */
  #until = -Infinity;
  #interim: Piece | undefined;
  #lastQuestion: readonly Piece[] = [];

  /** Returns the new part of a piece; `undefined` without one. */
  newIn(piece: Piece): Piece | undefined {
    if (isRepeated(piece, this.#lastQuestion)) return undefined;
    const { sequence } = piece.fragment;
    const interim = this.#interim;
    if (sequence !== undefined) {
      const isKnown =
        sequence <= this.#floor || (this.#sequences.has(sequence) && sequence !== interim?.fragment.sequence);
      // A recognizer that starts again counts from the start, but what it hears then is later.
      const isAgain = sequence !== this.#latest && timeOf(piece.fragment) > this.#until;
      if (isKnown && !isAgain) return undefined;
      if (sequence < this.#latest) return isInterim(piece) ? undefined : piece;
    }
    if (interim === undefined) return piece;
    // A question already has the interim text. The text that replaces it mostly begins with it; only the rest is new.
    if (!isInterim(piece)) {
      this.#interim = undefined;
      this.#note(piece.fragment);
    }
    const text = piece.spoken.trimStart();
    const end = endOf(interim.spoken, text);
    if (end === undefined) return piece;
    const [before, rest] = [text.slice(0, end), text.slice(end)];
    if (!/[\p{L}\p{N}]/u.test(rest)) return undefined;
    return { ...piece, text: endsWithinWord(before, rest) ? text.slice(lastWord(before)) : rest };
  }

  /** Remembers a question's pieces. */
  add(pieces: readonly Piece[]): void {
    this.#lastQuestion = pieces;
    for (const { fragment } of pieces) this.#note(fragment);
    const last = pieces.at(-1);
    if (last !== undefined && isInterim(last)) this.#interim = last;
  }

  #note(fragment: TranscriptFragment): void {
    const { sequence } = fragment;
    if (sequence === undefined) return;
    const time = timeOf(fragment);
    const isLater = time > this.#until;
    if (isLater) this.#until = time;
    this.#latest = isLater ? sequence : Math.max(this.#latest, sequence);
    this.#sequences.add(sequence);
    if (this.#sequences.size <= REMEMBERED) return;
    const least = Math.min(...this.#sequences);
    this.#floor = Math.max(this.#floor, least);
    this.#sequences.delete(least);
  }
}

/** Returns when a fragment was said, in ms; `NaN` if it does not say. */
function timeOf({ timestamp = NaN }: TranscriptFragment): number {
  return new Date(timestamp).getTime();
}

/** Returns whether fragments like this one may arrive late, twice, or again as a final one. */
export function isTracked({ fragment }: Piece): boolean {
  return [fragment.sequence, fragment.isFinal, fragment.timestamp].some((field) => field !== undefined);
}

const LETTER = /[\p{L}\p{M}\p{N}]/gu;

/**
 * Returns where in a text the words end that were said before; `undefined` if it has others. Final text mostly adds case,
 * punctuation and apostrophes to the words of its interim text.
 */
function endOf(said: string, text: string): number | undefined {
  const letters = text.matchAll(LETTER);
  let end = 0;
  for (const [letter] of said.matchAll(LETTER)) {
    const next = letters.next().value;
    if (next?.[0].toLowerCase() !== letter.toLowerCase()) return undefined;
    end = next.index + next[0].length;
  }
  return end;
}

/** Half a word says something else, e.g. `can` of `cancel`, or nothing, e.g. `cel`. */
function endsWithinWord(said: string, rest: string): boolean {
  return /^\S/.test(rest) && gap(said, rest) !== '';
}

/** Returns where the last word of a text begins. */
function lastWord(text: string): number {
  return text.length - (text.split(/\s/).at(-1) ?? '').length;
}
