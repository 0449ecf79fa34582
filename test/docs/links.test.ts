import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blocksOfMarkdown, markdownFiles, sourceFiles } from './blocks.js';

/** Text of a file without its code blocks. */
function proseOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
}

/** The anchors that GitHub gives to the headings of a file. */
function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

describe('README and docs', () => {
  it.each([...markdownFiles(), 'llms.txt', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'])(
    '%s has no broken link',
    (file) => {
      const targets = [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target));
      const broken = targets.filter((target) => {
        const [path = '', anchor] = target.split('#');
        const linked = path === '' ? file : join(dirname(file), path);
        if (!existsSync(linked)) return true;
        return anchor !== undefined && !anchorsOf(linked).includes(anchor);
      });
      expect(broken).toEqual([]);
    },
  );

  it.each([...markdownFiles(), 'llms.txt', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'])(
    '%s links only to what the package ships',
    (file) => {
      const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly files: readonly string[] };
      // npm adds these.
      const shipped = [...files, 'README.md', 'LICENSE'];
      const linked = [...proseOf(file).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, target = '']) =>
        join(dirname(file), target),
      );
      expect(linked.filter((target) => !shipped.some((pattern) => matchesGlob(target, pattern)))).toEqual([]);
    },
  );

  it('name only files of the repository that exist', () => {
    const missing = markdownFiles().flatMap((file) =>
      [...proseOf(file).matchAll(/`((?:bench|examples|scripts|src|test)\/[^`\s]+\.\w+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => globSync(path).length === 0)
        .map((path) => `${file}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('are reachable from each other, all guides from the index', () => {
    const index = proseOf('docs/README.md');
    const guides = markdownFiles().filter((file) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md');
    expect(guides.filter((file) => !index.includes(`](${file.slice('docs/'.length)})`))).toEqual([]);
    const forPrograms = readFileSync('llms.txt', 'utf8');
    expect(guides.filter((file) => !forPrograms.includes(`](${file})`))).toEqual([]);
  });

  it('say how to install what their programs import beside this package', () => {
    const missing = markdownFiles().flatMap((file) => {
      const blocks = blocksOfMarkdown(file);
      const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code.replace(/\\\n/g, ' '));
      const installed = new Set(
        [...`${proseOf(file)}\n${commands.join('\n')}`.matchAll(/npm install ([^`\n]+)/g)].flatMap(([, names = '']) =>
          names.split(/\s+/),
        ),
      );
      const imported = blocks
        .filter(({ language }) => language === 'ts')
        .flatMap(({ code }) =>
          [...code.matchAll(/ from '((?!node:|agent-assist-sdk|\.)(?:@[^/']+\/)?[^/']+)/g)].map(
            ([, name = '']) => name,
          ),
        );
      return imported.filter((name) => !installed.has(name)).map((name) => `${file}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it.each([...markdownFiles(), 'CONTRIBUTING.md'])('%s names only source files that exist', (file) => {
    const named = [...proseOf(file).matchAll(/`((?:[\w-]+\/)+[\w.-]+\.ts)`/g)].map(([, path = '']) => path);
    // The guide on a new client names the files of one that does not exist.
    const own = named.filter((path) => !path.includes('quality'));
    expect(own.filter((path) => !existsSync(path) && !existsSync(join('src', path)))).toEqual([]);
  });

  it('state the defaults of the docstrings', () => {
    const defaults = new Map<string, Set<string>>();
    const option = /\/\*\*((?:(?!\*\/)[^])*?)\*\/\s*(?:readonly )?(\w+)\??:/g;
    for (const [, docstring = '', name = ''] of sourceFiles().flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(option),
    ])) {
      const [, value] = /@defaultValue (\d[\d,]*)/.exec(docstring) ?? [];
      if (value !== undefined) defaults.set(name, (defaults.get(name) ?? new Set()).add(value.replace(/,$/, '')));
    }
    const stated = markdownFiles().flatMap((file) => {
      const text = proseOf(file);
      // `capacity` (1,000), or rows of tables: | `capacity` | 1,000 |, | `a`, `b` | 1,000 and 2,000 |
      const inText = [...text.matchAll(/`(\w+)` \((\d[\d,]*)[);]/g)].map(([, name = '', value = '']) => ({
        name,
        value,
      }));
      const rows = [...text.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| (\d[\d,]*(?: and \d[\d,]*)*) \|/gm)];
      const inRows = rows.flatMap(([, names = '', values = '']) =>
        [...names.matchAll(/\w+/g)].map(([name], index) => ({ name, value: values.split(' and ')[index] ?? '' })),
      );
      return [...inText, ...inRows].filter(({ name }) => defaults.has(name)).map((each) => ({ file, ...each }));
    });
    expect(stated.length).toBeGreaterThan(20);
    expect(stated.filter(({ name, value }) => defaults.get(name)?.has(value) !== true)).toEqual([]);
  });

  it('name every import that package.json resolves for browsers', () => {
    const { imports } = JSON.parse(readFileSync('package.json', 'utf8')) as { imports: Record<string, unknown> };
    const page = proseOf('docs/architecture.md');
    expect(Object.keys(imports).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('name only commands that exist', () => {
    const { scripts, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      'scripts' | 'bin',
      Record<string, string>
    >;
    const programs = (folder: string): string[] =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ts'))
        .map((name) => name.slice(0, -3));
    const known: Readonly<Record<string, readonly string[]>> = {
      'npm run': Object.keys(scripts),
      npx: [...Object.keys(bin), 'node'],
      'npm run example --': programs('examples'),
      'npm run bench --': programs('bench'),
    };
    const texts = markdownFiles().flatMap((file) => [
      ...blocksOfMarkdown(file)
        .filter(({ language }) => language === 'sh')
        .map(({ name, code }) => ({ name, text: code })),
      ...[...proseOf(file).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ name: file, text })),
    ]);
    const unknown = texts.flatMap(({ name, text }) =>
      [...text.matchAll(/(npm run (?:example|bench) --|npm run|npx) ([a-z][\w:-]*)/g)]
        .filter(([, command = '', argument = '']) => known[command]?.includes(argument) !== true)
        .map(([found]) => `${name}: ${found}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the root', () => {
  it('has fewer than 150 names', () => {
    const lists = readFileSync('src/index.ts', 'utf8').matchAll(/^export (?:type )?\{([^}]+)\}/gm);
    const names = [...lists].flatMap(([, list = '']) => list.split(',').filter((name) => name.trim() !== ''));
    expect(names.length).toBeGreaterThan(100);
    expect(names.length).toBeLessThan(150);
  });
});

describe('llms.txt', () => {
  it('names subpaths and names that exist, all subpaths, functions and classes', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> };
    const listed = [...readFileSync('llms.txt', 'utf8').matchAll(/^- `(agent-assist-sdk\/[^`]+)`: (.+)$/gm)];
    const subpaths = listed.map(([, subpath = '']) => subpath.replace('agent-assist-sdk', '.'));
    expect(subpaths.sort()).toEqual(
      Object.keys(exports)
        .filter((subpath) => subpath !== '.' && subpath !== './package.json')
        .sort(),
    );
    for (const [, subpath = '', names = ''] of listed) {
      const path = subpath.slice('agent-assist-sdk/'.length);
      const source = readFileSync(path === 'errors' ? 'src/errors.ts' : `src/${path}/index.ts`, 'utf8');
      const missing = names.split(', ').filter((name) => !new RegExp(`\\b${name}\\b`).test(source));
      expect(missing, subpath).toEqual([]);
      const exported = [...source.matchAll(/^export \{([^}]+)\}/gm)].flatMap(([, list = '']) => list.split(','));
      const values = exported.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
      expect(
        values.filter((name) => !names.split(', ').includes(name)),
        subpath,
      ).toEqual([]);
    }
  });
});
