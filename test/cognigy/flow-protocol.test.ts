import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { AssistStream } from 'agent-assist-sdk';
import {
  cognigyAi,
  flowProtocol,
  type FlowProtocolOptions,
  type FlowStreamEvents,
  type FlowStreamInput,
} from 'agent-assist-sdk/cognigy';
import { settle } from '../stream/helpers.js';
import { CANARY, accept, ids, opened, setup } from './flow-setup.js';

const urlOf = async (options: Partial<FlowProtocolOptions>, streamUrl?: string): Promise<string> => {
  const { stream, net } = setup(options, streamUrl);
  const connected = stream.connect();
  await settle();
  await stream.close();
  await expect(connected).rejects.toThrow('closed');
  return net.last.url;
};

describe('the URL', () => {
  test('has each value encoded twice', async () => {
    expect(await urlOf({})).toBe(
      'wss://endpoint-acme.cognigy.cloud/socket.io/?userId=u%25201&sessionId=s%252F1&urlToken=canary-url-token&testMode=false&emitWithAck=true&EIO=3&transport=websocket',
    );
  });

  test('has neither ids nor token with a handshake by message', async () => {
    expect(await urlOf({ handshake: 'message', eio: 4 })).toBe(
      'wss://endpoint-acme.cognigy.cloud/socket.io/?handshake=true&EIO=4&transport=websocket',
    );
  });

  test.each([
    [cognigyAi({ company: 'acme' }).streamUrl, '/socket.io/'],
    [`https://endpoint.example/${CANARY}`, '/socket.io/'],
    [`https://proxy.example/flows/`, '/flows/socket.io/'],
    [`https://proxy.example/flows/socket.io`, '/flows/socket.io/'],
  ])('of %s has the path %s', async (streamUrl, path) => {
    expect(new URL(await urlOf({ handshake: 'message' }, streamUrl)).pathname).toBe(path);
  });

  test('decodes to any id', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), async (userId) => {
        const once = new URL(await urlOf({ userId })).searchParams.get('userId') ?? '';
        expect(decodeURIComponent(once)).toBe(userId);
      }),
      { numRuns: 30 },
    );
  });
});

describe('options', () => {
  test.each([
    [{ urlToken: '' }, 'urlToken: missing'],
    [{ urlToken: 'https://endpoint.example/token' }, "urlToken: expected only the last part of the endpoint's URL"],
    [{ userId: '' }, 'userId: missing'],
    [{ sessionId: '' }, 'sessionId: missing'],
    [{ eio: 5 as 4 }, 'eio: expected 3 or 4'],
    [{ handshake: 'header' as 'query' }, "handshake: expected 'query' or 'message'"],
    [{ urltoken: 'x' }, 'flowProtocol: unknown option "urltoken"; did you mean \'urlToken\'?'],
  ])('%j', (options, message) => {
    expect(() => flowProtocol({ ...ids, ...options })).toThrow(message);
  });

  test('need no auth, and type what arrives and what can be sent', () => {
    const stream = new AssistStream({ streamUrl: 'wss://x.test', protocol: flowProtocol(ids) });
    expectTypeOf(stream).toEqualTypeOf<AssistStream<FlowStreamEvents, FlowStreamInput>>();
    stream.on('OUTPUT', ({ text }) => expectTypeOf(text).toEqualTypeOf<string | undefined>());
    // @ts-expect-error an event of another protocol
    expect(() => stream.on('INTERACTION_UPDATE', () => undefined)).toThrow('on: no event "INTERACTION_UPDATE"');
  });

  test.each([
    [{}, 'Invalid input: expected text or data'],
    [{ text: 1 as unknown as string }, 'Invalid input: text: expected string'],
    [{ data: [] as unknown as Record<string, unknown> }, 'Invalid input: data: expected object'],
    [{ data: { big: 1n } }, 'Invalid input: cannot be written as JSON'],
  ])('the input %o is refused before it is sent', (input, message) => {
    expect(() => setup().stream.send(input)).toThrow(message);
  });
});

