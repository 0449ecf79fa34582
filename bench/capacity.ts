// What a fleet for 100,000 agents needs, measured on this machine: `npm run bench -- capacity [agents, 100000]`.
//
// Measures the parts of examples/fleet one by one: CPU time an event and a queued question cost the ingest, an answer
// costs a worker, and a question costs Redis; the bytes that an open interaction holds. Then prints the arithmetic and
// which part is full first. CPU time is that of the thread alone, so other programs on the machine disturb it little.
import { setFlagsFromString } from 'node:v8';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { runInNewContext } from 'node:vm';
import { WebSocketServer, type AddressInfo } from 'ws';
import { AssistStream, AuthClient, HttpClient, StaticTokenAuth } from 'agent-assist-sdk';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { startRedis } from '../examples/fleet/processes.ts';
import { Questions, connectTo, type FleetQuestion } from '../examples/fleet/queue.ts';
import { CONCURRENCY, SUGGEST_PATH, answerer } from '../examples/fleet/worker.ts';
import { cost } from './harness/measure.ts';
import { publish } from './harness/report.ts';
import { frame } from './harness/servers.ts';

const AGENTS = Number(process.argv[2] ?? 100_000);
// What people do: one of the two speaks all the time.
const OCCUPANCY = 0.85;
const WORDS_A_MINUTE = 150;
const WORDS_A_FRAGMENT = 5;
const TURNS_A_MINUTE = 8;
/** An update, the silence and the end of the turn. */
const EVENTS_A_TURN = 3;
const CALLS_A_QUESTION = 3;
/** How long the tenant takes for the two calls that follow one another. */
const ANSWER_SECONDS = 0.3;
/** How full a core may be, so that a peak finds room. */
const UTILIZATION = 0.6;

const EVENTS = 400_000;
const INTERACTIONS = 10_000;
const QUESTIONS = 5000;
const ANSWERS = 3000;

const eventsAMinute = WORDS_A_MINUTE / WORDS_A_FRAGMENT + TURNS_A_MINUTE * EVENTS_A_TURN;
const fragmentsATurn = WORDS_A_MINUTE / WORDS_A_FRAGMENT / TURNS_A_MINUTE;

/** CPU time of this thread in µs for each of `count`. */
async function cpuOf(count: number, work: () => Promise<void>): Promise<number> {
  return (await cost(count, work)).cpuUs;
}

/** Turns as a platform sends them: fragments, the update, the silence, the end. The interactions take turns. */
function* eventsOf(count: number): Generator<object> {
  const ofTurn = Math.round(fragmentsATurn) + EVENTS_A_TURN;
  for (let index = 0; index < count; index += 1) {
    const interactionId = `interaction-${Math.floor(index / ofTurn) % INTERACTIONS}`;
    const speaker = Math.floor(index / ofTurn / INTERACTIONS) % 2 === 0 ? 'customer' : 'agent';
    const step = index % ofTurn;
    if (step === ofTurn - 1) yield { type: 'DIALOG_STATE', interactionId, state: 'TURN_END' };
    else if (step === ofTurn - 2) yield { type: 'DIALOG_STATE', interactionId, state: 'CUSTOMER_SILENT' };
    else if (step === ofTurn - 3)
      yield {
        type: 'INTERACTION_UPDATE',
        payload: {
          interactionId,
          transcript: 'I have been waiting for my refund',
          sentimentScore: -0.6,
          context: { speaker },
        },
      };
    else
      yield {
        type: 'TRANSCRIPT_FRAGMENT',
        interactionId,
        text: 'waiting for my refund now',
        speaker,
        timestamp: new Date(index).toISOString(),
      };
  }
}

/** The other side, in a thread of its own: a stream that sends all events at once, or a tenant that answers calls. */
async function serve(what: 'stream' | 'tenant'): Promise<void> {
  if (what === 'tenant') {
    const tenant = await startTenant();
    parentPort?.postMessage({ platform: tenant.cxonePlatform, credentials: tenant.credentials });
    return;
  }
  const batches: Buffer[] = [];
  let frames: Buffer[] = [];
  for (const event of eventsOf(EVENTS)) {
    frames.push(frame(JSON.stringify(event)));
    if (frames.length === 1000) batches.push(Buffer.concat(frames.splice(0)));
  }
  frames = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (_socket, { socket }) => {
    const left = batches.values();
    const send = (): void => {
      for (const batch of left) if (!socket.write(batch)) return void socket.once('drain', send);
    };
    send();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  parentPort?.postMessage((server.address() as AddressInfo).port);
}

/** Starts the other side; `told` is what it posted. */
async function other(what: 'stream' | 'tenant'): Promise<{ readonly told: unknown; readonly worker: Worker }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: what });
  return { worker, told: await new Promise((resolve) => worker.once('message', resolve)) };
}

