// Names the guides in the API docs by their first heading instead of by their file, and groups them as what they are.
import { Converter, type Application, type DocumentReflection } from 'typedoc';

export function load(app: Application): void {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document: DocumentReflection) => {
    document.frontmatter['group'] = 'Guides';
    const heading = /^\s*# (.+)\n/.exec(document.content[0]?.text ?? '');
    document.name = heading?.[1] ?? document.name;
  });
}
