import type { TestProject } from 'vitest/node';
import { pack, type Tarball } from '../../scripts/consumer.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The package, packed once for all tests. */
    tarball: Tarball;
  }
}

export async function setup(project: TestProject): Promise<void> {
  project.provide('tarball', await pack());
}
