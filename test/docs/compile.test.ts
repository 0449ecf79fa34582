import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  blocksOfDocstrings,
  blocksOfMarkdown,
  markdownFiles,
  preludeNames,
  sourceFiles,
  type Block,
} from './blocks.js';
import { compile } from './compile.js';

const inMarkdown = markdownFiles().flatMap(blocksOfMarkdown);
const inDocstrings = sourceFiles().flatMap(blocksOfDocstrings);
const isTypeScript = ({ language }: Block): boolean => language === 'ts';

/** The prelude's names as globals of the program that the docstrings' examples are compiled in. */
function ambientPrelude(): string {
  return [
    "import type * as prelude from '../../test/docs/prelude.js';",
    'declare global {',
    ...preludeNames().map((name) => `  const ${name}: typeof prelude.${name};`),
    '}',
  ].join('\n');
}

// Seconds on an idle machine, and far more on a busy one.
describe('code blocks', { timeout: 180_000 }, () => {
  // In the same program are wrong ones, which show that a wrong one would be seen.
  it('of README and docs compile, each as a whole program', async () => {
    const blocks = inMarkdown.filter(isTypeScript);
    expect(blocks.length).toBeGreaterThan(20);
    const code = "import { HttpClient } from 'agent-assist-sdk';\nnew HttpClient({ baseUrl: 1 });\n";
    const missing = "import 'agent-assist-sdk/http';\nstream.close();\n";
    const errors = await compile([...blocks, { name: 'wrong', code }, { name: 'missing', code: missing }]);
    expect(errors).toEqual([
      expect.stringContaining('wrong: line 2: Type'),
      expect.stringContaining('missing: line 2: Cannot find name'),
    ]);
  });

  it('of docstrings compile beside a few collaborators', async () => {
    const blocks = inDocstrings.filter(isTypeScript);
    expect(blocks.length).toBeGreaterThan(40);
    expect(await compile(blocks, ambientPrelude())).toEqual([]);
  });

  it('import only what the package exports', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> };
    const imported = [...inMarkdown, ...inDocstrings].flatMap(({ name, code }) =>
      [...code.matchAll(/['"](agent-assist-sdk[^'"]*)['"]/g)].map(([, specifier = '']) => ({ name, specifier })),
    );
    const unknown = imported.filter(({ specifier }) => !(specifier.replace(/^agent-assist-sdk/, '.') in exports));
    expect(imported.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });
});
