import { once } from 'node:events';
import { sampleConversations, startCxone, type Cxone, type NotificationInjection } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenMessages } from '../../src/testing/cxone/broken-messages.js';
import { garbageFrames } from '../../src/testing/stream/connection-pool.js';
import { logIn, SocketClient } from './cxone-helpers.js';

let cxone: Cxone;
let token: string;
beforeEach(async () => {
  cxone = await startCxone();
  token = (await logIn(cxone)).access_token;
});
afterEach(async () => {
  await cxone.close();
});

async function open(): Promise<SocketClient> {
  const client = new SocketClient(cxone.notificationUrl);
  await once(client.socket, 'open');
  return client;
}

const error = (responseCode: number, responseText: string): unknown => ({
  command: 'ERROR',
  headers: { connectionId: expect.any(String) as string },
  body: { responseCode, responseText },
});

describe('the notification socket', () => {
  it('connects, subscribes, acknowledges and unsubscribes', async () => {
    const client = await open();
    const connected = await client.ask('CONNECT', token);
    const { headers } = connected;
    expect(connected).toEqual({
      command: 'CONNECTED',
      headers: { connectionId: expect.any(String) as string },
      body: {},
    });
    expect(await client.ask('SUBSCRIBE', token, { topic: '30001_transcript' })).toEqual({
      command: 'SUBSCRIBED',
      headers,
      body: { topic: '30001_transcript' },
    });
    expect(cxone.notifications.topics).toEqual(['30001_transcript']);
    expect(await client.ask('HEARTBEAT', '')).toEqual({ command: 'HEARTBEAT_ACK', headers, body: {} });
    expect(await client.ask('UNSUBSCRIBE', token, { topic: '30001_transcript' })).toEqual({
      command: 'UNSUBSCRIBED',
      headers,
      body: { topic: '30001_transcript' },
    });
    expect(cxone.notifications.topics).toEqual([]);
    expect(cxone.notifications.connections[0]?.tokenIn).toBe('frame');
  });

  it('wants CONNECT first', async () => {
    const client = await open();
    const refusal = error(400, 'No CONNECT message received');
    expect(await client.ask('SUBSCRIBE', token, { topic: 't' })).toEqual(refusal);
    expect(await client.ask('HEARTBEAT', '')).toEqual(refusal);
    expect(cxone.notifications.topics).toEqual([]);
  });

  it('refuses a wrong token in CONNECT and in SUBSCRIBE, and what it does not know', async () => {
    const client = await open();
    expect(await client.ask('CONNECT', 'wrong')).toEqual(error(401, 'Unauthorized'));
    expect(await client.ask('CONNECT', token)).toMatchObject({ command: 'CONNECTED' });
    cxone.revokeTokens(token);
    expect(await client.ask('SUBSCRIBE', token, { topic: 't' })).toEqual(error(401, 'Unauthorized'));
    expect(await client.ask('SUBSCRIBE', (await logIn(cxone)).access_token, {})).toEqual(error(400, 'No topic'));
    expect(await client.ask('CONNECTED', token)).toEqual(error(400, 'Unknown command'));
    client.socket.send('not json');
    expect(await client.next()).toEqual(error(400, 'Unknown command'));
  });

  it('has an agentic socket, whose URL Copilot tells: the token in the query, no CONNECT', async () => {
    const asked = await fetch(`${cxone.hosts.api}/agent-copilot/v1/agentic-websocket-url`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { agenticWebsocketURL: url } = (await asked.json()) as { agenticWebsocketURL: string };
    const [failure] = (await once(new SocketClient(`${url}?token=wrong`).socket, 'error')) as [Error];
    expect(failure.message).toContain('401');
    const client = new SocketClient(`${url}?token=${token}&consumerId=agentcopilot`);
    await once(client.socket, 'open');
    client.socket.send(JSON.stringify({ command: 'SUBSCRIBE', headers: {}, body: { topic: '1001_agentcopilot' } }));
    expect(await client.next()).toMatchObject({ command: 'SUBSCRIBED', body: { topic: '1001_agentcopilot' } });
    expect(cxone.feed.sendCards('30001', [])).toBe(1);
    expect(cxone.notifications.connections[0]?.tokenIn).toBe('query');
  });

  it('publishes to subscribers only, once to each', async () => {
    const first = await SocketClient.subscribed(cxone, '1_transcript', '1', '1_Nexidia.RTG.Updates');
    const second = await SocketClient.subscribed(cxone, '2_transcript');
    expect(cxone.feed.sendTranscript({ contactId: '1', text: 'hello' })).toBe(1);
    expect(cxone.feed.sendScore({ contactId: '1', score: 40 })).toBe(1);
    expect(cxone.feed.sendTranscript({ contactId: '2', text: 'there' })).toBe(1);
    expect(cxone.feed.sendTranscript({ contactId: '3', text: 'nobody' })).toBe(0);
    expect(await first.next()).toMatchObject({ body: { MessageType: 'Transcript', Data: { messageBody: 'hello' } } });
    expect(await first.next()).toMatchObject({ body: { messageType: 'Nexidia.RTG.EnlightenUpdate', callId: '1' } });
    expect(await second.next()).toMatchObject({ body: { Data: { messageBody: 'there', transcriptionSrNo: 2 } } });
  });

  it('lets a test wait for a topic', async () => {
    const waiting = cxone.notifications.waitForTopic('7_transcript');
    await SocketClient.subscribed(cxone, '7_transcript');
    await waiting;
    await cxone.notifications.waitForTopic('7_transcript');
    const aborted = cxone.notifications.waitForTopic('8_transcript', { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
  });

  it('is reached by its name, and not at another host', async () => {
    const { notifications, api } = cxone.namedHosts;
    const path = '/agent-assist-notifications/notifications/ws';
    const socket = new cxone.WebSocket(`${notifications}${path}`);
    await once(socket, 'open');
    expect(cxone.requests.last?.headers['x-forwarded-host']).toBe('websocket-na1.cxone.test');
    const [failure] = (await once(new cxone.WebSocket(`${api.replace('https', 'wss')}${path}`), 'error')) as [Error];
    expect(failure.message).toContain('404');
  });

  it('refuses other paths, and lets faults refuse its own', async () => {
    const refused = async (url: string): Promise<string> => {
      const [failure] = (await once(new SocketClient(url).socket, 'error')) as [Error];
      return failure.message;
    };
    expect(await refused(`${cxone.hosts.notifications}/elsewhere`)).toContain('404');
    cxone.inject({ route: /notifications\/ws$/, fault: { kind: 'status', status: 503 } });
    expect(await refused(cxone.notificationUrl)).toContain('503');
  });
});

describe('what is sent on it', () => {
  it.each([
    [
      'a transcript',
      '30001_transcript',
      () => cxone.feed.sendTranscript({ contactId: '30001', text: 'hi', speaker: 'agent', isFinal: false }),
      {
        Topic: '30001_transcript',
        MessageType: 'Transcript',
        BusNo: 4600001,
        Data: {
          contactId: '30001',
          messageBody: 'hi',
          messageIsCompletedUtterance: false,
          messageMetaData: { completeUtterance: false },
          transcriptionSrNo: 1,
          channelTag: 'RX',
          languageCode: 'en-US',
        },
      },
    ],
    [
      'cards',
      '1001_agentcopilot',
      () =>
        cxone.feed.sendCards('30001', [{ contentType: 'customCard', cardType: 'Text', objectId: 'o', content: {} }]),
      {
        topic: '1001_agentcopilot',
        contactId: '30001',
        agentAssistSource: 'AgentCopilot',
        acpAppElements: [{ contentType: 'customCard', objectId: 'o' }],
      },
    ],
    [
      'a score',
      '30001_Nexidia.RTG.Updates',
      () => cxone.feed.sendScore({ contactId: '30001', score: 12 }),
      {
        topic: 'Nexidia.RTG.Updates',
        messageType: 'Nexidia.RTG.EnlightenUpdate',
        callId: '30001',
        enlightenResults: [{ score: 12, isValid: true, tags: ['sentiment'] }],
      },
    ],
    [
      'an alert',
      '30001',
      () => cxone.feed.sendAlert({ contactId: '30001', name: 'Slow down', description: 'You speak fast' }),
      {
        topic: 'Nexidia.RTG.Notifications',
        messageType: 'Nexidia.RTG.EventNotification',
        notificationPayload: { primaryAlertName: 'Slow down' },
      },
    ],
    [
      'suggestions of CCAI',
      '30001_BotAssist',
      () =>
        cxone.feed.sendCcai({ contactId: '30001', transcript: 'hi', replies: [{ reply: 'Hello', confidence: 0.9 }] }),
      {
        topic: '30001_BotAssist',
        data: JSON.stringify({
          transcript: 'hi',
          suggestionResults: [
            {
              suggestSmartRepliesResponse: {
                latestMessage: 'hi',
                smartReplyAnswers: [{ reply: 'Hello', confidence: 0.9 }],
              },
            },
          ],
        }),
      },
    ],
    [
      'a summary',
      '30001_autosummary',
      () => cxone.feed.sendSummary({ contactId: '30001', text: '', error: 'CALL_TOO_SHORT' }),
      { messageType: 'Nexidia.RTG.EnlightenSummary', messageError: 'CALL_TOO_SHORT', masterId: '30001', text: '' },
    ],
  ] as const)('sends %s', async (_name, topic, send, body) => {
    const client = await SocketClient.subscribed(cxone, topic);
    expect(send()).toBe(1);
    expect(await client.next()).toMatchObject({ command: 'MESSAGE', body });
  });

  it('plays a conversation: interim text, one final transcript and a score for each turn', async () => {
    const client = await SocketClient.subscribed(cxone, 'call-1_transcript', 'call-1');
    const turns = [{ text: 'I am very angry' }, { speaker: 'agent' as const, text: 'I see' }];
    const played = await cxone.play({ id: 'call-1', turns }, { speed: Infinity, interim: true });
    expect(played).toEqual({ contactId: 'call-1', transcripts: 8, scores: 2, received: 10 });
    const texts: unknown[] = [];
    for (let n = 0; n < 6; n += 1) {
      const { Data: data, enlightenResults } = (await client.next()).body as {
        Data?: Record<string, unknown>;
        enlightenResults?: [{ score: number }];
      };
      texts.push(
        data === undefined
          ? enlightenResults?.[0].score
          : [data['messageBody'], data['messageIsCompletedUtterance'], data['transcriptionSrNo'], data['channelTag']],
      );
    }
    expect(texts.slice(0, 5)).toEqual([
      ['I', false, 1, 'TX'],
      ['I am', false, 2, 'TX'],
      ['I am very', false, 3, 'TX'],
      ['I am very angry', false, 4, 'TX'],
      ['I am very angry', true, 5, 'TX'],
    ]);
    expect(texts[5]).toBeLessThan(50);
    const [sample] = sampleConversations;
    if (sample === undefined) throw new Error('no sample');
    const { transcripts } = await cxone.play(sample, { speed: Infinity, scores: false });
    expect(transcripts).toBe(sample.turns.length);
  });
});

describe('how it fails', () => {
  it.each<[string, NotificationInjection['fault'], unknown]>([
    ['an error', { kind: 'error', responseCode: 401, responseText: 'expired' }, error(401, 'expired')],
    ['an error of its own words', { kind: 'error', responseCode: 500 }, error(500, 'Injected error')],
  ])('answers with %s, and the command has no effect', async (_name, fault, expected) => {
    const client = await SocketClient.subscribed(cxone);
    cxone.notifications.inject({ command: 'SUBSCRIBE', topic: 't', fault });
    expect(await client.ask('SUBSCRIBE', token, { topic: 'other' })).toMatchObject({ command: 'SUBSCRIBED' });
    expect(await client.ask('SUBSCRIBE', token, { topic: 't' })).toEqual(expected);
    expect(cxone.notifications.topics).toEqual(['other']);
    expect(await client.ask('SUBSCRIBE', token, { topic: 't' })).toMatchObject({ command: 'SUBSCRIBED' });
  });

  it('misses acks, as often as it is told', async () => {
    const client = await SocketClient.subscribed(cxone);
    const mute = cxone.notifications.inject({ command: 'HEARTBEAT', fault: { kind: 'no-answer' }, times: 2 });
    for (let n = 0; n < 3; n += 1) client.send('HEARTBEAT', '');
    expect(await client.next()).toMatchObject({ command: 'HEARTBEAT_ACK' });
    expect(await client.ask('SUBSCRIBE', token, { topic: 't' })).toMatchObject({ command: 'SUBSCRIBED' });
    expect([mute.hits, mute.active]).toEqual([2, false]);
  });

  it('drops and closes', async () => {
    const first = await SocketClient.subscribed(cxone);
    cxone.notifications.inject({ command: 'HEARTBEAT', fault: { kind: 'drop' } });
    first.send('HEARTBEAT', '');
    expect((await once(first.socket, 'close'))[0]).toBe(1006);
    const second = await SocketClient.subscribed(cxone);
    cxone.notifications.inject({ fault: { kind: 'close', code: 4401, reason: 'token' } });
    second.send('HEARTBEAT', '');
    expect((await once(second.socket, 'close')).map(String)).toEqual(['4401', 'token']);
  });

  it('sends garbage before an answer, and messages out of shape', async () => {
    const client = await SocketClient.subscribed(cxone);
    cxone.notifications.inject({ command: 'HEARTBEAT', fault: { kind: 'garbage' } });
    client.send('HEARTBEAT', '');
    for (const garbage of garbageFrames) expect(await client.nextText()).toBe(Buffer.from(garbage).toString('utf8'));
    expect(await client.next()).toMatchObject({ command: 'HEARTBEAT_ACK' });
    cxone.notifications.sendOutOfShape();
    for (const broken of brokenMessages) expect(await client.next()).toEqual(broken);
    cxone.notifications.sendError(401, 'expired');
    expect(await client.next()).toMatchObject({ body: { responseCode: 401 } });
  });

  it('refuses faults that do not exist, and forgets all at once', async () => {
    const inject = (injection: unknown) => () => cxone.notifications.inject(injection as NotificationInjection);
    expect(inject({ fault: { kind: 'nonsense' } })).toThrow('fault.kind');
    expect(inject({ command: 'CONNECTED', fault: { kind: 'drop' } })).toThrow('command');
    expect(inject({ comand: 'CONNECT', fault: { kind: 'drop' } })).toThrow("did you mean 'command'?");
    cxone.notifications.inject({ fault: { kind: 'drop' } });
    cxone.clearFaults();
    const client = await SocketClient.subscribed(cxone);
    expect(await client.ask('HEARTBEAT', '')).toMatchObject({ command: 'HEARTBEAT_ACK' });
  });
});
