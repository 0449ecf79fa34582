import { createRequire } from 'node:module';

const everythingRequired = process.env['CI'] === 'true' || process.env['REQUIRE_ALL'] === '1';
const requireFrom = createRequire(new URL('../vendors/package.json', import.meta.url));

/**
 * Where a package of `test/vendors` is. Where all suites must run (`CI=true` or `REQUIRE_ALL=1`) a missing one is an
 * error; elsewhere it is named on the console and the caller skips its suite.
 */
export function findVendorPart(name: string): string | undefined {
  try {
    return requireFrom.resolve(name);
  } catch {
    const advice = `${name} is missing; run: npm ci --prefix test/vendors`;
    if (everythingRequired) throw new Error(advice);
    console.warn(`skipped: ${advice}`);
    return undefined;
  }
}

/** A package of `test/vendors`, loaded as CommonJS; see {@link findVendorPart}. */
export function requireVendorPart(name: string): unknown {
  return findVendorPart(name) === undefined ? undefined : requireFrom(name);
}
