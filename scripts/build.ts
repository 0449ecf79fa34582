// Builds `dist`: a file for each subpath, chunks of what several of them share, and the declarations. TypeScript checks
// and compiles each module, then esbuild joins them; the source maps lead back to `src`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import ts from 'typescript';
import manifest from '../package.json' with { type: 'json' };
import { bringDisposable, dropBareImports, restoreClassNames } from './built-code.ts';
import { fingerprint } from './fingerprint.ts';

const root = resolve(import.meta.dirname, '..');
/** Where `tsconfig.build.json` puts the modules. */
const modules = join(root, '.tmp/modules');
const dist = join(root, 'dist');

/** The package whose code is in `dist`. CONTRIBUTING.md says why, and how its fixes get there. */
const INLINED = 'zod';

/**
 * What nearly every subpath needs, each after what it imports: one chunk, since each file costs Node's loader more than
 * its code does. esbuild alone would split them by the few subpaths that need only some.
 */
const SHARED = [
  'errors/base.js',
  'errors/call.js',
  'errors/features.js',
  'json.js',
  'options.js',
  'bytes.js',
  'regexp.js',
  'http/clock.js',
  'http/redact.js',
  'http/transport.js',
];

/** Checks the types and writes the declarations, by TypeScript 7, which takes a fifth of the time. */
async function declare(): Promise<boolean> {
  const compiler = join(root, 'node_modules/typescript-7/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--emitDeclarationOnly'];
  const [status] = (await once(spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }), 'close')) as [number];
  return status === 0;
}

/** What is wrong with the configuration, TypeScript 7 says. */
const host: ts.ParseConfigFileHost = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };

/** Writes the modules, by TypeScript 6: the newer one cannot change code on the way. Nothing is checked. */
function transpile(): void {
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.build.json'), {}, host);
  if (config === undefined) return;
  const { options, fileNames } = config;
  // A file alone does not show that the package has ES modules.
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext };
  for (const fileName of fileNames) {
    const output = ts.transpileModule(readFileSync(fileName, 'utf8'), {
      compilerOptions,
      fileName,
      transformers: { before: [markValues] },
    });
    const path = join(modules, relative(join(root, 'src'), fileName).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, output.outputText);
    writeFileSync(`${path}.map`, output.sourceMapText ?? '');
  }
}

/**
 * Marks the values of modules as free of effects, since no module does work when it is loaded: a bundler can then leave
 * out each value on its own, not only whole files. What a mark on a call does not cover is put into a function.
 */
function markValues(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const { factory } = context;
  const pure = <T extends ts.Node>(node: T): T =>
    ts.addSyntheticLeadingComment(node, ts.SyntaxKind.MultiLineCommentTrivia, ' @__PURE__ ');
  const called = (value: ts.Expression): ts.CallExpression => {
    const body = factory.createArrowFunction(undefined, undefined, [], undefined, undefined, value);
    return factory.createCallExpression(factory.createParenthesizedExpression(body), undefined, []);
  };
  const markCalls = (node: ts.Node): ts.Node => {
    if (ts.isFunctionLike(node)) return node;
    const marked = ts.visitEachChild(node, markCalls, context);
    return ts.isCallExpression(marked) || ts.isNewExpression(marked) ? pure(marked) : marked;
  };
  const markValue = (node: ts.Node): ts.Node => {
    if (!ts.isVariableDeclaration(node) || node.initializer === undefined) return node;
    const { name, exclamationToken, type, initializer } = node;
    const value = isPlain(initializer) ? (markCalls(initializer) as ts.Expression) : pure(called(initializer));
    return factory.updateVariableDeclaration(node, name, exclamationToken, type, value);
  };
  const markStatement = (node: ts.Node): ts.Node => {
    if (ts.isClassDeclaration(node)) return markCalls(node);
    if (!ts.isVariableStatement(node)) return node;
    const { modifiers, declarationList } = node;
    return factory.updateVariableStatement(node, modifiers, ts.visitEachChild(declarationList, markValue, context));
  };
  return (file) => ts.visitEachChild(file, markStatement, context);
}

/** Returns whether bundlers see by themselves that a value has no effects, once its calls are marked. */
function isPlain(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isIdentifier(node) || ts.isLiteralExpression(node)) return true;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return isPlain(node.expression);
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) return (node.arguments ?? []).every(isPlain);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlain);
  if (ts.isPropertyAssignment(node)) return !ts.isComputedPropertyName(node.name) && isPlain(node.initializer);
  if (ts.isObjectLiteralExpression(node)) return node.properties.every(isPlain);
  return (
    ts.isShorthandPropertyAssignment(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind)
  );
}

