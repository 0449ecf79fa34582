// For the API docs: groups the guides like docs/README.md and names them by their heading, adds a table of options to
// each class, links the errors under Throws, and turns references such as "protocol 3" into links.
import { readFileSync } from 'node:fs';
import type { DeclarationReflection } from 'typedoc';
import {
  Application,
  Converter,
  PageEvent,
  ReflectionKind,
  ReferenceType,
  UnionType,
  type Comment,
  type CommentDisplayPart,
  type DocumentReflection,
  type ProjectReflection,
} from 'typedoc';

const sections = new Map(
  [...readFileSync('docs/protocol.md', 'utf8').matchAll(/^## (\d+)\. (.+)$/gm)].map(([, number = '', title = '']) => [
    number,
    `${number}-${title.toLowerCase().replaceAll('.', '').replaceAll(' ', '-')}`,
  ]),
);

/** The group of each guide, by its heading: the table in docs/README.md that lists it. */
const groups = new Map(
  readFileSync('docs/README.md', 'utf8')
    .split(/^\| (?=[A-Z]\w+ \| \|$)/m)
    .slice(1)
    .flatMap((table) => {
      const group = table.slice(0, table.indexOf(' '));
      return [...table.matchAll(/\]\(([\w-]+\.md)\)/g)].map(
        ([, file = '']) => [headingOf(readFileSync(`docs/${file}`, 'utf8')), group] as const,
      );
    }),
);

export function load(app: Application): void {
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    const { repository } = JSON.parse(readFileSync('package.json', 'utf8')) as { repository?: unknown };
    app.options.setValue('disableSources', repository === undefined);
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document: DocumentReflection) => {
    document.name = headingOf(document.content[0]?.text ?? '');
    document.frontmatter['group'] = groups.get(document.name) ?? 'Start';
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    linkThrownErrors(project);
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.isDeclaration() && reflection.kindOf(ReflectionKind.Class)) tabulateOptions(reflection);
    }
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

function headingOf(text: string): string {
  return /^\s*# (.+)\n/.exec(text)?.[1] ?? '';
}

/** Links the classes that are named under `@throws`. */
function linkThrownErrors(project: ProjectReflection): void {
  const errors = new Map(
    project
      .getReflectionsByKind(ReflectionKind.Class)
      .filter(({ name }) => name.endsWith('Error'))
      .map((reflection) => [reflection.name, reflection]),
  );
  const link = (part: CommentDisplayPart): CommentDisplayPart => {
    const target = part.kind === 'code' ? errors.get(part.text.slice(1, -1)) : undefined;
    return target === undefined ? part : { kind: 'inline-tag', tag: '@link', text: target.name, target };
  };
  const commented = Object.values(project.reflections) as { comment?: Comment }[];
  for (const { comment } of commented) {
    for (const tag of comment?.blockTags ?? []) if (tag.tag === '@throws') tag.content = tag.content.map(link);
  }
}

/** Appends a table of the constructor's options to the comment of a class. */
function tabulateOptions(reflection: DeclarationReflection): void {
  const constructor = reflection.children?.find((child) => child.kindOf(ReflectionKind.Constructor));
  const types = constructor?.signatures?.flatMap(({ parameters = [] }) =>
    parameters.flatMap(({ type }) => (type instanceof UnionType ? type.types : type)),
  );
  const options = types?.find((type) => type instanceof ReferenceType && type.name.endsWith('Options'));
  const target = (options as ReferenceType | undefined)?.reflection as DeclarationReflection | undefined;
  const rows = (target?.children ?? []).filter((child) => child.kindOf(ReflectionKind.Property));
  if (reflection.comment === undefined || rows.length === 0) return;
  const { comment } = reflection;
  comment.summary.push({ kind: 'text', text: '\n\n| Option | Description | Default |\n|---|---|---|\n' });
  for (const row of rows) {
    comment.summary.push(
      { kind: 'text', text: '| ' },
      { kind: 'inline-tag', tag: '@linkcode', text: row.name, target: row },
      { kind: 'text', text: row.flags.isOptional ? ' | ' : ' (required) | ' },
      ...inCell(row.comment?.summary ?? []),
      { kind: 'text', text: ' | ' },
      ...inCell(row.comment?.blockTags.find(({ tag }) => tag === '@defaultValue')?.content ?? []),
      { kind: 'text', text: ' |\n' },
    );
  }
}

/**
 * Returns the parts of a comment as one line without bars, which would end the cell. TypeDoc fences plain default
 * values.
 */
function inCell(parts: readonly CommentDisplayPart[]): CommentDisplayPart[] {
  return parts.map((part) => {
    const text = part.text.replace(/^```ts\n(.*)\n```$/s, '$1');
    const oneLine = text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
    return { ...part, ...(text !== part.text && { kind: 'text' }), text: oneLine };
  });
}
