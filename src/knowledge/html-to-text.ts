import { Tokenizer } from 'htmlparser2';
import { visibleText } from '../text.js';

/** Elements that run with the text around them; every other tag separates words. */
const inline: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

/** Elements whose content no reader sees. */
const unread: ReadonlySet<string> = new Set('script style template title noscript iframe noembed noframes'.split(' '));

/**
 * The text of a piece of HTML as a browser shows it, but on one line: block elements and runs of white space become one
 * space, entities are decoded once, and what a person does not see is left out. Text without markup stays as it is, a lone
 * `<` included. Text that only an attribute or a style hides (`hidden`, `display:none`) is kept: collapsed sections of
 * articles are written so. Takes time linear in the length, whatever the input.
 */
export function htmlToText(html: string): string {
  let text = '';
  let hidden = { name: '', depth: 0 };
  const lastScriptEnd = [...html.matchAll(/<\/script/gi)].at(-1)?.index ?? -1;
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
        if (hidden.depth === 0 ? unread.has(name) : name === hidden.name && name !== 'script')
          hidden = { name, depth: hidden.depth + 1 };
      },
      onclosetag: (start, end) => {
        if (nameAt(start, end) !== hidden.name || hidden.depth === 0) return;
        script = scriptState(html, script, start);
        // Where no other end tag follows, all the rest of an article would be lost.
        if (hidden.name !== 'script' || !script.isDoubleEscaped || end > lastScriptEnd) hidden.depth -= 1;
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

/** Within `<!--` of a script, another `<script>` and its end tag are text (HTML Standard §13.2.5.17 to 31); the tokenizer ends there. */
function scriptState(html: string, { isEscaped, isDoubleEscaped, at }: ScriptState, end: number): ScriptState {
  // `end` lies behind the `</` of the end tag that is in question.
  for (const [mark] of html.slice(at, end - 2).matchAll(/<!--|-->|<\/?script(?=[\s/>])/gi)) {
    if (mark === '-->') isEscaped = isDoubleEscaped = false;
    else if (mark === '<!--') isEscaped = true;
    else isDoubleEscaped = isEscaped && mark[1] !== '/';
  }
  return { isEscaped, isDoubleEscaped, at: end - 2 };
}

/** Browsers show nothing of a tag whose name the end cuts off; the tokenizer would give the name as text. */
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
