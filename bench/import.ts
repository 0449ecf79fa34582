// Time to load the package compared with other packages: `npm run bench -- import`.
//
// Each import happens in a process of its own. `ours` counts against the five dependencies that the clients are built on.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { alternate, ratio, spread, type Cost } from './harness/measure.ts';
import { isShort, publish } from './harness/report.ts';

const ROUNDS = isShort ? 5 : 31;
const FIVE = 'the five dependencies';

const subjects: Record<string, readonly string[]> = {
  // Under Node, `isomorphic-ws` is `ws`.
  [FIVE]: ['ky', 'zod/mini', 'isomorphic-ws', 'p-retry', 'eventemitter3'],
  'agent-assist-sdk': ['agent-assist-sdk'],
  'agent-assist-sdk/http': ['agent-assist-sdk/http'],
  'agent-assist-sdk/stream': ['agent-assist-sdk/stream'],
  'agent-assist-sdk/cognigy': ['agent-assist-sdk/cognigy'],
  'agent-assist-sdk/cxone': ['agent-assist-sdk/cxone'],
  ky: ['ky'],
};
for (const name of ['axios', 'got', 'openai', 'stripe']) {
  const folder = new URL(`peers/node_modules/${name}`, import.meta.url);
  if (!isShort && existsSync(folder)) subjects[name] = [name];
}

function importCost(modules: readonly string[]): Cost {
  // CPU time of all threads of the process, since reading and compiling happens beside the main one.
  const program = `
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await Promise.all(${JSON.stringify(modules)}.map((name) => import(name)));
    const wallUs = (performance.now() - startedAt) * 1000;
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ wallUs, cpuUs: user + system }));`;
  const isPeer = ['axios', 'got', 'openai', 'stripe'].includes(modules[0] ?? '');
  const cwd = isPeer ? new URL('peers/', import.meta.url) : process.cwd();
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd, encoding: 'utf8' }),
  ) as Cost;
}

const costs = await alternate(
  ROUNDS,
  Object.fromEntries(Object.entries(subjects).map(([name, modules]) => [name, () => importCost(modules)])),
);
publish('import', {
  tables: [
    {
      title: 'An import, cold',
      columns: ['package', 'CPU ms', '× the five, CPU', 'wall ms', '× the five, wall'],
      rows: Object.entries(costs).map(([name, rounds]) => [
        name,
        spread(rounds.map(({ cpuUs }) => cpuUs / 1000)),
        ratio(costs, name, FIVE),
        spread(rounds.map(({ wallUs }) => wallUs / 1000)),
        ratio(costs, name, FIVE, 'wallUs'),
      ]),
    },
  ],
  targets: [
    {
      what: 'agent-assist-sdk / the five dependencies, CPU',
      value: ratio(costs, 'agent-assist-sdk', FIVE),
      atMost: 0.5,
    },
    {
      what: 'agent-assist-sdk/http / the five dependencies, CPU',
      value: ratio(costs, 'agent-assist-sdk/http', FIVE),
      atMost: 0.15,
    },
  ],
});
