// How the cost of one operation grows with the number of entries: `npm run bench -- growth`.
//
// Each line should be flat: an event of an interaction costs the same among ten and among a hundred thousand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssistEngine, handleInOrder, keywordTrigger, suggestionPolicy } from 'agent-assist-sdk';
import { AuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { MemoryStore } from 'agent-assist-sdk/http';
import {
  evaluate,
  runSuite,
  type SimulationResult,
  type SimulationRunner,
  type SuiteCase,
} from 'agent-assist-sdk/simulation';
import { openJournal } from 'agent-assist-sdk/simulation/suites';
import { QuestionQueue, TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { cost, median } from './harness/measure.ts';
import { isShort, publish, type Plot, type Target } from './harness/report.ts';

const ROUNDS = isShort ? 1 : 3;
/** What an operation may cost more among many: memory is slower than the caches. Linear growth is 100 times and more. */
const FLAT = 20;

interface Growth {
  readonly title: string;
  readonly x: string;
  readonly sizes: readonly number[];
  /** How many times as much the largest may cost; 10 where nothing is said. */
  readonly atMost?: number;
  /** Sets up for a size; returns how often `run` does what is measured, and cleans up after it. */
  readonly prepare: (
    size: number,
  ) => Promise<{ readonly operations: number; readonly run: () => unknown; readonly close?: () => unknown }>;
}

const folder = await mkdtemp(join(tmpdir(), 'agent-assist-growth-'));
const decades = (from: number, to: number): number[] => {
  const sizes: number[] = [];
  for (let size = from; size <= to; size *= 10) sizes.push(size);
  return sizes;
};
/** Answers at once, so that only the suite's own work is measured. */
const localRunner: SimulationRunner = { run: () => Promise.resolve(resultOf(1)) };
const fail = (error: unknown): never => {
  throw error;
};

const growths: readonly Growth[] = [
  {
    title: 'A transcript of 200 words against keywords',
    x: 'keywords',
    sizes: decades(10, 10_000),
    prepare: (size) => {
      const trigger = keywordTrigger({
        keywords: Array.from({ length: size }, (_, index) => `keyword ${index} of many`),
      });
      const transcript = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ');
      trigger({ transcript, sentimentScore: 0 });
      return ready(2000, () => {
        for (let index = 0; index < 2000; index += 1)
          trigger({ transcript: `${transcript} ${index}`, sentimentScore: 0 });
      });
    },
  },
  {
    title: 'A suggestion against prohibited phrases',
    x: 'prohibited phrases',
    sizes: decades(10, 10_000),
    prepare: (size) => {
      const policy = suggestionPolicy({
        prohibitedPhrases: Array.from({ length: size }, (_, index) => `phrase ${index} of many`),
      });
      const suggestions = [{ text: 'We can offer you a refund, or a voucher of the same value.', confidence: 0.9 }];
      return ready(20_000, () => {
        for (let index = 0; index < 20_000; index += 1) policy(suggestions);
      });
    },
  },
  {
    title: 'An answer of the engine from its cache',
    x: 'cache entries',
    sizes: decades(10, 10_000),
    prepare: async (size) => {
      const client = { suggest: () => Promise.resolve({ suggestions: [{ text: 'One moment.', confidence: 0.9 }] }) };
      const store = new MemoryStore<string>({ maxEntries: size });
      const engine = new AssistEngine({ client, store, cacheTtlMs: 3_600_000 });
      const transcript = 'waiting for my refund '.repeat(50);
      const handle = (index: number): Promise<unknown> =>
        engine.handle({ interactionId: `interaction-${index % size}`, transcript });
      for (let index = 0; index < size; index += 1) await handle(index);
      return ready(10_000, async () => {
        for (let index = 0; index < 10_000; index += 1) await handle(index);
      });
    },
  },
  {
    title: 'A fragment for a buffer that is full of interactions',
    x: 'open interactions',
    sizes: decades(1, 100_000),
    prepare: (size) => {
      const buffer = new TranscriptBuffer({ maxInteractions: size, onFlush: () => undefined, onError: fail });
      let next = 0;
      const add = (): void => buffer.add({ interactionId: `interaction-${next++}`, text: 'waiting for my refund' });
      for (let index = 0; index < size; index += 1) add();
      return ready(
        100_000,
        () => {
          for (let index = 0; index < 100_000; index += 1) add();
        },
        () => buffer.close(),
      );
    },
  },
  {
    title: 'An event of handleInOrder, each of another interaction',
    x: 'interactions that wait',
    sizes: decades(1, 100_000),
    prepare: (size) => {
      const count = Math.max(size, 100_000);
      const handler = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      return ready(count, () =>
        handleInOrder(keys(count, size), handler, { keyOf: (key) => key, capacity: size, onError: fail }),
      );
    },
  },
  {
    title: 'A question into the queue of questions',
    x: 'open interactions',
    sizes: decades(1, 100_000),
    prepare: (size) => {
      const queue = new QuestionQueue({ ask: () => new Promise((resolve) => setImmediate(resolve)), onError: fail });
      const count = Math.max(size, 100_000);
      return ready(
        count,
        () => {
          for (let index = 0; index < count; index += 1)
            queue.push({
              id: String(index),
              interactionId: `interaction-${index % size}`,
              text: 'where is my refund?',
              fragments: [],
              reason: 'pause',
            });
        },
        () => queue.close(),
      );
    },
  },
  {
    title: 'A set that evicts, of the memory store',
    x: 'cache entries',
    sizes: decades(100, 1_000_000),
    // A bare Map of a million keys costs ten times as much as one of a thousand.
    atMost: 25,
    prepare: (size) => {
      const store = new MemoryStore({ maxEntries: size });
      let next = 0;
      for (let index = 0; index < size; index += 1) store.set(`key-${next++}`, 1, 60_000);
      return ready(200_000, () => {
        for (let index = 0; index < 200_000; index += 1) store.set(`key-${next++}`, 1, 60_000);
      });
    },
  },
  {
    title: 'A record of the audit trail, 500 appended at once',
    x: 'audit records',
    sizes: decades(1000, 10_000),
    prepare: async (size) => {
      const trail = await AuditTrail.open(join(folder, `append-${crypto.randomUUID()}.jsonl`));
      return {
        operations: size,
        run: async () => {
          for (let done = 0; done < size; done += 500)
            await Promise.all(Array.from({ length: 500 }, (_, index) => trail.append(record(done + index))));
        },
        close: () => trail.close(),
      };
    },
  },
  {
    title: 'A record of the audit trail, verified',
    x: 'audit records',
    sizes: decades(1000, isShort ? 10_000 : 100_000),
    prepare: async (size) => {
      const path = join(folder, `verify-${size}.jsonl`);
      const trail = await AuditTrail.open(path);
      for (let done = trail.head.count; done < size; done += 500)
        await Promise.all(Array.from({ length: 500 }, (_, index) => trail.append(record(done + index))));
      await trail.close();
      return { operations: size, run: () => verifyAuditTrail(path) };
    },
  },
  {
    title: 'A case of a suite, with a journal',
    x: 'suite cases',
    sizes: decades(100, isShort ? 1000 : 10_000),
    prepare: async (size) => {
      const journal = await openJournal(join(folder, `journal-${crypto.randomUUID()}.jsonl`));
      const cases = Array.from({ length: size }, (_, index) => suiteCase(`case-${index}`));
      return {
        operations: size,
        run: () => runSuite(cases, { client: localRunner, journal, concurrency: 20 }),
        close: () => journal.close(),
      };
    },
  },
  {
    title: 'An assertion of an evaluation',
    x: 'assertions',
    sizes: decades(100, 100_000),
    prepare: (size) => {
      const result = resultOf(size);
      const assertions = Array.from({ length: size }, (_, stepIndex) => ({
        stepIndex,
        expectedIntent: 'book',
        expectedConfidenceMin: 0.5,
        expectedEntities: {},
      }));
      const times = Math.ceil(200_000 / size);
      return ready(times * size, () => {
        for (let index = 0; index < times; index += 1) evaluate(result, assertions);
      });
    },
  },
  {
    title: 'An assertion on one of the entities of a step',
    x: 'entities',
    sizes: decades(10, 10_000),
    prepare: (size) => {
      const entities = Array.from({ length: size }, (_, index) => ({ type: 'city', value: `city ${index}` }));
      const nlu = { intent: 'book', confidence: 0.9, entities };
      const steps = [{ index: 0, userInput: 'book a flight', botResponse: 'Which date?', nlu }];
      const assertions = entities.map(({ type, value }) => ({
        stepIndex: 0,
        expectedIntent: 'book',
        expectedConfidenceMin: 0.5,
        expectedEntities: { [type]: value },
      }));
      const times = Math.ceil(100_000 / size);
      return ready(times * size, () => {
        for (let index = 0; index < times; index += 1)
          evaluate({ id: 'simulation', status: 'COMPLETED', steps }, assertions);
      });
    },
  },
];

const plots: Plot[] = [];
const targets: Target[] = [];
for (const { title, x, sizes, atMost = FLAT, prepare } of growths) {
  const points: [number, number][] = [];
  for (const size of sizes) {
    const rounds: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const { operations, run, close } = await prepare(size);
      const { cpuUs } = await cost(operations, run);
      await close?.();
      if (round > 0) rounds.push(cpuUs);
    }
    points.push([size, median(rounds)]);
  }
  plots.push({ title, x, y: 'µs CPU', lines: [{ name: 'agent-assist-sdk', points }] });
  // The smallest size pays for what happens once.
  const [, [, base = Number.NaN] = [], ...rest] = points.length > 2 ? points : [points[0], ...points];
  const last = rest.at(-1)?.[1] ?? Number.NaN;
  const value = { median: last / base, low: last / base, high: last / base };
  targets.push({
    what: `${title}: ${sizes.at(-1)?.toLocaleString('en-US')} / ${sizes.at(sizes.length > 2 ? 1 : 0)}`,
    value,
    atMost,
  });
}
await rm(folder, { recursive: true });
publish('growth', { tables: [], plots, targets });

// eslint-disable-next-line @typescript-eslint/require-await -- all of them wait from the start
async function* keys(count: number, interactions: number): AsyncGenerator<string> {
  for (let index = 0; index < count; index += 1) yield `interaction-${index % interactions}`;
}

function record(index: number): Record<string, unknown> {
  return { action: 'calibration.applied', actor: 'lead-1', index, before: { angry: -0.6 }, after: { angry: -0.5 } };
}

function suiteCase(id: string): SuiteCase {
  const target = { botId: 'bot', environmentId: 'env', versionId: 'ver' };
  const assertion = { stepIndex: 0, expectedIntent: 'book', expectedConfidenceMin: 0.5, expectedEntities: {} };
  return { id, simulation: { ...target, inputs: [{ text: id, delayMs: 0 }], context: {}, assertions: [assertion] } };
}

function resultOf(steps: number): SimulationResult {
  return {
    id: 'simulation',
    status: 'COMPLETED',
    steps: Array.from({ length: steps }, (_, index) => ({
      index,
      userInput: 'book a flight',
      botResponse: 'Which date?',
      nlu: { intent: 'book', confidence: 0.9, entities: [] },
    })),
  };
}

async function ready(
  operations: number,
  run: () => unknown,
  close: () => unknown = () => undefined,
): ReturnType<Growth['prepare']> {
  return Promise.resolve({ operations, run, close });
}
