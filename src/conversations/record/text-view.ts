/** Named character references that matter within an address or a number; any other one separates like a space. */
const NAMED: ReadonlyMap<string, string> = new Map(
  'amp& lt< gt> quot" apos\' commat@ period. lowbar_ hyphen- dash- shy zwj zwnj lrm rlm nobreak zerowidthspace'
    .split(' ')
    .map((pair) => [pair.replace(/\W|_/, ''), pair.replace(/^[a-z]+/, '')]),
);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: ' ', f: ' ', v: ' ' };

/** What is not seen, or only changes how the character before it looks: a keycap, a variation. */
const HIDDEN = String.raw`[\0\p{Default_Ignorable_Code_Point}\p{Cf}\p{Me}]+`;
/** What NFKC turns into digits and signs of ASCII, and the full stops of domain names (UTS 46). */
const FORM = String.raw`(?!\d)\p{N}|[\u2024\u3002\ufe50-\ufe6b\uff01-\uff20\uff3b-\uff40\uff5b-\uff61]`;
const BYTES = String.raw`[cd][\da-f]%[89ab][\da-f]|e[\da-f](?:%[89ab][\da-f]){2}|f[0-7](?:%[89ab][\da-f]){3}|[\da-f]{2}`;
/**
 * Characters, and references that no number can be, that look different from what they mean in a text that is not
 * decoded.
 */
const UNUSUAL = `${HIDDEN}|${FORM}|\\s{2,}|&[#a-z]\\w{1,30};`;
const CODES = [
  // A card number may follow a sign: more digits than a code has are none, but for those of repeated percent-encoding.
  String.raw`&(?:#\d{1,7}(?!\d);?|#0{1,9}\d{1,7};|#x[\da-f]{1,16};?|[a-z]\w{1,30};)`,
  `%(?!(?!(?:25){4})\\d{13})(?:u[\\da-f]{4}|${BYTES})`,
  String.raw`\\(?:u(?!\d{13})[\da-f]{4}|u\{[\da-f]{1,16}\}|x[\da-f]{2}|[nrtbfv"'\\\/])`,
].join('|');
const FORMS = `${HIDDEN}|${FORM}|\\s{2,}`;
/** Tags within a word; other tags separate words. */
const INLINE_TAG = String.raw`<\/?(?:[abisu]|em|strong|span|wbr|mark|font|su[bp]|small|code)(?:[\s\/][^<>]{0,500})?>`;
const TAG = String.raw`<[a-z\/!][^<>]{0,500}>`;

// Codes first: what is removed behind a code may have kept more digits apart from it than a code has.
const TEXT = [new RegExp(CODES, 'giu'), new RegExp(FORMS, 'giu')];
const RAW = [new RegExp(UNUSUAL, 'giu')];
const HTML = [new RegExp(CODES, 'giu'), new RegExp(`${FORMS}|${TAG}`, 'giu')];
const IS_INLINE = new RegExp(INLINE_TAG, 'iu');
const IS_HIDDEN = new RegExp(HIDDEN, 'u');
const HAS_TAG = new RegExp(TAG, 'iu');
/** Quick check: most texts are as they are read. */
const MAY_BE_ENCODED = new RegExp(String.raw`[&%\\]|\s\s|${HIDDEN}|${FORM}`, 'u');
const HIDDEN_BEHIND = new RegExp(HIDDEN, 'uy');
/** Bytes that are not UTF-8 become U+FFFD, which separates. */
const utf8 = new TextDecoder();
/** How often a text is decoded: codes and forms in turn, eight levels of both. */
const MAX_ROUNDS = 16;

/** Separates texts that are read as one. */
export const BETWEEN_TEXTS = '\u001e';

export interface Range {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** A range and what replaces it. */
interface Mark extends Range {
  readonly mark: string;
}

/** What a range of a text became. */
interface Edit extends Range {
  /** Where it begins and ends after the edit. */
  readonly from: number;
  readonly to: number;
}

/**
 * A text as a person would read it, regardless of its encoding: character references, percent-encoding and escapes are
 * decoded, also repeatedly, digits of every script and full-width signs are those of ASCII, nothing invisible is left,
 * and a run of white space is one character. What is marked in it is replaced in the text itself.
 */
export class TextView {
  readonly #source: string;
  #text: string;
  /** What was decoded, from the source on. */
  readonly #rounds: (readonly Edit[])[] = [];
  readonly #marks: Mark[] = [];

  /** @param patterns - what is decoded; each as long as those before it find nothing. */
  constructor(source: string, patterns: readonly RegExp[] = []) {
    this.#source = source;
    this.#text = source;
    while (this.#rounds.length < MAX_ROUNDS && patterns.some((pattern) => this.#decode(pattern)));
  }

  /** What is read; NUL characters stand for what is marked. */
  get text(): string {
    return this.#text;
  }

  /** Replaces what a pattern without names finds, after its first group, by a mark. */
  mark(pattern: RegExp, mark: string, accepts: (found: string) => boolean = () => true): void {
    this.#text = this.#text.replace(pattern, (found: string, ...rest: unknown[]) => {
      if (!accepts(found)) return found;
      const kept = rest.length > 2 ? String(rest[0]) : '';
      const startsAt = rest.at(-2) as number;
      this.#mark(startsAt + kept.length, startsAt + found.length, mark);
      return kept + '\0'.repeat(found.length - kept.length);
    });
  }

  markRanges(ranges: readonly Range[], mark: string): void {
    for (const { startsAt, endsAt } of ranges) if (endsAt > startsAt) this.#mark(startsAt, endsAt, mark);
  }

  /** Replaces what is marked in another view of the same source, too. */
  markAs(other: TextView): void {
    this.#marks.push(...other.#marks);
  }

