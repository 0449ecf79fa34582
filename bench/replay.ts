// A million recorded events through the engine in virtual time: `npm run bench -- replay`.
//
// Two recordings: conversations as the embedded tenant plays them (fragments, silences, updates), and updates only, each
// of which the engine reads. Each is replayed twice, into two files that must be equal byte for byte. The heap after a
// full collection is taken at each tenth and must not grow in the second half: the engine's pauses and cache are full by
// then.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { engineTarget, replay, type ReplayTarget } from 'agent-assist-sdk/conversations';
import { spread } from './harness/measure.ts';
import { isShort, publish } from './harness/report.ts';

const EVENTS = isShort ? 200_000 : 1_000_000;
const INTERACTIONS = isShort ? 2_000 : 10_000;
const STEP = EVENTS / 10;
/** About a day. */
const STEP_MS = 86;
const LEAST_PER_SECOND = 50_000;
/** Two heaps after a full collection may differ by this factor without any growth. */
const NOISE = 1.05;
const COLUMNS = 5;

const said = [
  'I have been waiting for my parcel for two weeks now and nobody can tell me where it is.',
  'Let me look into that for you, may I have the number of your order?',
  'It is on the invoice, and I would like to get a refund.',
  'Thank you, I can see it here, it has left our warehouse on Monday.',
  'That is what you told me last week, I will cancel my contract.',
];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function updateOf(index: number): object {
  const interactionId = `interaction-${index % INTERACTIONS}`;
  const transcript = said[Math.floor(index / INTERACTIONS) % said.length];
  const payload = {
    interactionId,
    transcript,
    sentimentScore: ((index % 21) - 10) / 20,
    context: { speaker: 'customer' },
  };
  return { type: 'INTERACTION_UPDATE', payload };
}

/** A turn: two fragments, an update, two states. */
function playedEventOf(index: number): object {
  const turn = Math.floor(index / COLUMNS);
  const interactionId = `interaction-${turn % INTERACTIONS}`;
  const text = said[Math.floor(turn / INTERACTIONS) % said.length] ?? '';
  switch (index % COLUMNS) {
    case 0:
      return { type: 'TRANSCRIPT_FRAGMENT', interactionId, text: text.slice(0, 40), speaker: 'customer' };
    case 1:
      return { type: 'TRANSCRIPT_FRAGMENT', interactionId, text: text.slice(40), speaker: 'customer' };
    case 2:
      return updateOf(turn);
    case 3:
      return { type: 'DIALOG_STATE', interactionId, state: 'CUSTOMER_SILENT' };
    default:
      return { type: 'DIALOG_STATE', interactionId, state: 'TURN_END' };
  }
}

async function record(path: string, eventOf: (index: number) => object): Promise<void> {
  function* lines(): Generator<string> {
    yield '{"type":"recording","version":1,"startedAt":"2026-01-31T00:00:00.000Z"}\n';
    for (let index = 0; index < EVENTS; index += 1)
      yield `${JSON.stringify({ offsetMs: index * STEP_MS, event: eventOf(index) })}\n`;
  }
  await pipeline(lines, createWriteStream(path));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const suggestions = [
  { text: 'I am sorry about that. Let me check the delivery.', confidence: 0.9 },
  { text: 'I can start the refund right now.', confidence: 0.8 },
];

function target(onEvent: () => void = () => undefined): ReplayTarget {
  const engine = engineTarget({ client: { suggest: () => Promise.resolve({ suggestions }) } });
  return {
    deliver: (event, context) => {
      onEvent();
      return engine.deliver(event, context);
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), 'replay-'));
const rows: [string, ...(string | number)[]][] = [];
const rates: number[] = [];
const growths: number[] = [];
const lines: { name: string; points: (readonly [number, number])[] }[] = [];
let areEqual = true;
try {
  for (const [name, eventOf] of [
    ['conversations', playedEventOf],
    ['updates only', updateOf],
  ] as const) {
    const path = join(folder, 'calls.jsonl');
    await record(path, eventOf);
    const [first, second] = [join(folder, 'first.jsonl'), join(folder, 'second.jsonl')];
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const totals = await replay(path, target(), { outcomes: first });
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const heaps: number[] = [];
    let seen = 0;
    const watched = target(() => {
      seen += 1;
      if (seen % STEP !== 0) return;
      collect();
      heaps.push(process.memoryUsage().heapUsed);
    });
    await replay(path, watched, { outcomes: second });
    areEqual &&= (await sha256Of(first)) === (await sha256Of(second));
    const growth = Math.max(...heaps.slice(5)) / Math.max(...heaps.slice(0, 5));
    const cpuSeconds = (user + system) / 1e6;
    rates.push(totals.events / cpuSeconds);
    growths.push(growth);
    lines.push({ name, points: heaps.map((heap, index) => [STEP * (index + 1), heap / 1e6] as const) });
    rows.push([name, totals.events / seconds, totals.events / cpuSeconds, totals.outcomes, totals.calls, growth]);
  }
} finally {
  await rm(folder, { recursive: true });
}
if (!areEqual) throw new Error('two replays of one recording differ');

publish('replay', {
  tables: [
    {
      title: `Replay of ${EVENTS.toLocaleString('en-US')} events into AssistEngine in virtual time, outcomes to a file`,
      columns: [
        'recording',
        'events per second',
        'events per CPU second',
        'outcomes',
        'calls',
        'heap, second half / first',
      ],
      rows,
    },
  ],
  plots: [
    {
      title: `Heap after a full collection, ${INTERACTIONS.toLocaleString('en-US')} interactions`,
      x: 'events',
      y: 'MB',
      lines,
    },
  ],
  targets: [
    { what: 'events per CPU second', value: spread([Math.min(...rates)]), atLeast: LEAST_PER_SECOND },
    {
      what: 'largest heap of the second half / of the first half',
      value: spread([Math.max(...growths)]),
      atMost: NOISE,
    },
  ],
  notes: [
    'Both replays of each recording are equal byte for byte.',
    `Load average over the last minute: ${loadavg()[0]?.toFixed(1) ?? '?'} on ${availableParallelism()} cores.`,
  ],
});
