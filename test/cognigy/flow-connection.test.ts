import { describe, expect, test } from 'vitest';
import { settle } from '../stream/helpers.js';
import { CANARY, accept, handshake, opened, setup, type Setup } from './flow-setup.js';

describe('the handshake', () => {
  test('of Engine.IO 4 asks for the namespace; a ping is answered meanwhile', async () => {
    const { stream, net } = setup({ eio: 4, handshake: 'message' });
    const connected = stream.connect();
    await settle();
    net.last.open();
    for (const frame of [handshake, '40{"sid":"y"}', '2', '426["handshake"]']) net.last.frame(frame);
    expect(net.last.sent).toEqual([
      '40',
      '3',
      '436[{"userId":"u 1","sessionId":"s/1","urlToken":"canary-url-token","testMode":false,"emitWithAck":true}]',
    ]);
    net.last.frame('42["endpoint-ready"]');
    await connected;
  });

  test('of Engine.IO 4 fails at an endpoint of Engine.IO 3, which gives the namespace no id', async () => {
    const { stream, net } = setup({ eio: 4 });
    const connected = stream.connect();
    await settle();
    net.last.open();
    for (const frame of [handshake, '40']) net.last.frame(frame);
    await expect(connected).rejects.toThrow('refused (the endpoint speaks Engine.IO 3)');
  });

  test.each([
    [
      'of the endpoint before it is ready',
      ['42["exception",{"message":"no such endpoint"}]', '41'],
      'no such endpoint',
    ],
    ['of the namespace', ['44{"message":"not allowed"}'], 'not allowed'],
  ])('ends with the reason %s', async (_name, frames, reason) => {
    const { stream, net } = setup();
    const connected = stream.connect();
    await settle();
    net.last.open();
    for (const frame of [handshake, ...frames]) net.last.frame(frame);
    await expect(connected).rejects.toThrow(`refused (${reason})`);
    expect(stream.state).toBe('terminated');
  });

  test.each<[string, (net: Setup['net']) => void, string]>([
    ['without a word', (net) => net.last.closed(1000, ''), 'closed with code 1000 (no [redacted])'],
    ['with a reason', (net) => net.last.closed(4000, 'bye'), 'closed with code 4000 (no [redacted])'],
  ])('names the exception before a close %s', async (_name, close, reason) => {
    const { stream, net, clock } = setup();
    const connected = stream.connect({ totalTimeoutMs: 300 }).catch((error: unknown) => error);
    await settle();
    net.last.open();
    for (const frame of [handshake, '40', `42["exception",{"message":"no ${CANARY}"}]`]) net.last.frame(frame);
    close(net);
    await clock.advance(300);
    expect(await connected).toMatchObject({ message: expect.stringContaining(reason) as string });
  });

  test('forgets an exception once the endpoint is ready', async () => {
    const { stream, net } = setup();
    const connected = stream.connect();
    const failure = new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });
    await settle();
    net.last.open();
    for (const frame of [handshake, '40', '42["exception",{"message":"busy"}]']) net.last.frame(frame);
    net.last.frame('42["endpoint-ready"]');
    await connected;
    net.last.frame('41');
    expect(await failure).toContain('the server ended the session');
  });

  test.each([
    ['says nothing', [], 'did not open within 20000 ms: the server did not accept the connection'],
    ['is never ready', [handshake, '40'], 'did not open within 20000 ms: the server did not accept the connection'],
  ])('an endpoint that %s is left after the time limit', async (_name, frames, reason) => {
    const { stream, net, clock } = setup();
    const failure = new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });
    stream.connect().catch(() => undefined);
    await settle();
    net.last.open();
    for (const frame of frames) net.last.frame(frame);
    await clock.advance(20_000);
    expect(await failure).toBe(`Stream endpoint-acme.cognigy.cloud/: ${reason}`);
  });

  test('an endpoint that skips Engine.IO is left', async () => {
    const { stream, net } = setup();
    const failure = new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });
    stream.connect().catch(() => undefined);
    await settle();
    net.last.open();
    net.last.frame('42["endpoint-ready"]');
    expect(await failure).toContain('the server skipped the handshake of Engine.IO');
  });
});