async function bundle(): Promise<Metafile> {
  const files = entries([manifest.exports, manifest.imports, manifest.bin]);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files.map((file) => ({ in: join(modules, file), out: file.replace(/\.js$/, '') })),
    outdir: dist,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    // Neither Node's nor a browser's: the conditions of package.json are chosen where the package is used.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    plugins: [resolvePackages, joinShared],
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
    // The chunk with the check of the runtime is loaded before other packages in any case.
    logOverride: { 'ignored-bare-import': 'silent', 'import-is-undefined': 'error' },
  });
  return metafile;
}

/** The modules below `dist` that a part of package.json names. */
function entries(part: unknown): readonly string[] {
  if (typeof part === 'object' && part !== null) return [...new Set(Object.values(part).flatMap(entries))];
  const file = typeof part === 'string' ? /^\.\/dist\/(.*\.js)$/.exec(part)?.[1] : undefined;
  return file === undefined ? [] : [file];
}

/** Leaves imports of other packages and of `#…` to where the package is used, except what the schemas use of zod. */
const resolvePackages: Plugin = {
  name: 'resolve-packages',
  setup: (builder) => {
    builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || [`${INLINED}/v4/core`, `${INLINED}/mini`].includes(path)
        ? undefined
        : { path, external: true },
    );
  },
};

/** Leads imports of one of the shared modules by way of all of them, so that the same subpaths need each of them. */
const joinShared: Plugin = {
  name: 'join-shared',
  setup: (builder) => {
    const isShared = (path: string): boolean => SHARED.includes(relative(modules, path));
    builder.onResolve({ filter: /^\./ }, ({ path, importer, namespace, resolveDir }) => {
      const file = join(resolveDir, path);
      // As if they had effects: otherwise esbuild leaves out those of which nothing is used.
      if (namespace === 'shared') return { path: file, sideEffects: true };
      return isShared(file) && !isShared(importer)
        ? { path: 'shared', namespace: 'shared', sideEffects: true }
        : undefined;
    });
    builder.onLoad({ filter: /.*/, namespace: 'shared' }, () => ({
      contents: SHARED.map((file) => `import './${file}'; export * from './${file}';`).join('\n'),
      resolveDir: modules,
    }));
  },
};

/** Puts the license beside the code that is not ours. */
function writeLicense({ inputs, outputs }: Metafile): void {
  const packages = new Set(Object.keys(inputs).flatMap((path) => /^node_modules\/([^/]+)/.exec(path)?.[1] ?? []));
  if ([...packages].join() !== INLINED) throw new Error(`In dist are also ${[...packages].join(', ')}`);
  const chunks = Object.entries(outputs).filter(([, output]) =>
    Object.keys(output.inputs).some((path) => path.startsWith('node_modules/')),
  );
  const names = chunks.map(([path]) => path.replace('dist/', ''));
  const license = readFileSync(join(root, 'node_modules', INLINED, 'LICENSE'), 'utf8');
  const head = `${names.join(', ')}: parts of ${INLINED} ${manifest.dependencies[INLINED]}, under this license:`;
  writeFileSync(join(dist, 'LICENSES.txt'), `${head}\n\n${license}`);
}

function correctCode({ outputs }: Metafile): void {
  for (const path of Object.keys(outputs).filter((name) => name.endsWith('.js'))) {
    const code = readFileSync(join(root, path), 'utf8');
    writeFileSync(join(root, path), restoreClassNames(dropBareImports(code)));
  }
}

function completeDeclarations(): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join(dist, name);
    const declaration = readFileSync(path, 'utf8');
    writeFileSync(path, bringDisposable(declaration));
  }
}

/** Everything that decides what is built, and `dist` itself: nobody else may have changed it since. */
const builtFrom = (): string =>
  fingerprint(root, [
    'src',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    // What is installed, which may be behind the lock file of the repository.
    'node_modules/.package-lock.json',
    'scripts/build.ts',
    'scripts/built-code.ts',
    'scripts/fingerprint.ts',
    'dist',
  ]);

/** Nearly every script builds first: what is there already is kept. */
const stamp = join(root, '.tmp/built');
const isBuilt = existsSync(dist) && existsSync(stamp) && readFileSync(stamp, 'utf8') === builtFrom();

if (!isBuilt) {
  for (const path of [stamp, modules, dist]) rmSync(path, { recursive: true, force: true });
  const declared = declare();
  transpile();
  if (await declared) {
    const built = await bundle();
    correctCode(built);
    completeDeclarations();
    writeLicense(built);
    writeFileSync(stamp, builtFrom());
  } else process.exitCode = 1;
}
