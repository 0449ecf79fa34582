import { once } from 'node:events';
import fc from 'fast-check';
import { startCognigy, type CognigySocket, type CognigyTenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FakeClock } from '../helpers/fake-clock.js';
import { readPacket, writeEvent } from '../../src/testing/cognigy/socket/framing.js';

const clock = new FakeClock();
let cognigy: CognigyTenant;
let client: WebSocket;
let frames: string[];
beforeEach(async () => {
  cognigy = await startCognigy({ clock, pingIntervalMs: 25_000 });
  cognigy.flow.answerWith(({ text }) => [{ text: `heard ${text}` }]);
});
afterEach(async () => {
  client.terminate();
  await cognigy.close();
});

/** Opens a raw WebSocket: the frames are written and read by hand. */
async function open(query: Readonly<Record<string, string>>): Promise<void> {
  const url = new URL('/socket.io/', cognigy.origin.replace('http', 'ws'));
  url.search = new URLSearchParams({ transport: 'websocket', ...query }).toString();
  client = new WebSocket(url);
  frames = [];
  client.on('message', (data: Buffer) => frames.push(data.toString('utf8')));
  await once(client, 'open');
}

const identity = (): Record<string, string> => ({
  userId: 'u1',
  sessionId: encodeURIComponent('a%2Fb c'),
  urlToken: cognigy.socketEndpoint.urlToken,
  testMode: 'false',
  emitWithAck: 'true',
});

async function frame(pattern: RegExp): Promise<string> {
  await expect.poll(() => frames).toContainEqual(expect.stringMatching(pattern));
  return frames.find((text) => pattern.test(text)) ?? '';
}

function socket(): CognigySocket {
  const [first] = cognigy.sockets.sockets;
  if (first === undefined) throw new TypeError('no socket is open');
  return first;
}

const input = (): object => ({
  URLToken: cognigy.socketEndpoint.urlToken,
  userId: 'u1',
  sessionId: 'a%2Fb c',
  text: 'hi',
});

describe('the Socket.IO endpoint', () => {
  it('opens the namespace on its own with Engine.IO 3, and on request with 4', async () => {
    await open({ EIO: '3', ...identity() });
    await frame(/^42\["endpoint-ready"\]$/);
    expect(frames).toEqual([
      expect.stringMatching(/^0\{"sid":"[\w-]{20}","upgrades":\[\],"pingInterval":25000,"pingTimeout":20000\}$/),
      '40',
      '42["endpoint-ready"]',
    ]);
    client.terminate();
    await open({ EIO: '4', ...identity() });
    await frame(/^0/);
    expect(frames).toHaveLength(1);
    client.send('40');
    await frame(/^42\["endpoint-ready"\]$/);
    expect(frames[1]).toMatch(/^40\{"sid":"[\w-]{20}"\}$/);
    expect(socket().identity).toMatchObject({ sessionId: 'a%2Fb c', testMode: false, emitWithAck: true });
  });

  it('runs the flow, and knows which emissions were acknowledged', async () => {
    await open({ EIO: '3', ...identity() });
    client.send(`42${JSON.stringify(['processInput', input()])}`);
    const output = await frame(/^42\d+\["output"/);
    await frame(/^42\d+\["finalPing"/);
    expect(JSON.parse(output.slice(output.indexOf('[')))).toEqual([
      'output',
      {
        type: 'output',
        data: {
          text: 'heard hi',
          data: {},
          traceId: expect.any(String) as string,
          disableSensitiveLogging: false,
          source: 'bot',
        },
      },
    ]);
    expect(frames.filter((text) => text.startsWith('42['))).toEqual([
      '42["endpoint-ready"]',
      '42["typingStatus",{"status":"typingOn"}]',
      '42["typingStatus",{"status":"typingOff"}]',
    ]);
    expect(socket().unacknowledged).toEqual(['output', 'finalPing']);
    client.send(`43${/^42(\d+)/.exec(output)?.[1] ?? ''}[]`);
    await expect.poll(() => socket().unacknowledged).toEqual(['finalPing']);
    expect(socket().acknowledged).toBe(1);
  });

  it('takes the identity from the inner handshake', async () => {
    await open({ EIO: '4', handshake: 'true' });
    client.send('40');
    const asked = await frame(/^42\d+\["handshake"\]$/);
    expect(socket().identity).toBeUndefined();
    const own = { ...identity(), sessionId: 'a%2Fb c', testMode: true, emitWithAck: false };
    client.send(`43${/^42(\d+)/.exec(asked)?.[1] ?? ''}${JSON.stringify([own])}`);
    await frame(/^42\["endpoint-ready"\]$/);
    expect(socket().identity).toEqual(own);
    client.send(`42${JSON.stringify(['processInput', input()])}`);
    await frame(/^42\["finalPing"/);
    expect(cognigy.sessions.billedInputs).toBe(0);
  });

  it('loses inputs that come before it is ready', async () => {
    cognigy.sockets.withhold('endpoint-ready');
    await open({ EIO: '3', ...identity() });
    client.send(`42${JSON.stringify(['processInput', input()])}`);
    await expect.poll(() => socket().lostInputs).toBe(1);
    expect(cognigy.flow.runs).toBe(0);
  });

  it('turns away whoever has no URLToken of it', async () => {
    await open({ EIO: '3', ...identity(), urlToken: cognigy.restEndpoint.urlToken });
    await frame(/^42\["exception",/);
    expect(frames.at(-1)).toBe('41');
  });

  it.each([
    { EIO: '2', transport: 'websocket' },
    { EIO: '4', transport: 'polling' },
  ])('refuses %j', async (query) => {
    await expect(open(query)).rejects.toThrow('400');
  });

  it('answers pings with Engine.IO 3, sends them with 4, and ends connections that show no life', async () => {
    await open({ EIO: '3', ...identity() });
    client.send('2probe');
    await frame(/^3probe$/);
    const ended = once(client, 'close');
    await clock.advance(44_999);
    expect(client.readyState).toBe(WebSocket.OPEN);
    await clock.advance(1);
    await ended;

    await open({ EIO: '4', ...identity() });
    client.send('40');
    await frame(/endpoint-ready/);
    await clock.advance(25_000);
    await frame(/^2$/);
    client.send('3');
    // The pong has arrived as soon as the server sends the next ping, and not before.
    await expect.poll(() => socket().connection.received.at(-1)?.text).toBe('3');
    await clock.advance(25_000);
    await expect.poll(() => frames.filter((text) => text === '2')).toHaveLength(2);
    const silent = once(client, 'close');
    await clock.advance(20_000);
    await silent;
  });
});

describe('packets', () => {
  it('are read back as they were written, whatever is in them', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.jsonValue()),
        fc.option(fc.nat(), { nil: undefined }),
        (name, args, ackId) => {
          const json = JSON.parse(JSON.stringify(args)) as unknown[];
          const read = readPacket(writeEvent(name, json, ackId));
          expect(read).toEqual({ kind: 'event', name, args: json, ...(ackId !== undefined && { ackId }) });
        },
      ),
    );
  });

  it('never make reading throw', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '6', '[', ']', '"', '{', '}', 'x') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), digits), (text) => {
        expect(readPacket(text)).toHaveProperty('kind');
      }),
    );
  });
});
