// Words that the glossary of CONTRIBUTING.md replaces, in texts that users read: README, docs, docstrings, error and log
// messages. Prints `file:line: "found" → replacement` for each. Fails when there is one; with `--report` it only prints.
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

interface Rule {
  /** The searched words: the table's second column as a regular expression. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

interface Text {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Returns the rows of the table under "Glossary": | write | instead of | */
function glossary(): Rule[] {
  const [, section = ''] = readFileSync('CONTRIBUTING.md', 'utf8').split('\n## Glossary\n');
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| (.+?) \| (`.+`) \|$/gm);
  return [...rows].map(([, replacement = '', patterns = '']) => ({
    replacement,
    pattern: new RegExp(
      [...patterns.matchAll(/`([^`]+)`/g)]
        .map(([, pattern = '']) => `\\b(?:${pattern.replaceAll('\\|', '|')})\\b`)
        .join('|'),
      'gi',
    ),
  }));
}

/** Yields the prose of Markdown, without code blocks, whose words are the API's. */
function* textsOfMarkdown(file: string): Generator<Text> {
  let isCode = false;
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (text.startsWith('```')) isCode = !isCode;
    else if (!isCode) yield { file, line: index + 1, text: text.replace(/`[^`]*`/g, '``') };
  }
}

/** Yields docstrings and literals, including messages of errors and logs. */
function* textsOfSource(file: string): Generator<Text> {
  const content = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true);
  const at = (position: number, text: string): Text[] =>
    text.split('\n').map((line, index) => ({
      file,
      line: source.getLineAndCharacterOfPosition(position).line + 1 + index,
      text: line,
    }));
  for (const { index, 0: comment } of content.matchAll(/\/\*\*.*?\*\//gs)) yield* at(index, comment);
  const literals: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      const isModule = ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent);
      if (!isModule) literals.push(...at(node.getStart(), node.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  yield* literals;
}

const markdown = [...globSync(['*.md', 'docs/*.md', 'llms.txt'])].sort();
const sources = globSync(['src/**/*.ts', 'examples/**/*.ts']).sort();
const rules = glossary();
if (rules.length === 0) throw new Error('CONTRIBUTING.md has no table under "## Glossary"');

let count = 0;
for (const { file, line, text } of [
  ...markdown.flatMap((file) => [...textsOfMarkdown(file)]),
  ...sources.flatMap((file) => [...textsOfSource(file)]),
]) {
  for (const { pattern, replacement } of rules) {
    for (const [found] of text.matchAll(pattern)) {
      count += 1;
      console.log(`${file}:${line}: "${found}" → ${replacement}`);
    }
  }
}
console.log(count === 0 ? 'No replaced word found.' : `${count} found; the glossary is in CONTRIBUTING.md.`);
if (count > 0 && !process.argv.includes('--report')) process.exitCode = 1;
