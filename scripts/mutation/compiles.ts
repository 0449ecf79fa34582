// Whether the compiler accepts a mutant: one it refuses never runs anywhere.
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { Mutant } from './mutants.ts';

const overlay = new Map<string, { readonly version: number; readonly text: string }>();
let service: ts.LanguageService | undefined;
let version = 0;

export function compiles({ file, start, end, replacement }: Mutant): boolean {
  const path = `${process.cwd()}/${file}`;
  const source = readFileSync(path, 'utf8');
  service ??= createService();
  overlay.set(path, { version: ++version, text: `${source.slice(0, start)}${replacement}${source.slice(end)}` });
  const errors = [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)];
  overlay.delete(path);
  return errors.length === 0;
}

function createService(): ts.LanguageService {
  const read = ts.readConfigFile('tsconfig.json', (name) => ts.sys.readFile(name));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, process.cwd());
  const roots = ts.sys.readDirectory(`${process.cwd()}/src`, ['.ts']);
  return ts.createLanguageService({
    getScriptFileNames: () => roots,
    getScriptVersion: (name) => String(overlay.get(name)?.version ?? 0),
    getScriptSnapshot: (name) => {
      const text = overlay.get(name)?.text ?? ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => process.cwd(),
    // Unused names are the linter's business: they do not stop a program.
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (name) => ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    readDirectory: (...args) => ts.sys.readDirectory(...args),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
  });
}
