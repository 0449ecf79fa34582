import { findPhoneNumbersInText } from 'libphonenumber-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AssistStream, AuthClient } from 'agent-assist-sdk';
import { flowProtocol, type FlowStreamEvents, type FlowStreamInput } from 'agent-assist-sdk/cognigy';
import {
  readRecording,
  recordStream,
  redactPersonalData,
  type RecordableStream,
  type StreamRecorder,
} from 'agent-assist-sdk/conversations';
import {
  connectCxone,
  copilotTopic,
  guidanceTopic,
  notificationProtocol,
  transcriptTopic,
} from 'agent-assist-sdk/cxone';
import { startCognigy, startCxone, startTenant } from 'agent-assist-sdk/testing';
import { filesOf, HandStream, recordingPath } from '../helpers.js';

const CARD = '4111111111111111';
const EMAIL = 'ann.lee@example.org';
const PHONE = '+12133734253';
const TOKEN = 'Zm9vYmFyMTIzQmF6cXV4LXRoaXMtaXM';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
const PASSWORD = 'correct horse';

/** All canaries in one text, as people and machines would write them. */
const PLANTED = `pay 4111 1111 1111 1111, mail ${EMAIL}, call (213) 373-4253; Authorization: Bearer ${TOKEN}; ${JWT}`;
/** Canaries where an event has no text: fields that nobody declared, names of fields, numbers. */
const NESTED = {
  meta: {
    card: Number(CARD),
    [EMAIL]: true,
    list: [{ note: PLANTED }, PHONE],
    escaped: JSON.stringify({ a: PLANTED }),
  },
  authorization: `Basic ${btoa('user:pass')}`,
  headers: {
    'Set-Cookie': 'sid=canary',
    'x-api-key': 'key-canary',
    client_secret: PASSWORD,
    accessToken: ['one-canary', 'two-canary'],
  },
  echoed: `https://x.example/?access_token=${TOKEN}&to=${encodeURIComponent(EMAIL)}`,
};

const FORBIDDEN = [CARD, '4111 1111', EMAIL, encodeURIComponent(EMAIL), '373-4253', PHONE, TOKEN, JWT, 'eyJ', PASSWORD];
const ALSO_FORBIDDEN = [btoa('user:pass'), 'sid=canary', 'key-canary', 'one-canary', 'two-canary'];

const recorded = async (stream: RecordableStream, ...more: readonly string[]) => {
  const path = await recordingPath();
  const recorder = await recordStream(stream, path, {
    redact: redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') }),
    secrets: () => more,
  });
  return { path, recorder };
};

async function expectClean(path: string, recorder: StreamRecorder, events: number, ...more: string[]): Promise<string> {
  await recorder.close();
  expect(recorder.counts).toEqual({ written: events, omitted: 0, lost: 0 });
  const { text, names } = await filesOf(path);
  for (const canary of [...FORBIDDEN, ...ALSO_FORBIDDEN, ...more])
    expect(text + names.join(), canary).not.toContain(canary);
  expect(text).toContain('[card]');
  expect(text).toContain('[email]');
  expect(text).toContain('[phone]');
  expect(text).toContain('[redacted]');
  return text;
}

/** Waits until a stream has delivered so many events. */
function arrivals(stream: RecordableStream, count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    for (const name of stream.eventNames) {
      stream.on(
        name as never,
        (() => {
          seen += 1;
          if (seen === count) resolve();
        }) as never,
      );
    }
  });
}

