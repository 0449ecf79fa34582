// For the API docs: names the guides by their first heading instead of by their file, and makes links of references such
// as "protocol 3".
import { readFileSync } from 'node:fs';
import { Converter, PageEvent, type Application, type DocumentReflection } from 'typedoc';

const sections = new Map(
  [...readFileSync('docs/protocol.md', 'utf8').matchAll(/^## (\d+)\. (.+)$/gm)].map(([, number = '', title = '']) => [
    number,
    `${number}-${title.toLowerCase().replaceAll('.', '').replaceAll(' ', '-')}`,
  ]),
);

export function load(app: Application): void {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document: DocumentReflection) => {
    document.frontmatter['group'] = 'Guides';
    const heading = /^\s*# (.+)\n/.exec(document.content[0]?.text ?? '');
    document.name = heading?.[1] ?? document.name;
  });
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    if (page.contents === undefined) return;
    const toRoot = '../'.repeat(page.url.split('/').length - 1);
    page.contents = page.contents.replace(
      /\b([Pp]rotocol (\d+))(?=[\s).,:;])(?![^<]*(?:>|<\/(?:a|pre|code|title)>))/g,
      (text, words: string, number: string) => {
        const anchor = sections.get(number);
        return anchor === undefined ? text : `<a href="${toRoot}documents/The_protocol.html#${anchor}">${words}</a>`;
      },
    );
  });
}
