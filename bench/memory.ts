// Memory over a million events of 10,000 interactions: `npm run bench -- memory`.
//
// A server sends them over a socket; they pass the stream, `handleInOrder` and a TranscriptBuffer. The heap after a full
// collection is taken at each tenth and must not grow after the first.
import { setFlagsFromString } from 'node:v8';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { runInNewContext } from 'node:vm';
import { WebSocketServer, type AddressInfo } from 'ws';
import { AssistStream, StaticTokenAuth, handleInOrder } from 'agent-assist-sdk';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { spread } from './harness/measure.ts';
import { isShort, publish } from './harness/report.ts';
import { frame } from './harness/servers.ts';

const EVENTS = isShort ? 200_000 : 1_000_000;
const INTERACTIONS = isShort ? 2_000 : 10_000;
const STEP = EVENTS / 10;
/** Two heaps after a full collection may differ by this factor without any growth. */
const NOISE = 1.05;

const texts = ['I have been waiting for my refund', 'for two weeks now', 'and nobody can tell me', 'where it is'];

/**
 * Frames as a server writes them: the interactions take turns, and every fifth event of one ends its question, so that
 * each measurement finds the same amount.
 */
function eventOf(index: number): string {
  const interactionId = `interaction-${index % INTERACTIONS}`;
  const round = Math.floor(index / INTERACTIONS) + (index % 5);
  const event =
    round % 5 === 4
      ? { type: 'DIALOG_STATE', interactionId, state: 'TURN_END' }
      : {
          type: 'TRANSCRIPT_FRAGMENT',
          interactionId,
          text: texts[round % texts.length],
          speaker: 'customer',
          timestamp: new Date(index).toISOString(),
        };
  return JSON.stringify(event);
}

async function serve(): Promise<void> {
  const batchSize = 1000;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (_socket, { socket }) => {
    let sent = 0;
    const send = (): void => {
      while (sent < EVENTS) {
        const batch = Buffer.concat(Array.from({ length: batchSize }, (_, index) => frame(eventOf(sent + index))));
        sent += batchSize;
        if (!socket.write(batch)) {
          socket.once('drain', send);
          return;
        }
      }
    };
    send();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  parentPort?.postMessage((server.address() as AddressInfo).port);
}

async function main(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const worker = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));

  let fragments = 0;
  let flushed = 0;
  const heaps: number[] = [];
  const buffer = new TranscriptBuffer({
    maxInteractions: INTERACTIONS,
    onFlush: (question) => {
      flushed += question.fragments.length;
    },
    onError: (error) => {
      throw error;
    },
  });
  const stream = new AssistStream({
    streamUrl: `ws://127.0.0.1:${port}`,
    streamToken: 'header',
    auth: new StaticTokenAuth({ token: 'token' }),
  });
  const events = stream.events();
  await stream.connect();

  let seen = 0;
  await handleInOrder(
    events,
    async (event) => {
      if (event.type === 'TRANSCRIPT_FRAGMENT') {
        fragments += 1;
        buffer.add(event);
      } else if (event.type === 'DIALOG_STATE') {
        buffer.state(event);
      }
      await Promise.resolve();
      seen += 1;
      if (seen % STEP === 0) {
        collect();
        const { heapUsed } = process.memoryUsage();
        heaps.push(heapUsed);
      }
      if (seen === EVENTS) await events.return?.();
    },
    {
      concurrency: 64,
      onError: (error) => {
        throw error;
      },
    },
  );
  await stream.close();
  await buffer[Symbol.asyncDispose]();
  await worker.terminate();

  const [first = Number.NaN, ...rest] = heaps;
  publish('memory', {
    tables: [],
    plots: [
      {
        title: `Heap after a full collection, ${INTERACTIONS.toLocaleString('en-US')} interactions open`,
        x: 'events',
        y: 'MB',
        lines: [
          {
            name: 'stream, handleInOrder, TranscriptBuffer',
            points: heaps.map((heap, index) => [STEP * (index + 1), heap / 1e6]),
          },
        ],
      },
    ],
    targets: [
      {
        what: 'largest heap after the first tenth / the heap then',
        value: spread([Math.max(...rest) / first]),
        atMost: NOISE,
      },
    ],
    notes: [`fragments in ${fragments.toLocaleString('en-US')}, out ${flushed.toLocaleString('en-US')}`],
  });
  if (fragments !== flushed) process.exitCode = 1;
}

await (isMainThread ? main() : serve());
