import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // An example may import a name that only its reader goes on to use.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}

/** The sources and the declarations of packages, which every program shares: parsing them is most of the work. */
const shared = new Map<string, ts.SourceFile | undefined>();

/** One module to compile: its name, which appears in messages, and its text. */
export interface Module {
  readonly name: string;
  readonly code: string;
}

/**
 * Compiles modules in one program against the sources, each as a file of its own.
 *
 * @returns every error as `name: line: message`, the line counted within the module.
 */
export function compile(modules: readonly Module[], ambient = ''): string[] {
  const options = compilerOptions();
  const names = new Map(modules.map(({ name }, index) => [resolve(root, `test/docs/.block-${index}.ts`), name]));
  const texts = new Map([...names.keys()].map((path, index) => [path, `${modules[index]?.code ?? ''}\nexport {};\n`]));
  const ambientPath = resolve(root, 'test/docs/.ambient.d.ts');
  texts.set(ambientPath, ambient);

  const host = ts.createCompilerHost(options);
  const withModules: ts.CompilerHost = {
    ...host,
    fileExists: (path) => texts.has(path) || host.fileExists(path),
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    getSourceFile: (path, languageVersion, ...rest) => {
      const text = texts.get(path);
      if (text !== undefined) return ts.createSourceFile(path, text, languageVersion, true);
      if (!shared.has(path)) shared.set(path, host.getSourceFile(path, languageVersion, ...rest));
      return shared.get(path);
    },
  };
  const program = ts.createProgram([...texts.keys()], options, withModules);
  return [...texts.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start, messageText }) => {
        const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
        return `${names.get(path) ?? 'prelude'}: line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      },
    );
  });
}
