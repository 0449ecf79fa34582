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

const ENTITIES: Readonly<Record<string, string>> = {
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
