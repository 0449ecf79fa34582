import { spawnSync } from 'node:child_process';

const everythingRequired = process.env['CI'] === 'true' || process.env['REQUIRE_ALL'] === '1';

/**
 * Whether a program is on the PATH. Where all suites must run (`CI=true` or `REQUIRE_ALL=1`) a missing one is an error;
 * elsewhere it is named on the console and the caller skips its suite.
 */
export function requireProgram(program: string, aptPackage: string): boolean {
  return requireSuccess(['sh', '-c', `command -v ${program}`], program, aptPackage);
}

/** The Python that sees Debian's packages; another one on the PATH may not. */
export const debianPython = '/usr/bin/python3';

/** Whether Debian's Python has a module, like {@link requireProgram}. */
export function requirePythonModule(module: string, aptPackage: string): boolean {
  return requireSuccess([debianPython, '-c', `import ${module}`], `Python's module ${module}`, aptPackage);
}

function requireSuccess([program = '', ...args]: readonly string[], name: string, aptPackage: string): boolean {
  if (spawnSync(program, args).status === 0) return true;
  const advice = `${name} is missing; on Debian: apt-get install ${aptPackage}`;
  if (everythingRequired) throw new Error(advice);
  console.warn(`skipped: ${advice}`);
  return false;
}