async function measureEvents(): Promise<{ readonly us: number; readonly questions: number }> {
  const { told: port, worker } = await other('stream');
  let questions = 0;
  let seen = 0;
  const us = await cpuOf(EVENTS, async () => {
    const all = Promise.withResolvers<undefined>();
    await using buffer = new TranscriptBuffer({ onFlush: () => (questions += 1), onError: console.error });
    await using stream = new AssistStream({
      streamUrl: `ws://127.0.0.1:${port as number}`,
      streamToken: 'header',
      auth: new StaticTokenAuth({ token: 'token' }),
    });
    const count = (): void => {
      if (++seen === EVENTS) all.resolve(undefined);
    };
    stream.on('INTERACTION_UPDATE', count);
    stream.on('TRANSCRIPT_FRAGMENT', (event) => {
      buffer.add(event);
      count();
    });
    stream.on('DIALOG_STATE', (event) => {
      buffer.state(event);
      count();
    });
    await stream.connect();
    await all.promise;
  });
  await worker.terminate();
  return { us, questions };
}

/** Heap of an interaction whose speakers are in the middle of a sentence. */
async function measureMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await using buffer = new TranscriptBuffer({
    maxInteractions: 2 * INTERACTIONS,
    onFlush: () => undefined,
    onError: console.error,
  });
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let fragment = 0; fragment < fragmentsATurn; fragment += 1)
    for (let index = 0; index < INTERACTIONS; index += 1)
      buffer.add(
        JSON.parse(
          JSON.stringify({
            type: 'TRANSCRIPT_FRAGMENT',
            interactionId: `interaction-${index}`,
            text: 'waiting for my refund now',
            speaker: 'customer',
            timestamp: new Date(fragment).toISOString(),
          }),
        ) as { readonly interactionId: string; readonly text: string },
      );
  collect();
  return (process.memoryUsage().heapUsed - before) / INTERACTIONS;
}

const questionOf = (index: number): FleetQuestion => ({
  id: crypto.randomUUID(),
  interactionId: `interaction-${index}`,
  text: 'I have been waiting for my refund for two weeks now, where is it?',
  sentimentScore: -0.6,
});

interface RedisFigures {
  readonly commands: number;
  readonly cpuUs: number;
  readonly bytes: number;
}

async function measureQueue(): Promise<{
  readonly putUs: number;
  readonly jobUs: number;
  readonly redis: RedisFigures;
}> {
  await using server = await startRedis();
  const redis = connectTo(server.url);
  const figures = async (): Promise<RedisFigures> => {
    const info = await redis.info();
    const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
    return {
      commands: field('total_commands_processed'),
      cpuUs: (field('used_cpu_user') + field('used_cpu_sys')) * 1e6,
      bytes: field('used_memory'),
    };
  };
  const questions = new Questions(redis);
  await questions.put(questionOf(-1));
  const before = await figures();
  const putUs = await cpuOf(QUESTIONS, async () => {
    // As many at once as arrive within a millisecond.
    for (let index = 0; index < QUESTIONS; index += 5)
      await Promise.all(Array.from({ length: 5 }, (_, offset) => questions.put(questionOf(index + offset))));
  });
  const waiting = await figures();
  let answered = 0;
  const all = Promise.withResolvers<undefined>();
  const jobUs = await cpuOf(QUESTIONS, async () => {
    const worker = questions.work(CONCURRENCY, async (_, { confirm }) => {
      await confirm();
      if (++answered > QUESTIONS) all.resolve(undefined);
    });
    await all.promise;
    await worker.close();
  });
  const after = await figures();
  await questions[Symbol.asyncDispose]();
  redis.disconnect();
  return {
    putUs,
    jobUs,
    redis: {
      commands: (after.commands - before.commands) / QUESTIONS,
      cpuUs: (after.cpuUs - before.cpuUs) / QUESTIONS,
      bytes: (waiting.bytes - before.bytes) / QUESTIONS,
    },
  };
}

async function measureAnswers(): Promise<number> {
  const { told, worker } = await other('tenant');
  const { platform, credentials } = told as Pick<Tenant, 'platform' | 'credentials'>;
  await using auth = new AuthClient({ platform, ...credentials });
  const answer = answerer(new HttpClient({ platform, auth, paths: { suggest: SUGGEST_PATH } }));
  const turn = { signal: new AbortController().signal, confirm: () => Promise.resolve() };
  const answerAll = async (count: number): Promise<void> => {
    const left = Array.from({ length: count }, (_, index) => index).values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const index of left) await answer(questionOf(index), turn);
      }),
    );
  };
  await answerAll(300);
  const us = await cpuOf(ANSWERS, () => answerAll(ANSWERS));
  await worker.terminate();
  return us;
}

