import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

/** Tests import the package by its public names; the alias points those at the sources. */
const alias = (defaultTransport: string) => [
  { find: /^agent-assist-sdk$/, replacement: source('index.ts') },
  { find: 'agent-assist-sdk/errors', replacement: source('errors.ts') },
  { find: /^agent-assist-sdk\/(.+)$/, replacement: source('$1/index.ts') },
  { find: '#default-transport', replacement: source(`http/${defaultTransport}`) },
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: alias('default-transport.ts') },
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
          testTimeout: 30_000,
        },
      },
      {
        // The core must behave the same on what bundles for browsers get.
        resolve: { alias: alias('default-transport.browser.ts') },
        test: { name: 'browser transport', include: ['test/http/*.test.ts'], testTimeout: 30_000 },
      },
    ],
  },
});