describe('frames', () => {
  test.each<[string, unknown]>([
    [
      '42["output",{"type":"output","data":{"text":null,"data":{"_cognigy":{}}}}]',
      { type: 'OUTPUT', data: { _cognigy: {} } },
    ],
    ['42["output",{"type":"output","data":{}}]', { type: 'OUTPUT' }],
    ['42["output",{"type":"finalPing","data":1}]', { type: 'FINAL_PING', payload: 1 }],
    ['42["output",{"type":"error","data":"no"}]', { type: 'FLOW_ERROR', origin: 'output', message: 'no', error: 'no' }],
    ['42["exception",[]]', { type: 'FLOW_ERROR', origin: 'exception', message: '', error: [] }],
    ['42["finalPing"]', { type: 'FINAL_PING' }],
    ['42["typingStatus",{"status":"typingOff"}]', { type: 'TYPING', isTyping: false, status: 'typingOff' }],
    ['42["typingStatus",{"status":"typingOn"}]', { type: 'TYPING', isTyping: true, status: 'typingOn' }],
    ['42["something",1,2]', { type: 'something', args: [1, 2] }],
    [
      '42["output",{"type":"card","data":{}}]',
      { issues: [{ path: 'type', message: "expected 'output', 'error' or 'finalPing'" }] },
    ],
    ['42["output",{"type":"output","data":[]}]', { issues: [{ path: 'data', message: 'expected object' }] }],
    ['42["output"]', { issues: [{ path: 'type', message: "expected 'output', 'error' or 'finalPing'" }] }],
    ['42["typingStatus",{}]', { issues: [{ path: 'status', message: 'expected string' }] }],
    ['42["typingStatus"]', { issues: [{ path: 'status', message: 'expected string' }] }],
    ['42["typingStatus",{"status":"typingPaused"}]', { type: 'TYPING', isTyping: false, status: 'typingPaused' }],
    ['42["exception","gone"]', { type: 'FLOW_ERROR', origin: 'exception', message: 'gone', error: 'gone' }],
    [
      '42["output",{"type":"error","data":{"error":{"message":"no node"}}}]',
      { type: 'FLOW_ERROR', origin: 'output', message: 'no node', error: { message: 'no node' } },
    ],
    [
      '42["output",{"type":"error","data":{"error":{"message":7}}}]',
      { type: 'FLOW_ERROR', origin: 'output', message: '', error: { message: 7 } },
    ],
    [
      '42["output",{"type":"output","data":{"text":"a","traceId":"t","source":"bot","more":1}}]',
      { type: 'OUTPUT', text: 'a', traceId: 't', source: 'bot', more: 1 },
    ],
    ['42{', { issues: [{ path: '', message: 'expected an array of JSON' }] }],
  ])('%s', async (frame, event) => {
    const { net, seen, stream } = await opened();
    net.last.frame(frame);
    expect(seen).toEqual([event]);
    expect(stream.state).toBe('open');
  });

  test('a field of a wrong type is left out and reported beside the event', async () => {
    const { net, seen } = await opened();
    net.last.frame('42["output",{"type":"output","data":{"text":1,"traceId":"t"}}]');
    const event = { type: 'OUTPUT', traceId: 't' };
    expect(seen).toEqual([event, { issues: [{ path: 'text', message: 'expected string' }], event }]);
  });

  test('every field of a wrong type is named, and none is left in the event', async () => {
    const { net, seen } = await opened();
    net.last.frame('42["output",{"type":"output","data":{"text":[],"traceId":7,"source":false}}]');
    const issues = ['text', 'traceId', 'source'].map((path) => ({ path, message: 'expected string' }));
    expect(seen).toEqual([{ type: 'OUTPUT' }, { issues, event: { type: 'OUTPUT' } }]);
  });

  test('a flow cannot pass off another type of event', async () => {
    const { net, seen } = await opened();
    net.last.frame('42["output",{"type":"output","data":{"type":"GAP","text":"x"}}]');
    expect(seen).toEqual([{ type: 'OUTPUT', text: 'x' }]);
  });

  test('whatever arrives, the stream goes on', async () => {
    const { net, stream } = await opened();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('2', '3', '42', '420', '430'), fc.json(), async (prefix, json) => {
        net.last.frame(prefix + json);
        await settle();
        expect(stream.state).toBe('open');
      }),
      // Types 0, 1 and 4 of Engine.IO may end a connection, as they are meant to.
      { numRuns: 300 },
    );
  });

  test('each event that asks for an acknowledgement gets one, after the listeners', async () => {
    const { net, stream } = await opened();
    const before: number[] = [];
    stream.on('OUTPUT', () => before.push(net.last.sent.length));
    net.last.frame('427["output",{"type":"output","data":{}}]');
    net.last.frame('428["output",{"type":"broken"}]');
    expect(before).toEqual([0]);
    expect(net.last.sent).toEqual(['437[]', '438[]']);
  });
});

