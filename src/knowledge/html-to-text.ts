// The entities that prose in HTML really contains: XML's own, Latin-1 in the order of its code points, and typography.
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml';

const entities: ReadonlyMap<string, string> = new Map([
  ...Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    ndash: '–',
    mdash: '—',
    lsquo: '‘',
    rsquo: '’',
    sbquo: '‚',
    ldquo: '“',
    rdquo: '”',
    bdquo: '„',
    hellip: '…',
    bull: '•',
    euro: '€',
    trade: '™',
    rarr: '→',
    larr: '←',
    le: '≤',
    ge: '≥',
    ne: '≠',
    minus: '−',
    OElig: 'Œ',
    oelig: 'œ',
    Scaron: 'Š',
    scaron: 'š',
    lsaquo: '‹',
    rsaquo: '›',
    ensp: ' ',
    emsp: ' ',
    thinsp: ' ',
    zwnj: '\u200c',
    zwj: '\u200d',
  }),
  ...latin1.split(' ').map((name, index): [string, string] => [name, String.fromCharCode(0xa0 + index)]),
]);

/** Elements that run with the text around them; every other tag separates words. */
const inline: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

/** Elements whose content is no text for a reader. */
const unread: ReadonlySet<string> = new Set(['script', 'style']);

/**
 * The text of a piece of HTML on one line: tags and comments are removed, `script` and `style` with their content,
 * block elements and runs of white space become one space, entities are decoded once. Text without markup stays as it
 * is, a lone `<` included. Takes time linear in the length, whatever the input.
 */
export function htmlToText(html: string): string {
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) return finish(text + html.slice(at));
    text += html.slice(at, open);
    const name = /^<\/?([a-z][^\s/>]*)/i.exec(html.slice(open, open + 40))?.[1]?.toLowerCase();
    if (name !== undefined) {
      at = endOfTag(html, open);
      if (!inline.has(name)) text += ' ';
      if (unread.has(name) && html[open + 1] !== '/') at = endOfUnread(html, at, name);
    } else if (html.startsWith('<!--', open)) {
      at = after(html, '-->', open + 4);
    } else if (/^<[!?/]/.test(html.slice(open, open + 2))) {
      at = after(html, '>', open + 2);
    } else {
      text += '<';
      at = open + 1;
    }
  }
  return finish(text);
}

function after(html: string, end: string, from: number): number {
  const found = html.indexOf(end, from);
  return found === -1 ? html.length : found + end.length;
}

/** Where the tag at `open` ends; a `>` in quotes is part of an attribute's value. */
function endOfTag(html: string, open: number): number {
  const mark = /[>"']/g;
  for (let at = open + 1; ;) {
    mark.lastIndex = at;
    const found = mark.exec(html);
    if (found === null) return html.length;
    if (found[0] === '>') return found.index + 1;
    at = after(html, found[0], found.index + 1);
  }
}

function endOfUnread(html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  end.lastIndex = from;
  const found = end.exec(html);
  return found === null ? html.length : endOfTag(html, found.index);
}

function finish(text: string): string {
  return decodeEntities(text).replace(/\s+/g, ' ').trim();
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,8})|#(\d{1,8})|([a-z]\w{1,7}));/gi,
    (entity, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities.get(name) ?? entity;
      const codePoint = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      const isCharacter = codePoint > 0 && codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
      return isCharacter ? String.fromCodePoint(codePoint) : '\ufffd';
    },
  );
}
