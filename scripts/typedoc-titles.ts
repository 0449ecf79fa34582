// Names the guides in the API docs by their first heading instead of by their file.
import { Converter, type Application, type Context, type DocumentReflection } from 'typedoc';

export function load(app: Application): void {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context: Context, document: DocumentReflection) => {
    const [first] = document.content;
    const heading = /^\s*# (.+)\n/.exec(first?.text ?? '');
    if (first === undefined || heading === null) return;
    document.name = heading[1] ?? document.name;
    first.text = first.text.slice(heading[0].length);
  });
}
