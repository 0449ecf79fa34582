import { isInterim, isRepeated, type Piece } from './speech.js';

/** Sequence numbers that are remembered of one speaker. */
const REMEMBERED = 64;

/** What the questions of one speaker have had already, as far as its fragments may come late or twice. */
export class Heard {
  readonly #sequences = new Set<number>();
  /** Up to here everything counts as heard. */
  #floor = -Infinity;
  #latest = -Infinity;
  #interim: Piece | undefined;
  #lastQuestion: readonly Piece[] = [];

  /** What of a piece is new; `undefined` when nothing is. */
  newIn(piece: Piece): Piece | undefined {
    if (isRepeated(piece, this.#lastQuestion)) return undefined;
    const { sequence } = piece.fragment;
    const interim = this.#interim;
    if (sequence !== undefined) {
      if (sequence <= this.#floor) return undefined;
      if (this.#sequences.has(sequence) && sequence !== interim?.fragment.sequence) return undefined;
      if (sequence < this.#latest) return isInterim(piece) ? undefined : piece;
    }
    if (interim === undefined) return piece;
    // A question has had the interim text. What replaces it mostly begins with it; the rest is new then.
    if (!isInterim(piece)) {
      this.#interim = undefined;
      this.#note(sequence);
    }
    const said = interim.spoken.trim();
    const text = piece.spoken.trimStart();
    if (text.slice(0, said.length).toLowerCase() !== said.toLowerCase()) return piece;
    const rest = text.slice(said.length);
    return /[\p{L}\p{N}]/u.test(rest) ? { ...piece, text: rest } : undefined;
  }

  /** Takes note of a question's pieces. */
  add(pieces: readonly Piece[]): void {
    this.#lastQuestion = pieces;
    for (const { fragment } of pieces) this.#note(fragment.sequence);
    const last = pieces.at(-1);
    if (last !== undefined && isInterim(last)) this.#interim = last;
  }

  #note(sequence: number | undefined): void {
    if (sequence === undefined) return;
    this.#latest = Math.max(this.#latest, sequence);
    this.#sequences.add(sequence);
    if (this.#sequences.size <= REMEMBERED) return;
    this.#floor = Math.min(...this.#sequences);
    this.#sequences.delete(this.#floor);
  }
}

/** Whether fragments like this one may come late, twice, or again as a final one. */
export function isTracked({ fragment }: Piece): boolean {
  return [fragment.sequence, fragment.isFinal, fragment.timestamp].some((field) => field !== undefined);
}
