import { globSync, readFileSync } from 'node:fs';

/** A fenced block of a Markdown file or of a docstring. */
export interface Block {
  /** File, line and the first word after the fence, for messages. */
  readonly name: string;
  readonly file: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** First word after the fence, e.g. `ts`. */
  readonly language: string;
  /** What follows the language: `no-run`, or `exit-1` for a program that ends with that code. */
  readonly flags: readonly string[];
  readonly code: string;
  /** What the program prints: the `text` block that follows it with nothing but blank lines between. */
  readonly output: string | undefined;
}

/** Markdown that readers see, without what is generated. */
export function markdownFiles(): string[] {
  return [
    'README.md',
    ...globSync('docs/**/*.md')
      .filter((file) => !/^docs\/(?:api|api-report)\//.test(file))
      .sort(),
  ];
}

export function sourceFiles(): string[] {
  return globSync('src/**/*.ts').sort();
}

/** Names that the examples in docstrings find at hand. */
export function preludeNames(): string[] {
  return [...readFileSync('test/docs/prelude.ts', 'utf8').matchAll(/^export declare const (\w+)/gm)].map(
    ([, name = '']) => name,
  );
}

interface Line {
  readonly number: number;
  readonly text: string;
}

function blocksIn(file: string, lines: readonly Line[]): Block[] {
  const blocks: Block[] = [];
  let index = 0;
  let endOfLast = -1;
  while (index < lines.length) {
    const opening = /^```(\S+)(.*)$/.exec(lines[index]?.text ?? '');
    if (opening === null) {
      index += 1;
      continue;
    }
    const start = index;
    while (index + 1 < lines.length && lines[index + 1]?.text !== '```') index += 1;
    const code = lines
      .slice(start + 1, index + 1)
      .map(({ text }) => `${text}\n`)
      .join('');
    const [, language = '', rest = ''] = opening;
    const line = lines[start]?.number ?? 0;
    const last = blocks.at(-1);
    const follows = last !== undefined && lines.slice(endOfLast + 1, start).every(({ text }) => text.trim() === '');
    if (language === 'text' && follows && last.language === 'ts') blocks[blocks.length - 1] = { ...last, output: code };
    else {
      const flags = rest
        .trim()
        .split(/\s+/)
        .filter((word) => word !== '');
      blocks.push({ name: `${file}:${line}`, file, line, language, flags, code, output: undefined });
    }
    index += 2;
    endOfLast = index - 1;
  }
  return blocks;
}

/** All fenced blocks of a Markdown file. */
export function blocksOfMarkdown(file: string): Block[] {
  return blocksIn(
    file,
    readFileSync(file, 'utf8')
      .split('\n')
      .map((text, index) => ({ number: index + 1, text })),
  );
}

/** All fenced blocks of the docstrings of a source file. */
export function blocksOfDocstrings(file: string): Block[] {
  const source = readFileSync(file, 'utf8');
  const blocks: Block[] = [];
  for (const comment of source.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const first = source.slice(0, comment.index).split('\n').length;
    const lines = comment[0]
      .split('\n')
      .map((text, index) => ({ number: first + index, text: text.replace(/^ *\* ?/, '') }));
    blocks.push(...blocksIn(file, lines));
  }
  return blocks;
}
