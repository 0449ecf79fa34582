import { cut, printable } from './describe.js';

/** Limit of a text's characters; longer ones are not readable. */
const TEXT_LENGTH = 10_000;

/** Markup that is safe to insert unescaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

/** How signs of markup are written in a text. */
export const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template tag that escapes values unless they are markup. Joins lists and leaves out `undefined`. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(strings.map((literal, index) => literal + render(values[index])).join(''));
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return printable(cut(String(part), TEXT_LENGTH)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Returns a page without scripts, network or fonts; a policy forbids it to load or run anything. */
export function htmlPage(title: string, body: Markup, style = ''): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(styleSheet() + style)}</style>
</head>
<body>
${body}</body>
</html>
`.text;
}

/** Rounds a coordinate to hundredths. */
export function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const shades = [1, 2, 3, 4, 5, 6, 7, 8];
const cells = (name: string, color: string): string =>
  shades
    .map((shade) => `.heat td.${name}${shade}{background:rgb(${color} / ${(0.08 + shade * 0.095).toFixed(2)})}`)
    .join('\n');

/** Returns the style sheet of the page: system fonts, and the reader's light or dark theme. */
function styleSheet(): string {
  return `
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f7f9; --text: #1a1f26; --soft: #5c6673; --line: #d9dee5;
  --good: #0b7a4b; --bad: #c2321f; --warn: #9a6200; --right: #2f6fde; --wrong: #e0812b; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --raised: #1d2229; --text: #e6e9ee; --soft: #9aa5b3;
  --line: #343c47; --good: #4cc38a; --bad: #ff7a66; --warn: #e5b455; --right: #6ea0ff; --wrong: #f0a35e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
.note, .meta, .legend { color: var(--soft); font-size: .875rem; }
.gate { padding: .6rem .9rem; border-left: 4px solid; background: var(--raised); margin: 1rem 0; }
.gate.good { border-color: var(--good); } .gate.bad { border-color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.tile { background: var(--raised); border-radius: 6px; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.25rem; font-weight: 600; white-space: nowrap; } .tile span { color: var(--soft); font-size: .8125rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.gate.good, .gate.bad { color: inherit; }
.scroll { overflow-x: auto; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .875rem; } nav a { color: var(--right); }
table { border-collapse: collapse; font-size: .875rem; }
th, td { padding: .3rem .55rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; }
.turns { width: 100%; } .turns td { overflow-wrap: anywhere; } .turns td:first-child { color: var(--soft); width: 2rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; background: var(--ground); }
summary { padding: .5rem .8rem; cursor: pointer; overflow-wrap: anywhere; }
details > :not(summary) { margin: 0 .8rem .8rem; }
code, .mono { font-family: ui-monospace, monospace; font-size: .8125rem; }
.heat { font-size: .75rem; } .heat th, .heat td { border: 1px solid var(--line); padding: .15rem .3rem; }
.heat td { text-align: center; min-width: 1.9rem; font-variant-numeric: tabular-nums; }
.heat tbody th { position: sticky; left: 0; background: var(--ground); font-weight: 400; white-space: nowrap; text-align: right; }
.heat thead th { vertical-align: bottom; } .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.heat .corner { white-space: nowrap; } .heat .diagonal { background: var(--raised); } .heat .total { color: var(--soft); }
${cells('hit', '22 163 98')}
${cells('miss', '224 70 40')}
.plot { width: 100%; max-width: 44rem; height: auto; font-size: 12px; fill: var(--soft); }
.plot .grid { stroke: var(--line); } .plot .right { fill: var(--right); } .plot .wrong { fill: var(--wrong); }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; vertical-align: -1px; margin: 0 .15rem 0 .6rem; }
.key.right { background: var(--right); } .key.wrong { background: var(--wrong); }
`;
}
