import { cut, printable } from './describe.js';
import { styleSheet } from './style.js';

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
