// Time to import the package against importing its five dependencies alone, as a ratio within one run:
// `npm run bench -- import`. Each import happens in a process of its own.
import { execFileSync } from 'node:child_process';

const ROUNDS = 31;
const TARGET = 1.25;

const subjects = {
  'agent-assist-sdk': ['agent-assist-sdk'],
  // Under Node, `isomorphic-ws` is `ws`.
  'the four dependencies': ['ky', 'zod/mini', 'isomorphic-ws', 'p-retry'],
};

interface Cost {
  /** From the first import to the end of the last, in ms. */
  readonly wallMs: number;
  /** CPU time of all threads in ms; a busy machine changes it less than the wall time. */
  readonly cpuMs: number;
}

function importCost(modules: readonly string[]): Cost {
  const program = `
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await Promise.all(${JSON.stringify(modules)}.map((name) => import(name)));
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }),
  ) as Cost;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const rounds: { readonly ours: Cost; readonly theirs: Cost }[] = [];
for (let round = -2; round < ROUNDS; round += 1) {
  // They alternate, so that neither profits from files that the other has just read.
  const first = importCost(round % 2 === 0 ? subjects['agent-assist-sdk'] : subjects['the four dependencies']);
  const second = importCost(round % 2 === 0 ? subjects['the four dependencies'] : subjects['agent-assist-sdk']);
  // The first rounds fill the disk cache.
  if (round >= 0) rounds.push(round % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first });
}
for (const [name, by] of [
  ['wall clock', 'wallMs'],
  ['CPU time', 'cpuMs'],
] as const) {
  const ours = median(rounds.map((round) => round.ours[by]));
  const theirs = median(rounds.map((round) => round.theirs[by]));
  const ratio = median(rounds.map((round) => round.ours[by] / round.theirs[by]));
  console.log(
    `${name.padEnd(12)} agent-assist-sdk ${ours.toFixed(0)} ms · the four dependencies ${theirs.toFixed(0)} ms · ` +
      `× ${ratio.toFixed(2)} (target: at most ${TARGET})`,
  );
}
