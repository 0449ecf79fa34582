import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { AssistStream, handleInOrder, type WebSocketConstructor } from 'agent-assist-sdk';
import { CountingAuth } from './helpers.js';
import { Peer, sendAll, type PeerConnection } from './peer.js';

const interactions = 5;
const cutsPerWay = 100;
const codes = [1000, 1001, 1011, 1012, 1013, 1014, 3000, 4000, 4499];

/** Counts sockets on the client's side: from construction to the end of the connection. */
function countingWebSocket(): { WebSocket: WebSocketConstructor; live: () => number; most: () => number } {
  let live = 0;
  let most = 0;
  class Counting extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      most = Math.max(most, ++live);
      this.on('close', () => (live -= 1));
    }
  }
  return { WebSocket: Counting, live: () => live, most: () => most };
}

const cuts: Record<string, (connection: PeerConnection, cut: number) => void> = {
  'a close frame with each code that reconnects': ({ socket }, cut) => socket.close(codes[cut % codes.length]),
  'a close frame without a code': ({ socket }) => socket.close(),
  'the end of the connection': ({ raw }) => raw.end(),
  'the reset of the connection': ({ socket }) => socket.terminate(),
  'a frame that breaks off in its middle': ({ raw }) =>
    raw.end(Buffer.from([0x81, 50, ...Buffer.from('{"type":"TRANSCRIPT_FRAGMENT"')])),
  'a header that breaks off in its middle': ({ raw }) => raw.end(Buffer.from([0x81])),
  'bytes that are no frame': ({ raw }) => raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff])),
  'a frame that is too large': ({ raw }) => raw.write(Buffer.from([0x81, 127, 0, 0, 0, 0, 0x40, 0, 0, 0])),
  'text that is not UTF-8': ({ raw }) => raw.write(Buffer.from([0x81, 2, 0xc3, 0x28])),
};

test.each(Object.keys(cuts))('100 cuts by %s lose, double and reorder nothing that was sent', async (way) => {
  await using peer = await Peer.start();
  const sockets = countingWebSocket();
  await using stream = new AssistStream({
    streamUrl: peer.url,
    streamToken: 'header',
    auth: new CountingAuth(),
    WebSocket: sockets.WebSocket,
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 2,
  });
  const listened: number[] = [];
  const handled = new Map<string, number[]>();
  stream.on('INTERACTION_UPDATE', ({ payload }) => listened.push(Number(payload.transcript)));
  const handling = handleInOrder(
    stream.events({ capacity: 7 }),
    async (event) => {
      if (event.type !== 'INTERACTION_UPDATE') return;
      const { interactionId, transcript } = event.payload;
      await Promise.resolve();
      handled.set(interactionId, [...(handled.get(interactionId) ?? []), Number(transcript)]);
    },
    {
      capacity: 3,
      onError: (error) => {
        throw error;
      },
    },
  );
  await stream.connect();
  let sent = 0;
  for (let cut = 0; cut < cutsPerWay; cut += 1) {
    const connection = await peer.next();
    await sendAll(
      connection.socket,
      Array.from({ length: 20 }, () => {
        const number = sent++;
        return {
          type: 'INTERACTION_UPDATE',
          payload: { interactionId: `i-${number % interactions}`, transcript: String(number), sentimentScore: 0 },
        };
      }),
    );
    cuts[way]?.(connection, cut);
    await connection.closed;
  }
  await expect.poll(() => listened.length).toBe(sent);
  await stream.close();
  await handling;
  const all = Array.from({ length: sent }, (_, number) => number);
  expect(listened).toEqual(all);
  for (let interaction = 0; interaction < interactions; interaction += 1) {
    expect(handled.get(`i-${interaction}`)).toEqual(all.filter((number) => number % interactions === interaction));
  }
  expect(sockets.most()).toBe(1);
  expect(sockets.live()).toBe(0);
  expect(peer.total).toBeGreaterThanOrEqual(cutsPerWay);
});