describe('no recording contains what was planted', () => {
  it('in the events of protocol 5, known, unknown and with the own token of the stream', async () => {
    await using tenant = await startTenant();
    const { platform } = tenant;
    const auth = new AuthClient({ platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });
    await using stream = new AssistStream({ platform, auth });
    const own = 'gehe1m: "Geheim"/+';
    const { path, recorder } = await recorded(stream, own);
    const token = await auth.getToken();
    const arrived = arrivals(stream, 5);
    await stream.connect();
    const { interactionId } = { interactionId: 'call-1' };
    tenant.stream.burst([
      { type: 'INTERACTION_UPDATE', payload: { interactionId, transcript: PLANTED, context: NESTED }, ...NESTED },
      { type: 'TRANSCRIPT_FRAGMENT', interactionId, text: PLANTED, speaker: EMAIL, ...NESTED },
      { type: 'DIALOG_STATE', interactionId: PHONE, state: PLANTED },
      { type: 'INSIGHT_ACCEPTED', interactionId, insightId: EMAIL, action: PLANTED },
      { type: 'SOMETHING_NEW', ...NESTED, debug: `${token} ${own} ${encodeURIComponent(own)} ${btoa(token)}` },
    ]);
    await arrived;
    const text = await expectClean(path, recorder, 5, token, own, btoa(token), encodeURIComponent(own), 'Geheim');
    expect(text).toContain('"interactionId":"call-1"');
  });

  it('in the events of CXone', async () => {
    await using cxone = await startCxone();
    const { platform, auth } = await connectCxone({
      issuer: cxone.namedHosts.issuer,
      ...cxone.credentials,
      fetch: cxone.fetch,
    });
    await using stream = new AssistStream({
      platform,
      auth,
      protocol: notificationProtocol({ sentimentScale: { min: 0, max: 1 } }),
      WebSocket: cxone.WebSocket,
    });
    onTestFinished(() => auth.close());
    for (const topic of [transcriptTopic('30001'), copilotTopic(cxone.user.agentId), guidanceTopic('30001')])
      stream.subscribe(topic);
    stream.subscribe('30001_autosummary');
    const { path, recorder } = await recorded(stream);
    const arrived = arrivals(stream, 8);
    await stream.connect();
    for (const text of ['it is 4111', '1111', '1111', '1111']) cxone.feed.sendTranscript({ contactId: '30001', text });
    cxone.feed.sendTranscript({ contactId: '30001', text: PLANTED });
    cxone.feed.sendCards('30001', [
      {
        contentType: 'nextBestResponse',
        cardType: 'Text',
        objectId: EMAIL,
        content: JSON.stringify({ text: PLANTED, ...NESTED }),
      },
    ]);
    cxone.feed.sendAlert({ contactId: '30001', name: EMAIL, description: PLANTED });
    cxone.feed.sendSummary({ contactId: '30001', text: PLANTED });
    await arrived;
    const tokens = cxone.issuedTokens.map(({ accessToken }) => accessToken);
    await expectClean(path, recorder, 8, ...tokens, '1111');
  });

  it('in the events of a flow over Socket.IO', async () => {
    await using cognigy = await startCognigy();
    cognigy.flow.answerWith(() => [{ text: PLANTED, data: NESTED }]);
    const { urlToken } = cognigy.socketEndpoint;
    await using stream = new AssistStream<FlowStreamEvents, FlowStreamInput>({
      streamUrl: cognigy.origin,
      protocol: flowProtocol({ urlToken, userId: 'u', sessionId: 's' }),
    });
    const { path, recorder } = await recorded(stream);
    const ended = new Promise((resolve) => {
      stream.once('FINAL_PING', resolve);
    });
    stream.send({ text: 'hello' });
    await stream.connect();
    await ended;
    const [socket] = cognigy.sockets.sockets;
    const odd = arrivals(stream, 1);
    socket?.emit('exception', { error: PLANTED, ...NESTED, urlToken });
    await odd;
    await recorder.flush();
    const { written } = recorder.counts;
    expect(written).toBeGreaterThanOrEqual(3);
    await expectClean(path, recorder, written, urlToken);
  });

  it('in speech that was cut into fragments, interim or final', async () => {
    const stream = new HandStream();
    const { path, recorder } = await recorded(stream);
    const say = (text: string, isFinal = true): void => {
      stream.emit({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'c', speaker: 'customer', text, isFinal });
    };
    const pieces = ['my card is 4111 1111', '1111', '1111, and', 'then'];
    for (const piece of pieces) {
      for (let end = 1; end <= piece.length; end += 1) say(piece.slice(0, end), false);
      say(piece);
    }
    await recorder.close();
    const events = await Array.fromAsync(readRecording(path));
    const digits = events
      .filter(({ event }) => event['isFinal'] === true)
      .map(({ event }) => String(event['text']).replaceAll(/\D/g, ''));
    expect(digits.join('')).toBe('');
    expect(Math.max(...events.map(({ event }) => String(event['text']).replaceAll(/\D/g, '').length))).toBe(6);
  });
});

