// An hour of service in compressed time on the embedded platforms: `npm run soak -- [events, 1000000] [platform]`.
//
// The tenant of the documents, CXone and Cognigy.AI take turns. 10,000 interactions run at once, tokens expire every two
// minutes, connections break, and one request or frame in a hundred fails in every way that the embedded platforms know.
// The heap must be flat after the first tenth, nothing may be left open, and every event must be accounted for: handled,
// invalid, or lost in a gap that the stream reported. `--short` takes seconds; `documents`, `cxone` or `cognigy` runs that
// platform alone.
import { spread } from './harness/measure.ts';
import { isShort, publish, type Table, type Target } from './harness/report.ts';
import { soak, type Account, type SoakOptions } from './soak/service.ts';

const events = Number(process.argv.slice(2).find((value) => /^\d+$/.test(value)) ?? 1_000_000);
const only = process.argv.slice(2).find((value): value is SoakOptions['name'] => /^[a-z]+$/.test(value));
/** Two heaps after a full collection may differ by this factor without any growth. */
const NOISE = isShort ? 1.25 : 1.05;

interface Run extends Pick<SoakOptions, 'name' | 'interactions' | 'events'> {
  readonly label: string;
  /** What the largest heap may be of that after the first tenth. */
  readonly growth: number;
}

const million = isShort ? 20_000 : events;
const interactions = isShort ? 500 : 10_000;
const runs: readonly Run[] = [
  { label: 'documents', name: 'documents', interactions, events: 0.5 * million, growth: NOISE },
  // CXone numbers its fragments, of which the buffer remembers 64 a speaker: here it has not heard so many yet.
  { label: 'CXone', name: 'cxone', interactions, events: 0.2 * million, growth: NOISE + 0.2 },
  { label: 'CXone, few contacts', name: 'cxone', interactions: 200, events: 0.2 * million, growth: NOISE },
  { label: 'Cognigy.AI', name: 'cognigy', interactions, events: 0.1 * million, growth: NOISE },
];

const accounts: [Run, Account][] = [];
for (const run of runs.filter(({ name }) => only === undefined || name === only)) {
  // Writing opens handles as well, so both outputs are opened before the run.
  console.log(run.label);
  console.error('');
  const account = await soak({
    name: run.name,
    interactions: run.interactions,
    events: run.events,
    speed: isShort ? 60 : 20,
    faultShare: isShort ? 0.05 : 0.01,
    durationMs: isShort ? 300_000 : 3_600_000,
  });
  accounts.push([run, account]);
}

const row = (name: string, of: (account: Account) => string | number): Table['rows'][number] => [
  name,
  ...accounts.map(([, account]) => {
    const value = of(account);
    return typeof value === 'number' ? value.toLocaleString('en-US') : value;
  }),
];
const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`)
    .join(', ');
const growth = ({ heaps: [first = Number.NaN, ...rest] }: Account): number => Math.max(...rest) / first;
const zero = (what: string, of: (account: Account) => number): Target => ({
  what,
  value: spread([Math.max(...accounts.map(([, account]) => of(account)))]),
  atMost: 0,
});

publish('soak', {
  tables: [
    {
      title: 'An hour of service in compressed time',
      columns: ['', ...accounts.map(([{ label }]) => label)],
      rows: [
        row('hours', ({ hours }) => hours.toFixed(2)),
        row('events sent', ({ sent }) => sent),
        row('handled', ({ handled }) => handled),
        row('handler failed', ({ failed }) => failed),
        row('lost in a reported gap', ({ lostInGaps }) => lostInGaps),
        row('dropped by a queue', ({ dropped }) => dropped),
        row('missing without a report', ({ unexplained }) => unexplained),
        row('invalid frames sent', ({ invalidSent }) => invalidSent),
        row('invalid frames reported', ({ invalidReported }) => invalidReported),
        row('connections broken by the platform', ({ breaks }) => breaks),
        row('connections', ({ connections }) => connections),
        row('gaps', ({ gaps }) => gaps),
        row('requests that failed on purpose', ({ faults }) => faults),
        row('outcomes', ({ outcomes }) => listed(outcomes)),
        row('fragments into the buffer', ({ fragmentsIn }) => fragmentsIn),
        row('fragments out of it', ({ fragmentsOut }) => fragmentsOut),
        row('largest heap after the first tenth', (account) => `× ${growth(account).toFixed(3)}`),
        row('timers left', ({ pendingTimers }) => pendingTimers),
        row('handles left', ({ leftHandles }) => leftHandles.length),
        row('warnings of Node', ({ warnings }) => warnings.length),
      ],
    },
  ],
  plots: [
    {
      title: 'Heap after a full collection, without compiled code',
      x: 'minutes',
      y: 'MB',
      lines: accounts.map(([{ label }, { heaps, hours }]) => ({
        name: label,
        points: heaps.map((heap, index) => [Math.round(6 * hours * (index + 1)), heap / 1e6] as const),
      })),
    },
  ],
  targets: [
    ...accounts.map(([{ label, growth: atMost }, account]) => ({
      what: `${label}: largest heap after the first tenth / the heap then`,
      value: spread([growth(account)]),
      atMost,
    })),
    zero(
      'events without an account',
      ({ sent, handled, failed, lostInGaps, unexplained }) =>
        unexplained + Math.abs(sent - handled - failed - lostInGaps),
    ),
    zero(
      'timers, handles and warnings left',
      ({ pendingTimers, leftHandles, warnings }) => pendingTimers + leftHandles.length + warnings.length,
    ),
  ],
});
