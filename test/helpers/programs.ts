import { spawnSync } from 'node:child_process';

const everythingRequired = process.env['CI'] === 'true' || process.env['REQUIRE_ALL'] === '1';

/**
 * Whether a program is on the PATH. Where all suites must run (`CI=true` or `REQUIRE_ALL=1`) a missing one is an error;
 * elsewhere it is named on the console and the caller skips its suite.
 */
export function requireProgram(program: string, aptPackage: string): boolean {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  if (found) return true;
  const advice = `${program} is missing; on Debian: apt-get install ${aptPackage}`;
  if (everythingRequired) throw new Error(advice);
  console.warn(`skipped: ${advice}`);
  return false;
}