async function main(): Promise<void> {
  const events = await measureEvents();
  const interactionBytes = await measureMemory();
  const { putUs, jobUs, redis } = await measureQueue();
  const answerUs = await measureAnswers();

  const number = (value: number, digits = 0): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const print = (name: string, text: string): void => console.log(`${name.padEnd(36)}${text}`);

  publish('capacity', {
    tables: [
      {
        title: 'What the parts of a fleet cost',
        columns: ['', 'cost', 'unit'],
        rows: [
          ['ingest, CPU per event, stream and buffer', events.us, 'µs'],
          ['ingest, CPU per question, into the queue', putUs, 'µs'],
          ['ingest, heap per open interaction', interactionBytes, 'bytes'],
          [`worker, CPU per question, of ${CALLS_A_QUESTION} calls`, answerUs, 'µs'],
          ['worker, CPU per question, for the job', jobUs, 'µs'],
          ["Redis, commands per question, scripts' own included", redis.commands, ''],
          ['Redis, CPU per question', redis.cpuUs, 'µs'],
          ['Redis, memory per waiting question', redis.bytes, 'bytes'],
        ],
      },
    ],
  });

  const talking = AGENTS * OCCUPANCY;
  const eventsASecond = (talking * eventsAMinute) / 60;
  const questionsASecond = (talking * TURNS_A_MINUTE) / 2 / 60;
  console.log(`\n${number(AGENTS)} agents, ${OCCUPANCY * 100} % of them on a call`);
  print('events per second', `${number(talking)} × ${eventsAMinute} a minute / 60 = ${number(eventsASecond)}`);
  print(
    'questions per second',
    `${number(talking)} × ${TURNS_A_MINUTE / 2} a minute / 60 = ${number(questionsASecond)}`,
  );
  print(
    'calls per second',
    `${number(questionsASecond)} × ${CALLS_A_QUESTION} = ${number(questionsASecond * CALLS_A_QUESTION)}`,
  );

  const parts = [
    {
      name: 'ingest',
      cores: (eventsASecond * events.us + questionsASecond * putUs) / 1e6,
      grows: false,
      how: `${number(eventsASecond)} × ${number(events.us, 1)} µs + ${number(questionsASecond)} × ${number(putUs)} µs`,
    },
    {
      name: 'Redis',
      cores: (questionsASecond * redis.cpuUs) / 1e6,
      grows: false,
      how: `${number(questionsASecond)} × ${number(redis.cpuUs)} µs`,
    },
    {
      name: 'workers',
      cores: (questionsASecond * (answerUs + jobUs)) / 1e6,
      grows: true,
      how: `${number(questionsASecond)} × ${number(answerUs + jobUs)} µs`,
    },
  ];
  console.log(`\nCores, each at most ${UTILIZATION * 100} % busy`);
  for (const { name, cores, how } of parts)
    print(name, `${how} = ${number(cores, 2)} s per second / ${UTILIZATION} = ${number(cores / UTILIZATION, 1)} cores`);
  print(
    'ingest, heap',
    `${number(talking)} × ${number(interactionBytes)} bytes = ${number((talking * interactionBytes) / 1e6)} MB`,
  );
  print(
    'Redis, memory if all wait',
    `${number(talking)} × ${number(redis.bytes)} bytes = ${number((talking * redis.bytes) / 1e6)} MB`,
  );
  print(
    'worker processes',
    `${number(questionsASecond)} × ${ANSWER_SECONDS} s / ${CONCURRENCY} at once = ${Math.ceil((questionsASecond * ANSWER_SECONDS) / CONCURRENCY)}`,
  );
  print(
    'Redis, commands',
    `${number(questionsASecond)} × ${number(redis.commands, 1)} = ${number(questionsASecond * redis.commands)} per second`,
  );

  const [first] = parts.filter(({ grows }) => !grows).sort((a, b) => b.cores - a.cores);
  if (first === undefined) return;
  const most = Math.floor((AGENTS * UTILIZATION) / first.cores / 1000) * 1000;
  console.log(
    `\nFull first: ${first.name}. It is one thread, enough for ${number(most)} agents; ${number(AGENTS)} need ${Math.ceil(AGENTS / most)}.`,
  );
}

await (isMainThread ? main() : serve(workerData as 'stream' | 'tenant'));
