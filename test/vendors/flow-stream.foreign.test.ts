import { describe, expect, test } from 'vitest';
import { AssistStream } from 'agent-assist-sdk';
import {
  flowProtocol,
  type FlowProtocolOptions,
  type FlowStreamEvents,
  type FlowStreamInput,
} from 'agent-assist-sdk/cognigy';
import { findVendorPart } from '../helpers/vendors.js';
import { SocketIoEndpoint, type EndpointSocket } from './socket-io-endpoint.js';

type FlowStream = AssistStream<FlowStreamEvents, FlowStreamInput>;

const ids = { urlToken: 'secret-url-token', userId: 'u 1', sessionId: 's/1' };

const areMissing = ['socket.io-2', 'socket.io-4'].some((name) => findVendorPart(name) === undefined);

/** Each real server, and the version of Engine.IO that it speaks. */
const servers = [
  { version: 2, eio: 3 },
  { version: 4, eio: 4 },
] as const;

function streamTo(endpoint: SocketIoEndpoint, options: Partial<FlowProtocolOptions>, seen: unknown[] = []): FlowStream {
  const stream = new AssistStream({
    streamUrl: endpoint.url,
    protocol: flowProtocol({ ...ids, ...options }),
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 5,
  });
  for (const name of ['OUTPUT', 'TYPING', 'FLOW_ERROR', 'FINAL_PING', 'INPUT_UNCONFIRMED'] as const) {
    stream.on(name, (event) => seen.push(event));
  }
  return stream;
}

/** Connects and lets the endpoint say that it is ready. */
async function converse(endpoint: SocketIoEndpoint, stream: FlowStream): Promise<EndpointSocket> {
  const connected = stream.connect();
  const socket = await endpoint.next();
  socket.emit('endpoint-ready');
  await connected;
  return socket;
}

const inputOf = (socket: EndpointSocket): Promise<unknown> =>
  new Promise((resolve) => {
    socket.on('processInput', (input: unknown, ack?: unknown) => resolve({ input, wantsAck: ack !== undefined }));
  });

const nextEvent = (stream: FlowStream, name: keyof FlowStreamEvents | 'open' | 'HEARTBEAT'): Promise<unknown> =>
  new Promise((resolve) => {
    stream.once(name, resolve);
  });