  #mark(startsAt: number, endsAt: number, mark: string): void {
    const last = this.#inSource(endsAt - 1);
    HIDDEN_BEHIND.lastIndex = last.endsAt;
    const behind = HIDDEN_BEHIND.exec(this.#source)?.[0].length ?? 0;
    this.#marks.push({ startsAt: this.#inSource(startsAt).startsAt, endsAt: last.endsAt + behind, mark });
  }

  /** Returns the source with the marks. */
  toString(): string {
    let result = '';
    let at = 0;
    for (const { startsAt, endsAt, mark } of union(this.#marks)) {
      // Each of several texts keeps its mark.
      const marks = this.#source.slice(startsAt, endsAt).split(BETWEEN_TEXTS).fill(mark);
      result += this.#source.slice(at, startsAt) + marks.join(BETWEEN_TEXTS);
      at = endsAt;
    }
    return result + this.#source.slice(at);
  }

  /** Returns where a character of the view is in the source. */
  #inSource(index: number): Range {
    let range = { startsAt: index, endsAt: index + 1 };
    for (const edits of this.#rounds.toReversed())
      range = { startsAt: before(edits, range.startsAt).startsAt, endsAt: before(edits, range.endsAt - 1).endsAt };
    return range;
  }

  /** Decodes one level, and returns whether it changed anything. */
  #decode(encoded: RegExp): boolean {
    const edits: Edit[] = [];
    let shift = 0;
    this.#text = this.#text.replace(encoded, (code: string, startsAt: number) => {
      const plain = decoded(code);
      if (plain === code) return code;
      edits.push({
        startsAt,
        endsAt: startsAt + code.length,
        from: startsAt + shift,
        to: startsAt + shift + plain.length,
      });
      shift += plain.length - code.length;
      return plain;
    });
    if (edits.length > 0) this.#rounds.push(edits);
    return edits.length > 0;
  }
}

/** Returns marks in their order, those that overlap as one, as the first of them. */
function union(marks: readonly Mark[]): readonly Mark[] {
  const result: Mark[] = [];
  for (const mark of marks.toSorted((a, b) => a.startsAt - b.startsAt)) {
    const last = result.at(-1);
    if (last === undefined || mark.startsAt >= last.endsAt) result.push(mark);
    else if (mark.endsAt > last.endsAt) result[result.length - 1] = { ...last, endsAt: mark.endsAt };
  }
  return result;
}

/** Returns where a character was before some edits. */
function before(edits: readonly Edit[], index: number): Range {
  let [low, high] = [0, edits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edits[middle]?.from ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  const { startsAt, endsAt, to } = edits[low - 1] ?? { startsAt: 0, endsAt: 0, to: 0 };
  return index < to ? { startsAt, endsAt } : { startsAt: index - to + endsAt, endsAt: index - to + endsAt + 1 };
}

export type Marker = (view: TextView) => void;

/** A sign that may begin a code, or stand by chance before a number. */
const MAY_BEGIN_CODE = /[&%\\][u#]?[\da-f]{0,3}\d/iu;

/** Returns how a text is read; see {@link TextView}. */
export const readText = (text: string): string => viewOf(text).text;

const viewOf = (text: string): TextView => new TextView(text, MAY_BE_ENCODED.test(text) ? TEXT : undefined);

/**
 * Returns a text in which a function has marked what must not stay, in every reading of it.
 *
 * @param mayHold - returns whether a reading may hold something to mark.
 * @param markRaw - marks it without decoding, as what looks like a code may be a part of a number.
 */
export function redactText(
  text: string,
  mayHold: (reading: string) => boolean,
  mark: Marker,
  markRaw?: Marker,
): string {
  const view = viewOf(text);
  if (!HAS_TAG.test(view.text)) return mayHold(view.text) ? marked(text, view, mark, markRaw) : text;
  // Tags may cut a number, but also hold an address.
  const untagged = new TextView(text, HTML);
  mark(untagged);
  const rest = untagged.toString();
  return marked(rest, viewOf(rest), mark, markRaw);
}

function marked(text: string, view: TextView, mark: Marker, markRaw?: Marker): string {
  mark(view);
  if (markRaw !== undefined && MAY_BEGIN_CODE.test(text)) {
    const raw = new TextView(text, RAW);
    markRaw(raw);
    view.markAs(raw);
  }
  return view.toString();
}

function decoded(code: string): string {
  const rest = code.slice(1);
  switch (code[0]) {
    case '&':
      if (!rest.startsWith('#')) return NAMED.get(rest.slice(0, -1).toLowerCase()) ?? ' ';
      return character(/^#x/i.test(rest) ? parseInt(rest.slice(2), 16) : parseInt(rest.slice(1), 10));
    case '\\':
      if (rest.length > 1) return character(parseInt(rest.replace(/^\w\{?/, ''), 16));
      return ESCAPES[rest] ?? rest;
    case '%':
      return /^u/i.test(rest)
        ? character(parseInt(rest.slice(1), 16))
        : utf8.decode(Uint8Array.from(rest.split('%'), (byte) => parseInt(byte, 16)));
    case '<':
      return IS_INLINE.test(code) ? '' : ' ';
    default:
      if (/\s/.test(code)) return code.includes('\n') ? '\n' : ' ';
      return IS_HIDDEN.test(code) ? '' : inAscii(code);
  }
}

const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : ' ');

/** Decimal digits of every script stand in blocks of ten, apart after NFKC. */
function inAscii(form: string): string {
  return form
    .normalize('NFKC')
    .replaceAll('\u3002', '.')
    .replaceAll(/(?!\d)\p{Nd}/gu, (digit) => {
      const code = digit.codePointAt(0) ?? 0;
      let value = 0;
      while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
      return String(value);
    });
}