test.each([
  ['as JSON with an escaped slash', 'no canary\\/tökén'],
  ['with JSON escapes', 'no canary/t\\u00f6k\\u00e9n'],
  ['percent-encoded', `no ${encodeURIComponent('canary/tökén')}`],
  ['percent-encoded twice', `no ${encodeURIComponent(encodeURIComponent('canary/tökén'))}`],
  ['in base64', `no ${Buffer.from('canary/tökén').toString('base64')}`],
])('a URL token %s is in no event, and nothing else is changed', async (_, quoted) => {
  const { net, seen } = await opened({ urlToken: 'canary/tökén' });
  net.last.frame(`42["output",{"type":"output","data":{"text":"password: x, ${quoted}"}}]`);
  net.last.frame(`42["exception",{"message":"${quoted}"}]`);
  expect(seen).toMatchObject([
    { type: 'OUTPUT', text: 'password: x, no [redacted]' },
    { type: 'FLOW_ERROR', message: 'no [redacted]' },
  ]);
});

test('the URL token is in no error, log, event or inspection', async () => {
  const parts = setup({}, `https://endpoint.example/${CANARY}`);
  const { stream, net, clock, log, seen } = parts;
  const events: unknown[] = [];
  for (const name of ['open', 'close', 'gap', 'reconnecting', 'error', 'terminated'] as const) {
    stream.on(name, (event) => events.push(event));
  }
  stream.connect().catch((error: unknown) => events.push(error));
  await settle();
  accept(net.last);
  await clock.advance(0);
  stream.send({ text: 'hello' });
  net.last.frame(`42["output",{"type":"error","data":{"error":{"message":"no ${CANARY}"}}}]`);
  net.last.frame(`42["exception",{"message":"no ${CANARY}"}]`);
  net.last.frame(`42["${CANARY}"]`);
  net.last.frame(`42["output",{"type":"${CANARY}"`);
  net.last.fail(new Error(`connect wss://endpoint.example/socket.io/?urlToken=${CANARY}`));
  await clock.advance(5000);
  net.last.refuse(500);
  net.last.closed(1006, CANARY);
  await clock.advance(30_000);
  accept(net.last);
  net.last.closed(4000, `bye ${CANARY}`);
  await clock.advance(60_000);
  net.last.open();
  net.last.frame(`44{"message":"${CANARY}"}`);
  await settle();
  expect(seen.length).toBeGreaterThan(4);
  expect(events.length).toBeGreaterThan(6);
  const everything = inspect([seen, events, log.lines, stream, flowProtocol(ids)], { depth: 20, showHidden: true });
  expect(everything).not.toContain(CANARY);
  expect(JSON.stringify([seen, events, log.lines, stream, flowProtocol(ids)])).not.toContain(CANARY);
});
