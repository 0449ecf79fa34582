import { cut, printable } from './describe.js';

/** Characters of a text. A page with longer ones cannot be read. */
const TEXT_LENGTH = 10_000;

/** Markup that is safe to be put into a page as it is. */
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

/** A template whose values are escaped unless they are markup themselves; lists are joined, `undefined` is left out. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(strings.map((literal, index) => literal + render(values[index])).join(''));
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return printable(cut(String(part), TEXT_LENGTH)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
