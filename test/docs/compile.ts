import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
// TypeScript 7 takes a third of the time of TypeScript 6.
const compiler = join(root, 'node_modules/typescript-7/bin/tsc');

/** One module to compile: its name, which appears in messages, and its text. */
export interface Module {
  readonly name: string;
  readonly code: string;
}

/**
 * Compiles modules in one program against the built package, each as a file of its own.
 *
 * @returns every error as `name: line: message`, the line counted within the module.
 */
export async function compile(modules: readonly Module[], ambient = ''): Promise<string[]> {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  // Inside the repository, where the modules find its packages.
  const folder = mkdtempSync(join(root, '.tmp/blocks-'));
  try {
    modules.forEach(({ code }, index) => writeFileSync(join(folder, `block-${index}.ts`), `${code}\nexport {};\n`));
    writeFileSync(join(folder, 'ambient.d.ts'), ambient);
    const compilerOptions = {
      // An example may import a name that only its reader goes on to use.
      noUnusedLocals: false,
      noUnusedParameters: false,
      // The package's name leads to its built declarations, as in an application; they are not checked again.
      paths: {},
    };
    const config = { extends: '../../tsconfig.json', compilerOptions, include: ['.'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return (await outputOf(['-p', folder, '--pretty', 'false']))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) =>
        line.replace(
          /^\S*\/block-(\d+)\.ts\((\d+),\d+\): error TS\d+/,
          (_, index: string, number: string) => `${modules[Number(index)]?.name}: line ${number}`,
        ),
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function outputOf(args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [compiler, ...args], { cwd: root })).stdout;
  } catch (error) {
    // It ends with 1 or 2 for code that is wrong.
    const { code, stdout = '' } = error as { readonly code?: unknown; readonly stdout?: string };
    if ((code === 1 || code === 2) && stdout !== '') return stdout;
    throw error;
  }
}
