import { TranscriptBuffer, type TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import { interactionIdOf } from 'agent-assist-sdk/stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { reading } from './link.js';

/** As recorded: transcripts-agent-sdk-26.2.1, `stream.copilot connect`. */
const transcript = (data: object = {}): object => ({
  Topic: '30001_transcript',
  VendorList: ['CXone'],
  MediaType: 'Voice',
  BusNo: 4600001,
  MessageType: 'Transcript',
  Version: '1',
  TraceId: 'tr',
  Data: {
    transcriptionEventId: 'e1',
    contactId: '30001',
    participantId: 'p',
    messageBody: 'hello',
    messageMetaData: { completeUtterance: true },
    messageIsCompletedUtterance: true,
    agentId: 1001,
    transcriptionSrNo: 1,
    languageCode: 'en-US',
    channelTag: 'TX',
    createdtimestamp: '2026-01-02T03:04:05Z',
    words: [],
    ...data,
  },
});

const copilot = (...acpAppElements: unknown[]): object => ({
  topic: '1001_agentcopilot',
  agentAssistSource: 'AgentCopilot',
  contactId: '30001',
  utcTimestamp: '2026-01-02T03:04:05Z',
  acpAppElements,
});

const element = (contentType: string, content: unknown, cardType = 'AdaptiveCard'): object => ({
  contentType,
  cardType,
  objectId: 'obj',
  content,
});

const ccai = (data: unknown, topic = '30002_BotAssist'): object => ({
  topic,
  id: 'm1',
  timestamp: 't',
  data: typeof data === 'string' ? data : JSON.stringify(data),
});

describe('a transcript message', () => {
  it('becomes a fragment', () => {
    const { events, message } = reading();
    message(transcript());
    expect(events).toMatchObject([
      {
        type: 'TRANSCRIPT_FRAGMENT',
        interactionId: '30001',
        text: 'hello',
        speaker: 'TX',
        timestamp: '2026-01-02T03:04:05Z',
        sequence: 1,
        isFinal: true,
        language: 'en-US',
        data: { agentId: 1001, participantId: 'p' },
      },
    ]);
  });

  it.each([
    [{ channelTag: null }, { speaker: 'p' }],
    [{ channelTag: null, participantId: 7 }, { speaker: '7' }],
    [{ channelTag: null, participantId: undefined }, { speaker: undefined }],
    [{ contactId: 30001 }, { interactionId: '30001' }],
    [{ messageIsCompletedUtterance: undefined }, { isFinal: true }],
    [{ messageIsCompletedUtterance: null, messageMetaData: { completeUtterance: false } }, { isFinal: false }],
    [{ messageIsCompletedUtterance: true, messageMetaData: { completeUtterance: false } }, { isFinal: true }],
    [{ messageIsCompletedUtterance: null, messageMetaData: null }, { isFinal: undefined }],
    [{ transcriptionSrNo: '12' }, { sequence: 12 }],
    [{ transcriptionSrNo: 'x' }, { sequence: undefined }],
    [{ createdtimestamp: 1767323045000 }, { timestamp: '2026-01-02T03:04:05.000Z' }],
    [{ createdtimestamp: 1e300 }, { timestamp: undefined }],
    [
      { messageIsCompletedUtterance: false, messageBody: '' },
      { isFinal: false, text: '' },
    ],
    [
      { messageIsCompletedUtterance: 'yes', languageCode: 7 },
      { isFinal: undefined, language: undefined },
    ],
  ])('is read whatever its optional fields are: %j', (data, expected) => {
    const { events, message } = reading();
    message(transcript(data));
    expect(events).toMatchObject([expected]);
  });

  it('has the speaker that the team tells', () => {
    const { events, message } = reading({
      speakerOf: ({ channelTag }) => (channelTag === 'TX' ? 'customer' : 'agent'),
    });
    message(transcript());
    message(transcript({ channelTag: 'RX' }));
    expect(events).toMatchObject([{ speaker: 'customer' }, { speaker: 'agent' }]);
  });

  it('keeps apart those whom the team does not tell', async () => {
    const questions: TranscriptQuestion[] = [];
    const { events, message } = reading({
      speakerOf: ({ channelTag }) => (channelTag === 'RX' ? 'agent' : undefined),
    });
    message(transcript({ transcriptionSrNo: 1, channelTag: 'RX', messageBody: 'How can I help?' }));
    message(transcript({ transcriptionSrNo: 2, channelTag: null, messageBody: 'I want' }));
    message(transcript({ transcriptionSrNo: 3, channelTag: 'RX', messageBody: 'Yes.' }));
    message(transcript({ transcriptionSrNo: 4, channelTag: null, messageBody: 'a refund.' }));
    const buffer = new TranscriptBuffer({ onFlush: (question) => questions.push(question), onError: console.error });
    for (const event of events) if (event.type === 'TRANSCRIPT_FRAGMENT') buffer.add(event);
    await buffer.close();
    expect(questions.map(({ speaker, text }) => [speaker, text])).toEqual([
      ['agent', 'How can I help? Yes.'],
      ['p', 'I want a refund.'],
    ]);
  });

  it.each([
    [{ contactId: '' }, 'Data.contactId: expected an id'],
    [{ messageBody: null }, 'Data.messageBody: expected a string'],
  ])('is invalid without what it cannot do without: %j', (data, issue) => {
    const { events, invalid, message } = reading();
    message(transcript(data));
    expect([events, invalid]).toEqual([[], [issue]]);
  });

  it('goes into a TranscriptBuffer, interim text, disorder and duplicates included', async () => {
    const clock = new FakeClock();
    const questions: TranscriptQuestion[] = [];
    const { events, message } = reading();
    message(transcript({ transcriptionSrNo: 1, messageBody: 'I want', messageIsCompletedUtterance: false }));
    message(transcript({ transcriptionSrNo: 3, messageBody: 'for order nine.' }));
    message(transcript({ transcriptionSrNo: 2, messageBody: 'I want a refund' }));
    message(transcript({ transcriptionSrNo: 3, messageBody: 'for order nine.' }));
    const buffer = new TranscriptBuffer({
      onFlush: (question) => questions.push(question),
      onError: (error) => expect.fail(String(error)),
      clock,
    });
    for (const event of events) if (event.type === 'TRANSCRIPT_FRAGMENT') buffer.add(event);
    await clock.advance(10_000);
    expect(questions.map(({ text, speaker }) => [speaker, text])).toEqual([['TX', 'I want a refund for order nine.']]);
  });
});

describe('a message of Agent Copilot', () => {
  it('becomes a card for each element', () => {
    const { events, message } = reading();
    message(
      copilot(
        element('nextBestResponse', { type: 'x', bestResponse: ['a', 'b', ''] }, 'Text'),
        element(
          'kbCombo',
          JSON.stringify({ kbAnswers: { title: 't', description: 'd', kbAnswerUid: 'kb1' }, utteranceId: 'u1' }),
        ),
        element('kbComboInternal', {
          kbAnswers: { title: 't' },
          kbInternalUse: { title: 'i', description: 'j', kbAnswerUid: 7 },
        }),
        element('rtSummary', { summary: 'so far' }),
        element('currentRequestState', { contactId: '30001', utteranceId: 'u1', currentState: 'searching' }),
        element('workflowResponse', {
          intentTitle: 'Refund',
          intentResponse: 'done',
          status: 'success',
          mediaType: 'x',
        }),
        element('sentimentAndReason', {}),
      ),
    );
    expect(events).toMatchObject([
      { kind: 'responses', responses: [{ text: 'a' }, { text: 'b' }], cardType: 'Text', objectId: 'obj' },
      { kind: 'knowledge', utteranceId: 'u1', answers: [{ id: 'kb1', title: 't', text: 'd', isInternal: false }] },
      {
        kind: 'knowledge',
        answers: [
          { title: 't', text: '', isInternal: true },
          { id: '7', title: 'i', isInternal: true },
        ],
      },
      { kind: 'summary', text: 'so far' },
      { kind: 'state', state: 'searching', utteranceId: 'u1' },
      { kind: 'workflow', title: 'Refund', text: 'done', status: 'success' },
      { kind: 'other', content: {} },
    ]);
    for (const event of events) {
      expect(event).toMatchObject({
        type: 'ASSIST_CARD',
        interactionId: '30001',
        source: 'copilot',
        timestamp: '2026-01-02T03:04:05Z',
      });
      expect(JSON.stringify(event)).not.toContain('confidence');
    }
  });

  it.each([
    [element('customCard', { any: 1 }), { contentType: 'customCard', content: { any: 1 } }],
    [element('kbCombo', { kbAnswers: {} }), { contentType: 'kbCombo' }],
    [element('kbCombo', 'plain text'), { content: 'plain text' }],
    [element('nextBestResponseLLM', { bestResponse: [7] }), { contentType: 'nextBestResponseLLM' }],
    [element('finalSummaryNotes', { summary: 7 }), { contentType: 'finalSummaryNotes' }],
    [{ errorMessage: 'no answer' }, { contentType: '', errorMessage: 'no answer', content: undefined }],
  ])('passes on what it does not know: %j', (given, expected) => {
    const { events, message } = reading();
    message(copilot(given, 'no object', null));
    expect(events).toMatchObject([{ kind: 'other', ...expected }]);
    expect(events).toHaveLength(1);
  });

  it('needs a contact', () => {
    const { invalid, message } = reading();
    message({ ...copilot(), contactId: undefined });
    expect(invalid).toEqual(['contactId: expected an id']);
  });

  it('of the health topic is the state of Copilot', () => {
    const { events, message } = reading();
    message({ topic: '1001_agentcopilot_health', status: 'up' });
    expect(events).toEqual([
      { type: 'COPILOT_HEALTH', agentId: '1001', body: { topic: '1001_agentcopilot_health', status: 'up' } },
    ]);
  });
});

describe("a message of Google's Agent Assist", () => {
  it('becomes a card for each result, with confidences', () => {
    const { events, message } = reading();
    message(
      ccai({
        transcript: 'hi',
        suggestionResults: [
          {
            suggestArticlesResponse: {
              articleAnswers: [{ title: 'T', uri: 'gs://b/p', snippets: ['s', 'u'], confidence: 0.7 }],
            },
          },
          { suggestFaqAnswersResponse: { faqAnswers: [{ question: 'q', answer: 'a', confidence: 0.5 }] } },
          {
            suggestSmartRepliesResponse: {
              latestMessage: 'hi',
              smartReplyAnswers: [{ reply: 'r', confidence: '0.9' }],
            },
          },
          { somethingNew: { x: 1 } },
          'no object',
        ],
      }),
    );
    const base = { type: 'ASSIST_CARD', source: 'ccai', interactionId: '30002', objectId: 'm1', transcript: 'hi' };
    expect(events).toMatchObject([
      { ...base, kind: 'knowledge', answers: [{ title: 'T', text: 's u', url: 'gs://b/p', confidence: 0.7 }] },
      { ...base, kind: 'knowledge', answers: [{ title: 'q', text: 'a', confidence: 0.5 }] },
      { ...base, kind: 'responses', responses: [{ text: 'r', confidence: undefined }] },
      { ...base, kind: 'other', contentType: 'somethingNew', content: { x: 1 } },
    ]);
  });

  it('is invalid when its data is no JSON', () => {
    const { invalid, message } = reading();
    message(ccai('{"transcript'));
    expect(invalid).toEqual(['data: expected a JSON object as text']);
  });
});

describe('real-time guidance', () => {
  const scores = (...enlightenResults: unknown[]): object => ({
    topic: 'Nexidia.RTG.Updates',
    messageType: 'Nexidia.RTG.EnlightenUpdate',
    callId: '30001',
    enlightenResults,
    offsetMs: 12,
  });
  const result = { enlightenModelGuid: 'g1', score: 0.4, isValid: true, tags: ['sentiment'] };

  it('passes on scores as they are where no scale is configured', () => {
    const { events, message } = reading();
    message(scores(result, { score: 9 }));
    expect(events).toEqual([
      {
        type: 'INTERACTION_UPDATE',
        payload: {
          interactionId: '30001',
          transcript: '',
          sentimentScore: undefined,
          context: { enlightenResults: [result, { score: 9 }], offsetMs: 12 },
        },
      },
    ]);
  });

  it.each([
    [{ min: 0, max: 1 }, 0.4, -0.2],
    [{ min: 0, max: 100 }, 75, 0.5],
    [{ min: 100, max: 0 }, 75, -0.5],
    [{ min: 0, max: 1 }, 7, 1],
    [{ min: 0, max: 1 }, -7, -1],
    [{ min: 0, max: 1, modelGuid: 'g1' }, 0.5, 0],
    [{ min: 0, max: 1, modelGuid: 'other' }, 0.5, undefined],
  ])('maps scores of the scale %j: %d', (sentimentScale, score, expected) => {
    const { events, message } = reading({ sentimentScale });
    message(scores({ score: 3, isValid: false, tags: ['sentiment'], enlightenModelGuid: 'g1' }, { ...result, score }));
    const [event] = events;
    if (expected === undefined) expect(event).toMatchObject({ payload: { sentimentScore: undefined } });
    else expect(event).toMatchObject({ payload: { sentimentScore: expect.closeTo(expected) as number } });
  });

  it.each([
    { min: 1, max: 1 },
    { min: NaN, max: 1 },
    { min: 0, max: Infinity },
  ])('refuses the scale %j', (sentimentScale) => {
    expect(() => reading({ sentimentScale })).toThrow('sentimentScale: expected two different numbers');
  });

  it('alerts', () => {
    const { events, invalid, message } = reading();
    const body = {
      topic: 'Nexidia.RTG.Notifications',
      messageType: 'Nexidia.RTG.EventNotification',
      callId: '30001',
      notificationPayload: { primaryAlertName: 'Empathy', primaryAlertDescription: 'Say sorry' },
    };
    message(body);
    expect(events).toEqual([
      { type: 'GUIDANCE_ALERT', interactionId: '30001', name: 'Empathy', description: 'Say sorry', body },
    ]);
    message({ ...body, notificationPayload: [] });
    message({ ...scores(), callId: null });
    expect(invalid).toEqual(['notificationPayload.primaryAlertName: expected a string', 'callId: expected an id']);
  });

  it('summarizes', () => {
    const { events, message } = reading();
    const body = {
      messageType: 'Nexidia.RTG.EnlightenSummary',
      messageError: 'NO_ERROR',
      masterId: 'm',
      languageCode: 'en-US',
      text: 'summary',
    };
    message(body);
    message({ ...body, messageError: 'CALL_TOO_SHORT', text: null });
    expect(events).toMatchObject([
      { type: 'CONTACT_SUMMARY', interactionId: 'm', text: 'summary', error: undefined, language: 'en-US' },
      { text: '', error: 'CALL_TOO_SHORT' },
    ]);
  });
});

describe('any message', () => {
  it.each([
    [
      { messageType: 'Nexidia.RTG.ASRUpdate', callId: 1 },
      { type: 'Nexidia.RTG.ASRUpdate', messageType: 'Nexidia.RTG.ASRUpdate', callId: 1 },
    ],
    [{ MessageType: 'New' }, { type: 'New', MessageType: 'New' }],
    [
      { topic: 't', data: '{"x":1}' },
      { type: 'MESSAGE', topic: 't', data: '{"x":1}' },
    ],
    [7, { type: 'MESSAGE', body: 7 }],
    ['no JSON', { type: 'MESSAGE', body: 'no JSON' }],
    ['{"messageType":"New","x":1}', { type: 'New', messageType: 'New', x: 1 }],
  ])('of an unknown kind is passed on: %j', (body, expected) => {
    const { unknown, message } = reading();
    message(body);
    expect(unknown).toEqual([expected]);
  });

  it('that quotes the token is passed on without it', () => {
    const { unknown, events, session, message } = reading();
    message({ note: 'for token-1', contactId: '1', acpAppElements: [{ contentType: 'x', content: 'token-1' }] });
    message({ note: 'for token-1' });
    session.receive(JSON.stringify({ command: 'RECONNECTED', headers: { sessionToken: 'token-1' }, body: {} }));
    expect(events).toHaveLength(1);
    expect(unknown).toHaveLength(2);
    expect(JSON.stringify([events, unknown])).not.toContain('token-1');
  });

  it('is read where its body is JSON text', () => {
    const { events, message } = reading();
    message(JSON.stringify(transcript()));
    expect(events).toMatchObject([{ type: 'TRANSCRIPT_FRAGMENT', interactionId: '30001', text: 'hello' }]);
  });

  it('is an event, unknown or invalid, and never throws', () => {
    const field = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        '30001',
        'Transcript',
        '1_agentcopilot_health',
        'Nexidia.RTG.EnlightenUpdate',
        'Nexidia.RTG.EventNotification',
        'Nexidia.RTG.EnlightenSummary',
      ),
    );
    const names = [
      'topic',
      'Topic',
      'MessageType',
      'messageType',
      'Data',
      'data',
      'contactId',
      'callId',
      'acpAppElements',
      'enlightenResults',
      'notificationPayload',
      'masterId',
      'text',
    ];
    const body = fc.oneof(
      fc.dictionary(fc.constantFrom(...names), field),
      fc.jsonValue({ maxDepth: 4 }).map((data) => ({ ...transcript(), Data: data })),
      fc
        .dictionary(
          fc.constantFrom('contactId', 'messageBody', 'transcriptionSrNo', 'createdtimestamp', 'channelTag'),
          fc.jsonValue(),
        )
        .map(transcript),
      fc.array(fc.jsonValue({ maxDepth: 4 })).map((elements) => copilot(...elements)),
      fc
        .tuple(fc.constantFrom('kbCombo', 'nextBestResponse', 'rtSummary', 'workflowResponse'), fc.jsonValue())
        .map(([type, value]) => copilot(element(type, value))),
      fc.jsonValue({ maxDepth: 5 }).map((results) => ccai({ suggestionResults: results })),
      fc.oneof(fc.string(), fc.json()).map((data) => ccai(data)),
    );
    fc.assert(
      fc.property(body, (given) => {
        const { events, unknown, invalid, message } = reading({ sentimentScale: { min: 0, max: 1 } });
        message(given);
        const elements = (given as { acpAppElements?: unknown }).acpAppElements;
        const empty = Array.isArray(elements) || 'data' in (given as object);
        expect(events.length + unknown.length + invalid.length > 0 || empty).toBe(true);
        for (const event of events) {
          if (event.type === 'TRANSCRIPT_FRAGMENT' || event.type === 'INTERACTION_UPDATE') {
            expect(interactionIdOf(event)).toMatch(/./su);
          }
          if (event.type === 'INTERACTION_UPDATE' && event.payload.sentimentScore !== undefined) {
            expect(Math.abs(event.payload.sentimentScore)).toBeLessThanOrEqual(1);
          }
          if (event.type === 'ASSIST_CARD' && event.kind === 'knowledge')
            expect(event.answers.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