describe('an open connection', () => {
  const reasonOfNextClose = (stream: Setup['stream']): Promise<string> =>
    new Promise((resolve) => {
      stream.once('reconnecting', ({ error }) => resolve(error.message));
    });

  test('is left when the server ends the session, also after an error of the flow', async () => {
    const { stream, net } = await opened();
    const reason = reasonOfNextClose(stream);
    net.last.frame('42["exception",{"message":"node failed"}]');
    net.last.frame('41');
    expect(await reason).toContain('the server ended the session');
  });

  test('of Engine.IO 3 is tested by a beat every pingInterval, whose answer may take pingTimeout', async () => {
    const { stream, net, clock } = await opened();
    const reason = reasonOfNextClose(stream);
    await clock.advance(24_999);
    expect(net.last.sent).toEqual([]);
    await clock.advance(1);
    expect(net.last.sent).toEqual(['2']);
    await clock.advance(4999);
    const beats: unknown[] = [];
    stream.on('HEARTBEAT', (event) => beats.push(event));
    net.last.frame('3');
    expect(beats).toEqual([{ type: 'HEARTBEAT' }]);
    await clock.advance(20_001);
    expect(net.last.sent).toEqual(['2', '2']);
    await clock.advance(4999);
    expect(stream.state).toBe('open');
    await clock.advance(1);
    expect(await reason).toContain('5000 ms');
  });

  test('of Engine.IO 4 is left after the silence of a ping and its answer; each ping is answered', async () => {
    const { stream, net, clock } = setup({ eio: 4 });
    const connected = stream.connect();
    await settle();
    net.last.open();
    for (const frame of [handshake, '40{"sid":"y"}', '42["endpoint-ready"]']) net.last.frame(frame);
    await connected;
    const beats: unknown[] = [];
    stream.on('HEARTBEAT', (event) => beats.push(event));
    const reason = reasonOfNextClose(stream);
    await clock.advance(29_999);
    net.last.frame('2probe');
    expect(net.last.sent).toEqual(['40', '3probe']);
    expect(beats).toEqual([{ type: 'HEARTBEAT' }]);
    await clock.advance(29_999);
    expect(stream.state).toBe('open');
    await clock.advance(1);
    expect(await reason).toContain('30000 ms');
  });

  test('sends an input with the ids of the conversation and the channel', async () => {
    const { stream, net } = await opened({ channel: 'ivr' });
    stream.send({ data: { k: 1 } });
    const frame = net.last.sent.at(-1) ?? '';
    expect(frame.slice(0, 2)).toBe('42');
    expect(JSON.parse(frame.slice(2))).toEqual([
      'processInput',
      {
        URLToken: CANARY,
        userId: 'u 1',
        sessionId: 's/1',
        channel: 'ivr',
        source: 'device',
        passthroughIP: null,
        resetFlow: false,
        data: { k: 1 },
      },
    ]);
  });
});

describe('inputs', () => {
  test('whose runs have ended are not named, whichever way the end was told', async () => {
    const { stream, net, seen } = await opened();
    for (const text of ['a', 'b', 'c']) stream.send({ text });
    net.last.frame('42["finalPing",{}]');
    net.last.frame('42["output",{"type":"finalPing","data":{}}]');
    net.last.closed(1006);
    await settle();
    expect(seen.slice(2)).toEqual([{ type: 'INPUT_UNCONFIRMED', inputs: [{ text: 'c' }] }]);
  });

  test('without the end of their run are named once when the connection ends', async () => {
    const { stream, net, clock, seen } = await opened();
    for (let index = 0; index < 150; index += 1) stream.send({ text: `t${index}` });
    net.last.frame('42["finalPing",{}]');
    net.last.closed(1006);
    await settle();
    const inputs = Array.from({ length: 99 }, (_, index) => ({ text: `t${51 + index}` }));
    expect(seen.slice(1)).toEqual([{ type: 'INPUT_UNCONFIRMED', inputs }]);
    await clock.advance(5000);
    accept(net.last);
    net.last.closed(1006);
    await settle();
    expect(seen).toHaveLength(2);
  });
});
