// Events a second of AssistStream against bare `ws` with JSON.parse, as a ratio within one run: `npm run bench -- stream`.
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { WebSocket, WebSocketServer, type AddressInfo } from 'ws';
import { AssistStream, StaticTokenAuth } from 'agent-assist-sdk';

const EVENTS = 200_000;
const ROUNDS = 9;
/** Minimum of each subject relative to bare `ws`, by CPU time. */
const TARGETS: Readonly<Record<string, number>> = { 'AssistStream, listener': 0.9, 'AssistStream, for await': 0.85 };

const event = (index: number): string =>
  JSON.stringify({
    type: 'INTERACTION_UPDATE',
    payload: {
      interactionId: `interaction-${index % 500}`,
      transcript: 'I have been waiting for my refund for two weeks now and nobody can tell me where it is.',
      sentimentScore: -0.62,
      agentId: 'agent-17',
      context: { channel: 'voice', locale: 'en-US', tier: 2 },
    },
  });

/** Frames as a server writes them, built beforehand so that sending them costs almost nothing. */
function frames(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const text = Buffer.from(event(index));
      return Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]), text]);
    }),
  );
}

async function serve(): Promise<void> {
  const batchSize = 1000;
  const batch = frames(batchSize);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (_socket, { socket }) => {
    let left = EVENTS / batchSize;
    const send = (): void => {
      while (left > 0) {
        left -= 1;
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

async function bareWs(url: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const socket = new WebSocket(url, { headers: { authorization: 'Bearer token' } });
  let seen = 0;
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString()) as { type: string };
    if (type === 'INTERACTION_UPDATE' && ++seen === EVENTS) resolve(undefined);
  });
  await promise;
  socket.terminate();
}

const open = (streamUrl: string): AssistStream =>
  new AssistStream({ streamUrl, streamToken: 'header', auth: new StaticTokenAuth({ token: 'token' }) });

async function listener(url: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  await using stream = open(url);
  let seen = 0;
  stream.on('INTERACTION_UPDATE', () => {
    if (++seen === EVENTS) resolve(undefined);
  });
  await stream.connect();
  await promise;
}

async function iteration(url: string): Promise<void> {
  await using stream = open(url);
  const events = stream.events();
  await stream.connect();
  let seen = 0;
  for await (const { type } of events) if (type === 'INTERACTION_UPDATE' && ++seen === EVENTS) break;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function main(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const url = `ws://127.0.0.1:${port}`;
  const subjects = {
    'bare ws + JSON.parse': bareWs,
    'AssistStream, listener': listener,
    'AssistStream, for await': iteration,
  };
  const rates = new Map<string, number[]>();
  const ratios = new Map<string, number[]>();
  // The first round warms up. Within a round the subjects take turns, so that a busy moment of the machine affects all
  // alike.
  for (let round = 0; round <= ROUNDS; round += 1) {
    let bareCpu = Number.NaN;
    for (const [name, run] of Object.entries(subjects)) {
      const startedAt = performance.now();
      const cpuBefore = process.threadCpuUsage();
      await run(url);
      const { user, system } = process.threadCpuUsage(cpuBefore);
      if (name === 'bare ws + JSON.parse') bareCpu = user + system;
      if (round === 0) continue;
      rates.set(name, [...(rates.get(name) ?? []), EVENTS / ((performance.now() - startedAt) / 1000)]);
      ratios.set(name, [...(ratios.get(name) ?? []), bareCpu / (user + system)]);
    }
  }
  await worker.terminate();
  const bare = median(rates.get('bare ws + JSON.parse') ?? []);
  for (const name of Object.keys(subjects)) {
    const rate = median(rates.get(name) ?? []);
    console.log(
      `${name.padEnd(24)} ${Math.round(rate).toLocaleString('en-US').padStart(9)} events/s · ` +
        `× ${(rate / bare).toFixed(2)} by wall clock · × ${median(ratios.get(name) ?? []).toFixed(2)} by CPU time ${name in TARGETS ? ` (target: at least ${TARGETS[name]})` : ''}`,
    );
  }
}

await (isMainThread ? main() : serve());
