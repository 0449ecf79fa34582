import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** What package.json replaces in bundles for browsers. */
const core = {
  node: [
    { find: '#zod-core', replacement: path('src/zod-core.ts') },
    { find: '#default-transport', replacement: path('src/http/runtimes/default-transport.ts') },
  ],
  browser: [
    { find: '#zod-core', replacement: path('src/zod-core.browser.ts') },
    { find: '#default-transport', replacement: path('src/http/runtimes/default-transport.browser.ts') },
    { find: '#p-retry', replacement: path('src/http/runtimes/p-retry.browser.ts') },
  ],
};

/** Tests import the package by its public names; the alias points those at the sources. */
const alias = (platform: keyof typeof core) => [
  { find: /^agent-assist-sdk$/, replacement: path('src/index.ts') },
  { find: 'agent-assist-sdk/errors', replacement: path('src/errors.ts') },
  { find: /^agent-assist-sdk\/(.+)$/, replacement: path('src/$1/index.ts') },
  { find: /^#dist\/(.+)\.js$/, replacement: path('src/$1.ts') },
  ...core[platform],
  // The browser's one knows no code; the tests' connections fail with those of Node.
  { find: '#runtime', replacement: path('src/http/runtimes/runtime.ts') },
  { find: '#web-socket', replacement: path('src/stream/connection/web-socket.ts') },
];

/** What `npm test` leaves to `npm run test:full`: suites that need other programs, and suites that take long. */
const full = (folder: string) => [`${folder}/*foreign.test.ts`, `${folder}/*slow.test.ts`];

/** Tests of `http/` that need neither the default transport nor retries: with the browser's their results are the same. */
const otherTransports = [
  'bytes',
  'encrypted-store',
  'insecure',
  'load',
  'memory-store',
  'redact',
  'retry-after',
  'system-clock',
  'transports',
  'url',
  'zod-core',
].map((name) => `test/http/${name}.test.ts`);

/**
 * Tests that start programs run first: Node forks to start one, which takes a process of 900 MB, as workers become, 40 ms
 * of CPU more than a small one. They also take longest.
 */
const startsPrograms = /\/test\/(?:examples|docs|contracts)\/|\/crash\/|\/(?:cli|killed|writers)\.test\.ts$/;
class ProgramsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (startsPrograms.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

const everyProject = {
  // A test leaves nothing behind, so files share their workers: loading the sources again for each costs a third more.
  isolate: false,
  testTimeout: 30_000,
  // Hooks start browsers and tenants and bundle pages: a busy machine needs more than the runner's 10 s.
  hookTimeout: 60_000,
  // A poll that succeeds never takes longer than it must.
  expect: { poll: { timeout: 10_000 } },
  // For the programs that tests start.
  env: { NODE_COMPILE_CACHE: path('.tmp/compile-cache') },
};

export default defineConfig({
  test: {
    // Many tests wait for sockets: more workers than two cores keep both busy.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: ProgramsFirst },
    projects: [
      {
        resolve: { alias: alias('node') },
        test: {
          ...everyProject,
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...full('test/**')],
          typecheck: {
            enabled: true,
            include: ['test/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            // Takes a third of the time of TypeScript 6, by which `npm run typecheck` checks the same.
            checker: path('node_modules/typescript-7/bin/tsc'),
          },
        },
      },
      {
        // The core must behave the same on what bundles for browsers get.
        resolve: { alias: alias('browser') },
        test: {
          ...everyProject,
          name: 'browser transport',
          include: ['test/http/*.test.ts'],
          exclude: [...configDefaults.exclude, ...full('test/http'), ...otherTransports],
        },
      },
      {
        resolve: { alias: alias('node') },
        test: { ...everyProject, name: 'full', testTimeout: 120_000, include: full('test/**') },
      },
      {
        resolve: { alias: alias('browser') },
        test: {
          ...everyProject,
          name: 'full, browser transport',
          testTimeout: 120_000,
          include: full('test/http'),
        },
      },
    ],
  },
});
