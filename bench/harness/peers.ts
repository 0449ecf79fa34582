// Other clients, installed by `npm ci --prefix bench/peers`.
import { createRequire } from 'node:module';
import { isShort } from './report.ts';

const requireFrom = createRequire(new URL('../peers/package.json', import.meta.url));

/** Loads a package of bench/peers, or says that it is missing and returns `undefined`. A short run has no peers. */
export function requirePeer(name: string): unknown {
  if (isShort) return undefined;
  try {
    return requireFrom(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    console.warn(`without ${name}; run: npm ci --prefix bench/peers`);
    return undefined;
  }
}