describe.skipIf(areMissing).each(servers)('socket.io $version', ({ version, eio }) => {
  test('a conversation: ids, input, outputs, typing, errors, ends, acknowledgements', async () => {
    await using endpoint = await SocketIoEndpoint.start(version);
    const seen: unknown[] = [];
    await using stream = streamTo(endpoint, { eio, testMode: true }, seen);
    stream.send({ text: 'early', data: { buffered: true } });
    const connected = stream.connect();
    const socket = await endpoint.next();
    const input = inputOf(socket);
    expect(stream.state).toBe('connecting');
    socket.emit('endpoint-ready');
    await connected;
    expect(socket.handshake.query).toMatchObject({
      // Encoded twice, so one layer is left.
      userId: 'u%201',
      sessionId: 's%2F1',
      urlToken: ids.urlToken,
      testMode: 'true',
      emitWithAck: 'true',
      EIO: String(eio),
      transport: 'websocket',
    });
    expect(await input).toEqual({
      input: {
        URLToken: ids.urlToken,
        userId: 'u 1',
        sessionId: 's/1',
        channel: 'socket-client',
        source: 'device',
        passthroughIP: null,
        resetFlow: false,
        text: 'early',
        data: { buffered: true },
      },
      wantsAck: false,
    });

    const acked = (name: string, payload: unknown): Promise<unknown> =>
      new Promise((resolve) => {
        socket.emit(name, payload, (...answer: unknown[]) => resolve(answer));
      });
    socket.emit('typingStatus', { status: 'typingOn' });
    const entry = { text: 'hello', data: { a: 1 }, traceId: 't', source: 'bot', disableSensitiveLogging: false };
    const acks = [
      acked('output', { type: 'output', data: entry }),
      acked('output', { type: 'error', data: { error: { message: `flow failed for ${ids.urlToken}` } } }),
      acked('finalPing', { type: 'regular' }),
    ];
    expect(await Promise.all(acks)).toEqual([[], [], []]);
    const failed = nextEvent(stream, 'FLOW_ERROR');
    socket.emit('exception', { message: 'exc' });
    await failed;
    const error = { message: 'flow failed for [redacted]' };
    expect(seen).toEqual([
      { type: 'TYPING', isTyping: true, status: 'typingOn' },
      { type: 'OUTPUT', ...entry },
      { type: 'FLOW_ERROR', message: error.message, origin: 'output', error },
      { type: 'FINAL_PING', payload: { type: 'regular' } },
      { type: 'FLOW_ERROR', message: 'exc', origin: 'exception', error: { message: 'exc' } },
    ]);
  });

  test('the inner handshake keeps ids and token out of the URL', async () => {
    await using endpoint = await SocketIoEndpoint.start(version);
    await using stream = streamTo(endpoint, { eio, handshake: 'message' });
    const connected = stream.connect();
    const socket = await endpoint.next();
    const identity = await new Promise((resolve) => {
      socket.emit('handshake', resolve);
    });
    expect(identity).toEqual({ ...ids, testMode: false, emitWithAck: true });
    expect(endpoint.upgrades).toEqual([`/socket.io/?handshake=true&EIO=${eio}&transport=websocket`]);
    socket.emit('endpoint-ready');
    await connected;
  });

  test('a broken connection is replaced; what its inputs came to is unknown, and none is sent again', async () => {
    await using endpoint = await SocketIoEndpoint.start(version);
    const seen: unknown[] = [];
    await using stream = streamTo(endpoint, { eio }, seen);
    const first = await converse(endpoint, stream);
    const ended = nextEvent(stream, 'FINAL_PING');
    stream.send({ text: 'answered' });
    first.emit('finalPing', {});
    await ended;
    const received = inputOf(first);
    stream.send({ text: 'lost?' });
    await received;
    const reopened = nextEvent(stream, 'open');
    endpoint.cut();
    const second = await endpoint.next();
    const input = inputOf(second);
    expect(stream.state).toBe('reconnecting');
    stream.send({ text: 'meanwhile' });
    second.emit('endpoint-ready');
    await reopened;
    expect(await input).toMatchObject({ input: { text: 'meanwhile', sessionId: 's/1' } });
    expect(seen.at(-1)).toEqual({ type: 'INPUT_UNCONFIRMED', inputs: [{ text: 'lost?' }] });
  });

  test('pings keep the connection; a server that says nothing more loses it', async () => {
    await using endpoint = await SocketIoEndpoint.start(version, { pingInterval: 60, pingTimeout: 200 });
    await using stream = streamTo(endpoint, { eio });
    const connections: number[] = [];
    stream.on('open', ({ connection }) => connections.push(connection));
    let beats = 0;
    stream.on('HEARTBEAT', () => (beats += 1));
    await converse(endpoint, stream);
    // Longer than the server waits for one of them.
    while (beats < 10) await nextEvent(stream, 'HEARTBEAT');
    expect(connections).toEqual([1]);
    const failure = new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });
    endpoint.freeze();
    expect(await failure).toMatch(eio === 3 ? 'no response to a ping within 200 ms' : 'silent for 260 ms');
  });

  test('a server that ends the session gets a new connection', async () => {
    await using endpoint = await SocketIoEndpoint.start(version);
    await using stream = streamTo(endpoint, { eio });
    const socket = await converse(endpoint, stream);
    const failure = new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });
    socket.disconnect();
    expect(await failure).toContain('the server ended the session');
    (await endpoint.next()).emit('endpoint-ready');
    await nextEvent(stream, 'open');
  });

  test('a WebSocket without headers and pings, as in browsers, does as well', async () => {
    await using endpoint = await SocketIoEndpoint.start(version, { pingInterval: 30, pingTimeout: 1000 });
    const protocol = flowProtocol({ ...ids, eio });
    await using stream = new AssistStream({ streamUrl: endpoint.url, protocol, WebSocket: globalThis.WebSocket });
    const socket = await converse(endpoint, stream);
    const input = inputOf(socket);
    stream.send({ text: 'hello' });
    expect(await input).toMatchObject({ input: { text: 'hello' } });
    for (let beat = 0; beat < 5; beat += 1) await nextEvent(stream, 'HEARTBEAT');
    const output = nextEvent(stream, 'OUTPUT');
    socket.emit('output', { type: 'output', data: { text: 'hi' } });
    expect(await output).toEqual({ type: 'OUTPUT', text: 'hi' });
  });

  test('a refused connection ends the stream before it was ever open, without the token in the error', async () => {
    await using endpoint = await SocketIoEndpoint.start(version);
    endpoint.refusal = `no endpoint ${ids.urlToken}`;
    await using stream = streamTo(endpoint, { eio });
    await expect(stream.connect()).rejects.toThrow(/: refused \(no endpoint \[redacted\]\)$/);
  });

  test('many outputs arrive once and in order', async () => {
    await using endpoint = await SocketIoEndpoint.start(version);
    await using stream = streamTo(endpoint, { eio });
    const events = stream.events({ capacity: 10 });
    const socket = await converse(endpoint, stream);
    for (let index = 0; index < 2000; index += 1) {
      socket.emit('output', { type: 'output', data: { text: String(index), data: { padding: 'x'.repeat(500) } } });
    }
    for (let index = 0; index < 2000; index += 1) {
      expect((await events.next()).value).toMatchObject({ type: 'OUTPUT', text: String(index) });
    }
  });
});

test.skipIf(areMissing)('an endpoint that only speaks Engine.IO 3 refuses 4 for good', async () => {
  await using endpoint = await SocketIoEndpoint.start(2);
  await using stream = streamTo(endpoint, { eio: 4 });
  await expect(stream.connect()).rejects.toThrow(/: refused \(the endpoint speaks Engine.IO 3\)$/);
});

test.skipIf(areMissing)('an endpoint that only speaks Engine.IO 4 breaks a connection of 3', async () => {
  await using endpoint = await SocketIoEndpoint.start(4);
  await using stream = streamTo(endpoint, { eio: 3 });
  const failure = new Promise((resolve) => {
    stream.once('reconnecting', ({ error }) => resolve(error.message));
  });
  stream.connect().catch(() => undefined);
  expect(await failure).toContain('WS_ERR_UNEXPECTED_RSV_1');
});
