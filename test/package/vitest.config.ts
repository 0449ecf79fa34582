import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Without the aliases of the other tests: what is imported here is the package itself, packed and installed.
export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['**/*.check.ts'],
    globalSetup: [join(import.meta.dirname, 'pack.ts')],
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
