import type { TranscriptFragment } from './types.js';

/** A fragment in the buffer. */
export interface Piece {
  readonly fragment: TranscriptFragment;
  /** Whole text. */
  readonly spoken: string;
  /** The part that no question contains yet. */
  readonly text: string;
}

/** Scripts without spaces between words, or between a word and one of another script. */
const CJK = '\\p{scx=Hani}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\uff01-\\uff65';
/** Scripts without spaces between their own words. */
const SOUTH_EAST_ASIAN = '\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}';
const OPENING = '\\p{Ps}\\p{Pi}¿¡';
const CLOSING = '(?=\\S)[\\p{Pe}\\p{Pf}%]?[\\p{Terminal_Punctuation}…]*(?:\\s|$)';
// Around the place where two texts meet. A recognizer's token of punctuation stands by itself; `.NET` and `:)` do not.
const WITHOUT_SPACE = new RegExp(
  `[${CJK}]\n|\n[${CJK}]|[${SOUTH_EAST_ASIAN}]\n[${SOUTH_EAST_ASIAN}]|[${OPENING}]\n|\n${CLOSING}`,
  'u',
);

/** What one speaker of an interaction has said since the last question, in spoken order. */
export class Speech {
  readonly #pieces: Piece[] = [];
  #characters = -1;

  /** Length of the text in characters. */
  get characters(): number {
    return this.#characters;
  }

  /** The pieces of the text, in order. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /**
   * Inserts a piece at its place. It replaces interim text before it, and a piece with the same sequence number.
   *
   * @returns whether it is part of the text now. Duplicates and late interim text are not.
   */
  put(piece: Piece): boolean {
    if (isRepeated(piece, this.#pieces)) return false;
    const { sequence } = piece.fragment;
    const before = this.#pieces.findLastIndex(({ fragment }) => !isAfter(fragment.sequence, sequence));
    const neighbour = this.#pieces[before];
    if (sequence !== undefined && neighbour?.fragment.sequence === sequence) {
      if (isInterim(piece) && !isInterim(neighbour)) return false;
      if (isInterim(piece) === isInterim(neighbour) && piece.text === neighbour.text) return false;
      this.#splice(before, 1, piece);
      return true;
    }
    if (isInterim(piece) && before < this.#pieces.length - 1) return false;
    const replaced = neighbour !== undefined && isInterim(neighbour) ? 1 : 0;
    this.#splice(before + 1 - replaced, replaced, piece);
    return true;
  }

  remove(piece: Piece): void {
    const index = this.#pieces.indexOf(piece);
    if (index !== -1) this.#splice(index, 1);
  }

  /**
   * Returns the text. If fragments contain the spaces between their words, exactly one at each cut, these are kept and
   * no others are added; otherwise fragments are joined by a space, unless their script has none.
   */
  get text(): string {
    const texts = this.#pieces.map(({ text }) => text).filter((text) => text !== '');
    const spaces = texts
      .slice(1)
      .map((after, index) => Number(/^\s/.test(after)) + Number(/\s$/.test(texts[index] ?? '')));
    if (spaces.includes(1) && !spaces.includes(2)) return texts.join('').trim();
    let whole = '';
    // Reading the end of the whole text would copy all of it for each piece.
    let end = '';
    for (const text of texts.map((each) => each.trim()).filter((each) => each !== '')) {
      const added = whole === '' ? text : gap(end, text) + text;
      whole += added;
      end = (end + added).slice(-2);
    }
    return whole;
  }

  #splice(start: number, deleted: number, ...added: Piece[]): void {
    const removed = this.#pieces.splice(start, deleted, ...added);
    for (const { text } of added) this.#characters += 1 + text.trim().length;
    for (const { text } of removed) this.#characters -= 1 + text.trim().length;
  }
}

/** Returns whether a piece is interim text, which the next piece replaces. */
export function isInterim({ fragment }: Piece): boolean {
  return fragment.isFinal === false;
}

/**
 * Returns whether a fragment without a sequence number is a duplicate: its time and text are the same. A time with
 * different texts is that of a whole utterance and does not identify a fragment.
 */
export function isRepeated(piece: Piece, known: readonly Piece[]): boolean {
  const { sequence, timestamp } = piece.fragment;
  if (sequence !== undefined || timestamp === undefined || piece.spoken.trim() === '') return false;
  const then = known.filter(({ fragment }) => fragment.timestamp === timestamp);
  if (!isInterim(piece) && then.some(isInterim)) return false;
  return then.length > 0 && then.every(({ spoken }) => spoken === piece.spoken);
}

/** Fragments without a number keep their place. */
function isAfter(sequence: number | undefined, other: number | undefined): boolean {
  return sequence !== undefined && other !== undefined && sequence > other;
}

/** Returns what separates two texts in their script: a space, or nothing. */
export function gap(before: string, after: string): string {
  return WITHOUT_SPACE.test(`${before.slice(-2)}\n${after.slice(0, 2)}`) ? '' : ' ';
}
