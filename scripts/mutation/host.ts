// Holds vitest for the runner and runs what it is told; a process of its own, so that an endless mutant can be killed.
import { readFileSync } from 'node:fs';
import { createVitest, type Reporter, type TestCase, type TestModule, type Vitest } from 'vitest/node';
import config from '../../vitest.config.ts';

/** Tests of one file; without `testIds` all of them. */
export interface TestFile {
  readonly file: string;
  readonly testIds?: readonly string[];
}

export interface Task {
  /** The mutant that is on; none to see what each test reaches. */
  readonly mutant?: string;
  readonly hitLimit?: number;
  readonly tests: readonly TestFile[];
}

export interface RunTest {
  readonly file: string;
  readonly id: string;
  readonly name: string;
  readonly durationMs: number;
  readonly mutants: Readonly<Record<string, number>>;
}

export interface Outcome {
  readonly passed: readonly RunTest[];
  /** Reached outside any test, e.g. while modules load, by file. */
  readonly outside: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Each failed test or hook with its message. */
  readonly failures: readonly { readonly file: string; readonly test: string; readonly message: string }[];
}

const contentsFile = process.argv[2] ?? '';
const contents = JSON.parse(readFileSync(contentsFile, 'utf8')) as Record<string, string>;

let passed: RunTest[] = [];
let outside: Record<string, Readonly<Record<string, number>>> = {};
let failures: { file: string; test: string; message: string }[] = [];

const reporter: Reporter = {
  onTestCaseResult(test: TestCase) {
    const file = test.module.relativeModuleId;
    const result = test.result();
    if (result.state === 'failed')
      failures.push({ file, test: test.fullName, message: result.errors[0]?.message ?? 'failed' });
    else if (result.state === 'passed')
      passed.push({
        file,
        id: test.id,
        name: test.fullName,
        durationMs: test.diagnostic()?.duration ?? 0,
        mutants: test.meta().mutants ?? {},
      });
  },
  onTestModuleEnd(module: TestModule) {
    const file = module.relativeModuleId;
    outside[file] = module.meta().mutants ?? {};
    for (const { message } of module.errors()) failures.push({ file, test: '', message });
    for (const suite of module.children.allSuites())
      for (const { message } of suite.errors()) failures.push({ file, test: suite.fullName, message });
  },
  onTestRunEnd(_modules, errors) {
    for (const { message } of errors) failures.push({ file: '', test: '', message });
  },
};

const [all] = config.test?.projects as [{ resolve: object; test: object }];
const vitest: Vitest = await createVitest(
  {
    ...all.test,
    config: false,
    name: 'all',
    watch: false,
    maxWorkers: 1,
    bail: 1,
    testTimeout: 15_000,
    typecheck: { enabled: false },
    setupFiles: ['scripts/mutation/setup.ts'],
    reporters: [reporter],
    silent: true,
  },
  {
    resolve: all.resolve,
    plugins: [
      {
        name: 'mutants',
        enforce: 'pre',
        load(id) {
          return contents[id.replace(`${process.cwd()}/`, '')];
        },
      },
    ],
  },
);
const project = vitest.getRootProject();

process.on('message', (task: Task) => void run(task));
process.send?.('ready');

async function run({ mutant, hitLimit, tests }: Task): Promise<void> {
  [passed, outside, failures] = [[], {}, []];
  vitest.config.bail = mutant === undefined ? 0 : 1;
  setVariable('__STRYKER_ACTIVE_MUTANT__', mutant);
  setVariable('MUTATION_HIT_LIMIT', hitLimit === undefined ? undefined : String(hitLimit));
  const specifications = tests.map(({ file, testIds }) =>
    project.createSpecification(`${process.cwd()}/${file}`, testIds === undefined ? {} : { testIds: [...testIds] }),
  );
  try {
    await vitest.runTestSpecifications(specifications, false);
  } catch (error) {
    failures.push({ file: '', test: '', message: String(error) });
  }
  process.exitCode = 0;
  process.send?.({ passed, outside, failures } satisfies Outcome);
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
