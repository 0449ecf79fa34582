// What an event of the stream costs compared with other clients: `npm run bench -- stream`.
//
// Each reads the same events from the same server, which has a thread of its own, and parses their JSON. Centrifuge has
// a protocol of its own around them.
import { WebSocket } from 'ws';
import { AssistStream, StaticTokenAuth } from 'agent-assist-sdk';
import { alternate, cost, rateRatio, spread } from './harness/measure.ts';
import { requirePeer } from './harness/peers.ts';
import { isShort, publish } from './harness/report.ts';
import { startEventServer } from './harness/servers.ts';

const BATCH = 1000;
const EVENTS = isShort ? 40_000 : 200_000;
const ROUNDS = isShort ? 5 : 9;
const LAST = 'INTERACTION_UPDATE';

/** Resolves once the last event was read. */
type Read = () => Promise<void>;

const events = Array.from({ length: BATCH }, (_, index) =>
  JSON.stringify({
    type: LAST,
    payload: {
      interactionId: `interaction-${index % 500}`,
      transcript: 'I have been waiting for my refund for two weeks now and nobody can tell me where it is.',
      sentimentScore: -0.62,
      agentId: 'agent-17',
      context: { channel: 'voice', locale: 'en-US', tier: 2 },
    },
  }),
);
await using server = await startEventServer(events, EVENTS / BATCH);
const url = `ws://127.0.0.1:${server.port}`;

const subjects: Record<string, Read> = {
  'bare ws + JSON.parse': () =>
    counted((count, whenDone) => {
      const socket = new WebSocket(url, { headers: { authorization: 'Bearer token' } });
      socket.on('message', (data: Buffer) => {
        count((JSON.parse(data.toString()) as { type: string }).type);
      });
      whenDone(() => socket.terminate());
    }),
  'AssistStream, listener': async () => {
    await using stream = open();
    await counted((count) => {
      stream.on('INTERACTION_UPDATE', ({ type }) => count(type));
      void stream.connect();
    });
  },
  'AssistStream, for await': async () => {
    await using stream = open();
    const iterator = stream.events();
    await stream.connect();
    let seen = 0;
    for await (const { type } of iterator) if (type === LAST && ++seen === EVENTS) break;
  },
  "Node's own WebSocket": () =>
    counted((count, whenDone) => {
      const socket = new globalThis.WebSocket(url);
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        count((JSON.parse(data) as { type: string }).type);
      };
      whenDone(() => socket.close());
    }),
  ...peers(),
};

const costs = await alternate(
  ROUNDS,
  Object.fromEntries(Object.entries(subjects).map(([name, read]) => [name, () => cost(EVENTS, read)])),
);
const bare = 'bare ws + JSON.parse';
publish('stream', {
  tables: [
    {
      title: 'Events per second',
      columns: ['client', 'events/s', '× ws, wall', 'CPU µs per event', '× ws, events by CPU'],
      rows: Object.entries(costs).map(([name, rounds]) => [
        name,
        spread(rounds.map(({ wallUs }) => 1e6 / wallUs)),
        rateRatio(costs, name, bare, 'wallUs'),
        spread(rounds.map(({ cpuUs }) => cpuUs)),
        rateRatio(costs, name, bare),
      ]),
    },
  ],
  targets: [
    {
      what: 'AssistStream with a listener / bare ws, events by CPU time',
      value: rateRatio(costs, 'AssistStream, listener', bare),
      atLeast: 0.9,
    },
    {
      what: 'AssistStream with for await / bare ws, events by CPU time',
      value: rateRatio(costs, 'AssistStream, for await', bare),
      atLeast: 0.85,
    },
  ],
});

function open(): AssistStream {
  return new AssistStream({ streamUrl: url, streamToken: 'header', auth: new StaticTokenAuth({ token: 'token' }) });
}

async function counted(
  start: (count: (type: string) => void, whenDone: (close: () => void) => void) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let seen = 0;
  let close = (): void => undefined;
  start(
    (type) => {
      if (type === LAST && ++seen === EVENTS) resolve(undefined);
    },
    (whenDone) => {
      close = whenDone;
    },
  );
  await promise;
  close();
}

function peers(): Record<string, Read> {
  const reads: Record<string, Read> = {};
  const partysocket = requirePeer('partysocket/ws') as
    | {
        default: new (
          url: string,
          protocols: readonly string[],
          options: object,
        ) => { onmessage: (event: { data: string }) => void; close(): void };
      }
    | undefined;
  if (partysocket !== undefined)
    reads['partysocket on ws'] = () =>
      counted((count, whenDone) => {
        const socket = new partysocket.default(url, [], { WebSocket });
        socket.onmessage = ({ data }) => {
          count((JSON.parse(data) as { type: string }).type);
        };
        whenDone(() => socket.close());
      });
  const centrifuge = requirePeer('centrifuge') as
    | {
        Centrifuge: new (
          url: string,
          options: object,
        ) => {
          on(name: 'publication', listener: (context: { data: { type: string } }) => void): void;
          connect(): void;
          disconnect(): void;
        };
      }
    | undefined;
  if (centrifuge !== undefined)
    reads['centrifuge on ws'] = () =>
      counted((count, whenDone) => {
        const client = new centrifuge.Centrifuge(`${url}/centrifuge`, { websocket: WebSocket });
        client.on('publication', ({ data }) => count(data.type));
        client.connect();
        whenDone(() => client.disconnect());
      });
  return reads;
}