describe('pseudonyms', () => {
  const key = 'a key of this recording';

  async function pseudonymized(...events: { type: string; [field: string]: unknown }[]): Promise<unknown[]> {
    const path = await recordingPath();
    const stream = new HandStream();
    const recorder = await recordStream(stream, path, { redact: (event) => event, pseudonymize: { key } });
    for (const event of events) stream.emit(event);
    await recorder.close();
    return (await Array.fromAsync(readRecording(path))).map(({ event }) => event);
  }

  it('replace the ids of interactions everywhere in an event, as HMAC-SHA-256', async () => {
    const bytes = new TextEncoder();
    const imported = await crypto.subtle.importKey('raw', bytes.encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    const mac = Buffer.from(await crypto.subtle.sign('HMAC', imported, bytes.encode('call-17')))
      .toString('hex')
      .slice(0, 32);
    const [first, second] = await pseudonymized(
      {
        type: 'X',
        interactionId: 'call-17',
        payload: { masterContactID: 30001, session_id: 's1', topics: ['30001_transcript', 'call-170'] },
        url: 'https://x.example/call-17/?c=30001',
        'call-17': 1,
        count: 30001,
        other: 'call-1',
      },
      { type: 'X', interactionId: 'call-17' },
    );
    expect(second).toEqual({ type: 'X', interactionId: mac });
    const text = JSON.stringify(first);
    expect(text).not.toContain('30001');
    expect(first).toMatchObject({
      interactionId: mac,
      payload: { topics: [expect.stringMatching(/^[\da-f]{32}_transcript$/), 'call-170'] },
      [mac]: 1,
      other: 'call-1',
    });
    expect((first as { url: string }).url).toMatch(new RegExp(`^https://x\\.example/${mac}/\\?c=[\\da-f]{32}$`));
  });

  it('are the same in every recording for an id that is personal itself, and in what quotes it', async () => {
    const idsOf = async (): Promise<unknown[]> => {
      const path = await recordingPath();
      const stream = new HandStream();
      const redact = redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') });
      const recorder = await recordStream(stream, path, { redact, pseudonymize: { key } });
      for (const interactionId of [PHONE, CARD])
        stream.emit({ type: 'X', interactionId, note: `see ${interactionId}` });
      await recorder.close();
      const { text } = await filesOf(path);
      expect(text).not.toContain(PHONE);
      expect(text).not.toContain(CARD);
      return (await Array.fromAsync(readRecording(path))).map(({ event }) => event);
    };
    const events = await idsOf();
    expect(await idsOf()).toEqual(events);
    for (const event of events as { interactionId: string; note: string }[])
      expect(event.note).toContain(event.interactionId);
  });

  it('replace the contact of a transfer and its master contact in what CXone sends', async () => {
    await using cxone = await startCxone();
    const { fetch, WebSocket } = cxone;
    const { platform, auth } = await connectCxone({ issuer: cxone.namedHosts.issuer, ...cxone.credentials, fetch });
    onTestFinished(() => auth.close());
    await using stream = new AssistStream({ platform, auth, protocol: notificationProtocol(), WebSocket });
    for (const topic of [transcriptTopic('30001'), copilotTopic(cxone.user.agentId), guidanceTopic('30001')])
      stream.subscribe(topic);
    stream.subscribe('30001_autosummary');
    const path = await recordingPath();
    const recorder = await recordStream(stream, path, { redact: (event) => event, pseudonymize: { key } });
    const arrived = arrivals(stream, 4);
    await stream.connect();
    cxone.feed.sendTranscript({ contactId: '30001', text: 'contact 30001' });
    cxone.feed.sendCards('30001', [
      {
        contentType: 'x',
        cardType: 'Text',
        objectId: 'o',
        content: JSON.stringify({ masterId: 29999, url: '/29999' }),
      },
    ]);
    cxone.feed.sendAlert({ contactId: '30001', name: 'n', description: 'about 30001' });
    cxone.feed.sendSummary({ contactId: '30001', text: 's' });
    await arrived;
    await recorder.close();
    const { text } = await filesOf(path);
    expect(recorder.counts.written).toBe(4);
    expect(text).not.toMatch(/30001|29999/);
  });

  it('differ by key, and are the same in every recording with it', async () => {
    const [one] = await pseudonymized({ type: 'X', contactId: 'a.b*c' });
    const [same] = await pseudonymized({ type: 'X', nested: [{ ContactId: 'a.b*c' }] });
    expect(same).toEqual({ type: 'X', nested: [{ ContactId: (one as { contactId: string }).contactId }] });
    expect((one as { contactId: string }).contactId).toMatch(/^[\da-f]{32}$/);
  });
});
