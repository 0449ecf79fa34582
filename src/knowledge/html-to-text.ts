import { Tokenizer } from 'htmlparser2';
import { visibleText } from '../text.js';

/** Inline elements; every other tag separates words. */
const inline: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

/** Elements whose content is not displayed. */
const unread: ReadonlySet<string> = new Set('script style template title noscript iframe noembed noframes'.split(' '));

/** Elements whose content only old browsers display. Without an end tag, the rest of the article would be lost. */
const fallback: ReadonlySet<string> = new Set('audio canvas datalist video'.split(' '));

/**
 * Returns the text of HTML as a browser shows it, on one line: block elements and runs of white space become one space,
 * entities are decoded once, and hidden elements are left out. Text without markup stays unchanged, even a lone `<`.
 * Text hidden by an attribute or a style (`hidden`, `display:none`) is kept, since collapsed sections of articles use
 * it. Runs in linear time for any input.
 */
export function htmlToText(html: string): string {
  let text = '';
  let hidden = { name: '', depth: 0 };
  const lastEnds = new Map<string, number>();
  for (const { 1: name = '', index } of html.matchAll(/<\/(script|audio|canvas|datalist|video)/gi))
    lastEnds.set(name.toLowerCase(), index);
  const hasEndAfter = (name: string, index: number): boolean => (lastEnds.get(name) ?? -1) > index;
  let script: ScriptState = { isEscaped: false, isDoubleEscaped: false, at: 0 };
  const nameAt = (start: number, end: number): string => {
    const name = html.slice(start, end).toLowerCase();
    if (hidden.depth === 0 && !inline.has(name)) text += ' ';
    return name;
  };
  const add = (piece: string): void => {
    if (hidden.depth === 0) text += piece;
  };
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      ontext: (start, end) => {
        add(html.slice(start, end));
      },
      ontextentity: (codePoint) => {
        add(String.fromCodePoint(codePoint));
      },
      onopentagname: (start, end) => {
        const name = nameAt(start, end);
        if (hidden.depth === 0) script = { isEscaped: false, isDoubleEscaped: false, at: end };
        const isHidden = unread.has(name) || (fallback.has(name) && hasEndAfter(name, start));
        // Of several that are begun, one end is enough: they are never nested.
        const isNested = name === hidden.name && name !== 'script' && !fallback.has(name);
        if (hidden.depth === 0 ? isHidden : isNested) hidden = { name, depth: hidden.depth + 1 };
      },
      onclosetag: (start, end) => {
        if (nameAt(start, end) !== hidden.name || hidden.depth === 0) return;
        script = scriptState(html, script, start);
        // Without another end tag, the rest of the article would be lost.
        if (hidden.name !== 'script' || !script.isDoubleEscaped || !hasEndAfter('script', end)) hidden.depth -= 1;
      },
      ...ignored,
    },
  );
  tokenizer.write(html.slice(0, endOfText(html)));
  tokenizer.end();
  return visibleText(text).trim();
}

interface ScriptState {
  readonly isEscaped: boolean;
  readonly isDoubleEscaped: boolean;
  readonly at: number;
}

/**
 * Within `<!--` of a script, another `<script>` and its end tag are text (HTML Standard §13.2.5.17 to 31); the
 * tokenizer ends there.
 */
function scriptState(html: string, { isEscaped, isDoubleEscaped, at }: ScriptState, end: number): ScriptState {
  // `end` is after the `</` of the end tag in question.
  for (const [mark] of html.slice(at, end - 2).matchAll(/<!--|-->|<\/?script(?=[\s/>])/gi)) {
    if (mark === '-->') isEscaped = isDoubleEscaped = false;
    else if (mark === '<!--') isEscaped = true;
    else isDoubleEscaped = isEscaped && mark[1] !== '/';
  }
  return { isEscaped, isDoubleEscaped, at: end - 2 };
}

/** Browsers show nothing of a truncated tag name; the tokenizer would return the name as text. */
function endOfText(html: string): number {
  const open = html.lastIndexOf('<');
  return open !== -1 && /^<\/?[a-z][^\s/>]*$/i.test(html.slice(open)) ? open : html.length;
}

const ignore = (): void => undefined;

const ignored = {
  onattribdata: ignore,
  onattribentity: ignore,
  onattribend: ignore,
  onattribname: ignore,
  oncdata: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onopentagend: ignore,
  onprocessinginstruction: ignore,
  onselfclosingtag: ignore,
};
