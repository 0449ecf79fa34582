// Runs beside each test file: notes which mutants each test reaches, and ends loops that a mutant made endless.
import { afterAll, afterEach, beforeEach } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Mutants that the test, or the file outside its tests, reached, with how often. */
    mutants?: Record<string, number>;
  }
}

interface Namespace {
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; readonly perTest: Record<string, Record<string, number>> };
}

const scope = globalThis as { __stryker__?: Namespace };
const namespace = (scope.__stryker__ ??= {});

const hitLimit = process.env['MUTATION_HIT_LIMIT'];
if (hitLimit !== undefined) {
  namespace.hitCount = 0;
  namespace.hitLimit = Number(hitLimit);
} else {
  beforeEach(({ task }) => {
    namespace.currentTestId = task.id;
  });
  afterEach(({ task }) => {
    namespace.currentTestId = undefined;
    task.meta.mutants = namespace.mutantCoverage?.perTest[task.id] ?? {};
  });
  // Vitest reads the first parameter as a list of fixtures; of none here.
  afterAll(({}, suite) => {
    if (namespace.mutantCoverage === undefined) return;
    suite.file.meta.mutants = namespace.mutantCoverage.static;
    // Emptied in place: the instrumented modules keep the object.
    namespace.mutantCoverage.static = {};
  });
}
