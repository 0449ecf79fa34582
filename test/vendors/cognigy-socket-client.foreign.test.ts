import { startCognigy, type CognigyTenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { requireVendorPart } from '../helpers/vendors.js';

interface SocketClient {
  connect(): Promise<unknown>;
  disconnect(): unknown;
  sendMessage(text: string, data?: object): unknown;
  on(event: string, listener: (payload: unknown) => void): unknown;
  readonly connected: boolean;
}
type SocketClientClass = new (url: string, urlToken: string, options: object) => SocketClient;

const EVENTS = ['output', 'error', 'finalPing', 'typingStatus', 'exception', 'socket/disconnect'];

for (const [name, engine] of [
  ['@cognigy/socket-client', 3],
  ['@cognigy/socket-client-5', 4],
] as const) {
  const vendor = requireVendorPart(name) as { readonly SocketClient: SocketClientClass } | undefined;

  describe.skipIf(vendor === undefined)(`${name} (Engine.IO ${engine})`, () => {
    let cognigy: CognigyTenant;
    let client: SocketClient | undefined;
    let seen: [string, unknown][];
    beforeEach(async () => {
      vi.spyOn(console, 'log').mockImplementation(() => undefined);
      cognigy = await startCognigy();
      cognigy.flow.answerWith(({ text, data, turn }) => [{ text: `${turn}: ${text}`, data: { echoed: data } }]);
    });
    afterEach(async () => {
      client?.disconnect();
      await cognigy.close();
      vi.restoreAllMocks();
    });

    function open(options: object = {}): SocketClient {
      seen = [];
      client = new (vendor as { readonly SocketClient: SocketClientClass }).SocketClient(
        cognigy.origin,
        cognigy.socketEndpoint.urlToken,
        // Version 4 looks for a browser's name where Node has a navigator, and fails; told so, it does not look.
        { userId: 'u 1', sessionId: 's/1%2F', forceWebsockets: true, ...options },
      );
      for (const event of EVENTS) client.on(event, (payload) => seen.push([event, payload]));
      return client;
    }

    const untilFinalPings = async (count: number): Promise<void> =>
      expect.poll(() => seen.filter(([event]) => event === 'finalPing')).toHaveLength(count);

    const answer = (text: string, echoed: object): object => ({
      text,
      data: { echoed },
      traceId: expect.any(String) as string,
      source: 'bot',
      disableSensitiveLogging: false,
    });

    it('sends what it buffered, hears the flow, and acknowledges outputs and final pings', async () => {
      const talking = open();
      talking.sendMessage('early', { buffered: true });
      await talking.connect();
      talking.sendMessage('hi', { k: 'v' });
      await untilFinalPings(2);
      expect(seen.filter(([event]) => event === 'output')).toEqual([
        ['output', answer('1: early', { buffered: true })],
        ['output', answer('2: hi', { k: 'v' })],
      ]);
      expect(seen.at(0)).toEqual(['typingStatus', { status: 'typingOn' }]);
      const [socket] = cognigy.sockets.sockets;
      expect(socket?.engine).toBe(engine);
      expect(socket?.identity).toEqual({
        userId: 'u 1',
        sessionId: 's/1%2F',
        urlToken: cognigy.socketEndpoint.urlToken,
        testMode: false,
        emitWithAck: true,
      });
      await expect.poll(() => socket?.acknowledged).toBe(4);
      expect(socket?.unacknowledged).toEqual([]);
      expect(cognigy.sessions.get('s/1%2F')).toMatchObject({ userId: 'u 1', turns: 2 });
      expect(cognigy.sessions.billedInputs).toBe(2);
    });

    it('names itself in the inner handshake alone when it is told to', async () => {
      const talking = open({ enableInnerSocketHandshake: true, testMode: true });
      await talking.connect();
      talking.sendMessage('hi');
      await untilFinalPings(1);
      const { query } = cognigy.requests.to('GET /socket.io/')[0] ?? {};
      expect([...(query?.keys() ?? [])].sort()).toEqual(['EIO', 'handshake', 'transport']);
      expect(cognigy.sockets.sockets[0]?.identity?.sessionId).toBe('s/1%2F');
      expect(cognigy.sessions.billedInputs).toBe(0);
    });

    it('hears a failed flow, what is injected and what is notified', async () => {
      const talking = open();
      await talking.connect();
      cognigy.flow.answerWith(() => {
        throw new Error('flow failed');
      });
      talking.sendMessage('hi');
      await untilFinalPings(1);
      expect(seen).toContainEqual(['error', { message: 'flow failed' }]);
      cognigy.flow.answerWith(({ data }) => [{ text: 'injected', data }]);
      const send = async (kind: string, text: string): Promise<string> => {
        const answered = await fetch(`${cognigy.origin}/new/v2.0/endpoint/${kind}`, {
          method: 'POST',
          headers: { 'x-api-key': cognigy.apiKey, 'content-type': 'application/json' },
          body: JSON.stringify({
            text,
            data: { a: 1 },
            URLToken: cognigy.socketEndpoint.urlToken,
            userId: 'u 1',
            sessionId: 's/1%2F',
          }),
        });
        return answered.text();
      };
      expect(await send('inject', 'x')).toBe('OK');
      await untilFinalPings(2);
      expect(seen).toContainEqual(['output', expect.objectContaining({ text: 'injected', data: { a: 1 } })]);
      expect(await send('notify', 'look')).toBe('OK');
      await expect
        .poll(() => seen)
        .toContainEqual(['output', expect.objectContaining({ text: 'look', data: { a: 1 } })]);
    });

    it('connects again after its connection broke, and sends what was said meanwhile', async () => {
      const talking = open({ interval: 20 });
      await talking.connect();
      cognigy.sockets.terminateAll();
      await expect.poll(() => seen.map(([event]) => event)).toContain('socket/disconnect');
      talking.sendMessage('meanwhile');
      await untilFinalPings(1);
      expect(seen).toContainEqual(['output', answer('1: meanwhile', {})]);
      // The client may try twice within its short interval.
      expect(cognigy.sockets.totalConnections).toBeGreaterThanOrEqual(2);
    });

    it('keeps its messages while the endpoint does not say that it is ready', async () => {
      cognigy.sockets.withhold('endpoint-ready');
      const talking = open();
      void talking.connect();
      await cognigy.sockets.waitForConnections();
      await expect.poll(() => talking.connected).toBe(true);
      talking.sendMessage('too early');
      await expect.poll(() => cognigy.sockets.sockets[0]?.identity).toBeDefined();
      expect(cognigy.flow.runs).toBe(0);
      expect(cognigy.sockets.sockets[0]).toMatchObject({ isReady: false, lostInputs: 0 });
    });

    it('is refused where its version of Engine.IO is not spoken', async () => {
      cognigy.sockets.engines = [engine === 3 ? 4 : 3];
      await expect(open().connect()).rejects.toThrow('[SocketClient] Error connecting');
      expect(cognigy.requests.last?.status).toBe(400);
    });
  });
}
