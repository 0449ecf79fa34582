import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssistStream, type AssistStreamOptions } from 'agent-assist-sdk';
import {
  flowProtocol,
  type FlowProtocolOptions,
  type FlowStreamEvents,
  type FlowStreamInput,
} from 'agent-assist-sdk/cognigy';
import { startCognigy, type CognigyTenant } from 'agent-assist-sdk/testing';
import { Peer } from '../stream/peer.js';

type FlowStream = AssistStream<FlowStreamEvents, FlowStreamInput>;

let cognigy: CognigyTenant;
beforeEach(async () => {
  cognigy = await startCognigy();
  cognigy.flow.answerWith(({ text, data }) => [{ text: `heard ${text}`, data: { echoed: data } }]);
});
afterEach(() => cognigy.close());

type Extra = Pick<AssistStreamOptions, 'connectTimeoutMs' | 'streamUrl' | 'WebSocket'>;

function streamTo(options: Partial<FlowProtocolOptions>, extra: Extra = {}): FlowStream {
  const ids = { urlToken: cognigy.socketEndpoint.urlToken, userId: 'u 1', sessionId: 's/1%2F' };
  return new AssistStream({
    streamUrl: cognigy.origin,
    protocol: flowProtocol({ ...ids, ...options }),
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 5,
    ...extra,
  });
}

/** The next event of that name. */
const next = <K extends keyof FlowStreamEvents>(stream: FlowStream, name: K): Promise<FlowStreamEvents[K]> =>
  new Promise((resolve) => {
    stream.once(name, (event) => resolve(event as FlowStreamEvents[K]));
  });

const reopened = (stream: FlowStream): Promise<unknown> =>
  new Promise((resolve) => {
    stream.once('open', resolve);
  });

describe.each([3, 4] as const)('Engine.IO %i', (eio) => {
  test.each(['query', 'message'] as const)('a conversation, with the ids in the %s', async (handshake) => {
    await using stream = streamTo({ eio, handshake, testMode: true });
    const output = next(stream, 'OUTPUT');
    const ended = next(stream, 'FINAL_PING');
    stream.send({ text: 'hello', data: { k: 'v' } });
    await stream.connect();
    expect(await output).toMatchObject({ text: 'heard hello', data: { echoed: { k: 'v' } }, source: 'bot' });
    await ended;
    const [socket] = cognigy.sockets.sockets;
    expect(socket?.identity).toMatchObject({ userId: 'u 1', sessionId: 's/1%2F', testMode: true });
    await expect.poll(() => socket?.unacknowledged).toEqual([]);
    expect(socket?.lostInputs).toBe(0);
  });

  test('a flow that fails, a cut, a session that the server ends, garbage: the stream goes on', async () => {
    await using stream = streamTo({ eio });
    await stream.connect();
    cognigy.flow.answerWith(() => {
      throw new Error('no such node');
    });
    const failed = next(stream, 'FLOW_ERROR');
    stream.send({ text: 'x' });
    expect(await failed).toMatchObject({ message: 'no such node', origin: 'output' });
    cognigy.flow.answerWith(() => [{ text: 'back' }]);

    for (const fault of ['terminateAll', 'disconnect', 'closeTransport', 'sendGarbage'] as const) {
      const again = fault === 'sendGarbage' ? Promise.resolve() : reopened(stream);
      const [socket] = cognigy.sockets.sockets;
      if (fault === 'disconnect' || fault === 'closeTransport') socket?.[fault]();
      else cognigy.sockets[fault]();
      await again;
      const output = next(stream, 'OUTPUT');
      stream.send({ text: 'still there?' });
      expect(await output).toMatchObject({ text: 'back' });
    }
  });

  test('an endpoint that is never ready is left after the time limit', async () => {
    cognigy.sockets.withhold('endpoint-ready');
    await using stream = streamTo({ eio }, { connectTimeoutMs: 500 });
    const failure = new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });
    stream.connect().catch(() => undefined);
    expect(await failure).toContain('did not open within 500 ms: the server did not accept the connection');
    cognigy.sockets.withhold();
    await stream.connect();
  });

  test('a wrong URL token ends the stream with the reason of the server and without the token', async () => {
    await using stream = streamTo({ eio, urlToken: 'canary-token' });
    const error = await stream.connect().catch((failure: unknown) => failure as Error);
    expect(String(error)).toMatch(/: refused \(no such endpoint, .*\)$/);
    expect(String(error)).not.toContain('canary-token');
  });

  test('an endpoint that does not speak it refuses the upgrade', async () => {
    cognigy.sockets.engines = [eio === 3 ? 4 : 3];
    await using stream = streamTo({ eio });
    await expect(stream.connect()).rejects.toMatchObject({ name: 'StreamError', status: 400 });
  });
});

test('an endpoint of Engine.IO 3 that is ready in the same packet refuses 4 for good', async () => {
  await using peer = await Peer.start();
  void peer.next().then(({ socket, raw }) => {
    raw.cork();
    for (const frame of ['0{"pingInterval":25000,"pingTimeout":5000}', '40', '42["endpoint-ready"]'])
      socket.send(frame);
    raw.uncork();
  });
  await using stream = streamTo({ eio: 4 }, { streamUrl: peer.url });
  await expect(stream.connect()).rejects.toThrow(/: refused \(the endpoint speaks Engine.IO 3\)$/);
  expect(stream.state).toBe('terminated');
  expect(peer.total).toBe(1);
});

test.each([
  ['ws', undefined],
  ['the WebSocket of browsers', globalThis.WebSocket],
])('an exception is named when the endpoint closes %s without a packet', async (_name, WebSocket) => {
  await using peer = await Peer.start();
  void peer.next().then(({ socket }) => {
    for (const frame of ['0{"pingInterval":25000,"pingTimeout":5000}', '40', '42["exception","no such endpoint"]'])
      socket.send(frame);
    socket.close(1000);
  });
  await using stream = streamTo({}, { streamUrl: peer.url, WebSocket });
  const message = new Promise((resolve) => {
    stream.once('reconnecting', ({ error }) => resolve(error.message));
  });
  stream.connect().catch(() => undefined);
  expect(await message).toMatch(/: closed with code 1000 \(no such endpoint\)$/);
});
