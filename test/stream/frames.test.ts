import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AssistStream } from 'agent-assist-sdk';
import type { InvalidFrame } from 'agent-assist-sdk/stream';
import { anyCharacter } from '../helpers/any-character.js';
import { CountingAuth, namesOf, openFakeWs, record, wellFormedEvents } from './helpers.js';
import { Peer } from './peer.js';

// The rules of protocol 5, written once more and with another library's face, as a second opinion.
const id = { interactionId: z.string() };
const secondOpinion: Record<string, z.ZodType> = {
  INTERACTION_UPDATE: z.object({
    payload: z.object({
      ...id,
      transcript: z.string(),
    }),
  }),
  TRANSCRIPT_FRAGMENT: z.object({ ...id, text: z.string() }),
  DIALOG_STATE: z.object({ ...id, state: z.string() }),
  INSIGHT_ACCEPTED: z.object({ ...id, insightId: z.string() }),
  INSIGHT_REJECTED: z.object({ ...id, insightId: z.string() }),
  HEARTBEAT: z.object({}),
};

/** Fields that an event may lack; one of another kind is left out. */
const insightFields = { action: z.string() };
const optionalFields: Record<string, Record<string, z.ZodType>> = {
  INTERACTION_UPDATE: { sentimentScore: z.number(), agentId: z.string(), context: z.record(z.string(), z.unknown()) },
  TRANSCRIPT_FRAGMENT: {
    speaker: z.string(),
    timestamp: z.string(),
    sequence: z.int(),
    isFinal: z.boolean(),
    language: z.string(),
  },
  INSIGHT_ACCEPTED: insightFields,
  INSIGHT_REJECTED: insightFields,
};

const anyValue = fc.oneof({ weight: 3, arbitrary: fc.string() }, fc.double(), fc.jsonValue({ maxDepth: 2 }));
const fieldNames = [
  'interactionId',
  'transcript',
  'sentimentScore',
  'agentId',
  'context',
  'text',
  'state',
  'insightId',
  'action',
  'speaker',
  'sequence',
  'isFinal',
  'sentimentScore',
  'constructor',
  'toString',
  'x',
];
const someFields = fc.dictionary(fc.constantFrom(...fieldNames), anyValue, { noNullPrototype: true });
const anyFrame = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...Object.keys(secondOpinion)),
      fc.constantFrom('NEW', '__proto__', 'constructor', 'error', 'open', 'terminated', ''),
    ),
    someFields,
    fc.oneof(someFields, anyValue),
    fc.record({
      interactionId: fc.string(),
      transcript: fc.string(),
      sentimentScore: fc.double({ noNaN: true, noDefaultInfinity: true }),
      text: fc.string(),
      state: fc.string(),
      insightId: fc.string(),
    }),
    fc.boolean(),
  )
  .map(([type, fields, payload, valid, isValid]) =>
    isValid
      ? { ...valid, payload: valid, ...(Object.keys(fields).length > 3 ? fields : {}), type }
      : { ...fields, payload, type },
  );

/** What a frame means: an optional field of another kind, or with a `null`, says nothing. */
function meaningOf(frame: { type: string; [field: string]: unknown }): { event: unknown; omitted: string[] } {
  const isUpdate = frame.type === 'INTERACTION_UPDATE';
  const fields = { ...((isUpdate ? frame['payload'] : frame) as Record<string, unknown>) };
  const omitted: string[] = [];
  for (const [name, rule] of Object.entries(optionalFields[frame.type] ?? {})) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined || rule.safeParse(value).success) continue;
    if (value !== null) omitted.push(isUpdate ? `payload.${name}` : name);
    fields[name] = undefined;
  }
  return { event: isUpdate ? { ...frame, payload: fields } : fields, omitted };
}

test('a frame is an event, unknown or invalid, as its shape says, and comes through unchanged', async () => {
  const { net, seen, stream } = await openFakeWs();
  fc.assert(
    fc.property(anyFrame, (frame) => {
      seen.length = 0;
      const text = JSON.stringify(frame);
      net.last.frame(text);
      // A field named `__proto__` is left out wherever it is.
      const withoutProto = (key: string, value: unknown): unknown => (key === '__proto__' ? undefined : value);
      const onWire = JSON.parse(text, withoutProto) as { type: string; [field: string]: unknown };
      const rule = Object.hasOwn(secondOpinion, onWire.type) ? secondOpinion[onWire.type] : undefined;
      const { event: meaning, omitted } = meaningOf(onWire);
      const [name, event] = seen[0] ?? [];
      if (rule === undefined) expect(seen).toEqual([['unknown', onWire]]);
      else if (!rule.safeParse(onWire).success) {
        expect(namesOf(seen)).toEqual(['invalid']);
        expect((event as InvalidFrame).issues.length).toBeGreaterThan(0);
        expect(event).not.toHaveProperty('event');
      } else {
        expect([name, event]).toEqual([onWire.type, meaning]);
        const [reported] = seen.slice(1).map(([, report]) => report as InvalidFrame);
        expect(reported?.issues.map(({ path }) => path).sort() ?? []).toEqual(omitted.sort());
        if (omitted.length > 0) expect(reported?.event).toBe(event);
        expect(seen).toHaveLength(omitted.length > 0 ? 2 : 1);
      }
    }),
    { numRuns: 2000 },
  );
  await stream.close();
});

test('a byte order mark before an event says nothing', async () => {
  const { net, seen, stream } = await openFakeWs();
  net.last.frame('\ufeff{"type":"DIALOG_STATE","interactionId":"i","state":"TURN_END"}');
  net.last.frame('\ufeff\ufeff{}');
  expect(seen.slice(1)).toEqual([
    ['DIALOG_STATE', { type: 'DIALOG_STATE', interactionId: 'i', state: 'TURN_END' }],
    ['invalid', { issues: [{ path: '', message: 'not valid JSON' }] }],
  ]);
  await stream.close();
});

test('a null in place of a field that may be absent is taken for its absence', async () => {
  const { net, seen, stream } = await openFakeWs();
  net.last.frame(
    '{"type":"INTERACTION_UPDATE","payload":{"interactionId":"i","transcript":"t","sentimentScore":null,"agentId":null,"context":null,"queue":null}}',
  );
  net.last.frame('{"type":"INSIGHT_ACCEPTED","interactionId":"i","insightId":"n","action":null}');
  expect(seen.slice(1)).toEqual([
    [
      'INTERACTION_UPDATE',
      { type: 'INTERACTION_UPDATE', payload: { interactionId: 'i', transcript: 't', queue: null } },
    ],
    ['INSIGHT_ACCEPTED', { type: 'INSIGHT_ACCEPTED', interactionId: 'i', insightId: 'n' }],
  ]);
  await stream.close();
});

test('a fragment says who spoke, when, its number, whether it is final, and its language', async () => {
  const { net, seen, stream } = await openFakeWs();
  const told = {
    ...{ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text: 't', speaker: 'customer', language: 'en-US' },
    ...{ timestamp: '2026-01-01T00:00:00Z', sequence: 7, isFinal: false },
  };
  net.last.frame(told);
  net.last.frame({ ...told, speaker: 1, sequence: 1.5, isFinal: 'yes', language: null, timestamp: 5 });
  const bare = { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text: 't' };
  const issues = [
    { path: 'speaker', message: 'expected string' },
    { path: 'timestamp', message: 'expected string' },
    { path: 'sequence', message: 'expected int' },
    { path: 'isFinal', message: 'expected boolean' },
  ];
  expect(seen.slice(1)).toEqual([
    ['TRANSCRIPT_FRAGMENT', told],
    ['TRANSCRIPT_FRAGMENT', bare],
    ['invalid', { issues, event: bare }],
  ]);
  await stream.close();
});

test('a sentiment that is absent, null or no number discards no transcript', async () => {
  const { net, seen, stream } = await openFakeWs();
  for (const sentiment of ['', ',"sentimentScore":null', ',"sentimentScore":"low"'])
    net.last.frame(`{"type":"INTERACTION_UPDATE","payload":{"interactionId":"i","transcript":"t"${sentiment}}}`);
  const event = { type: 'INTERACTION_UPDATE', payload: { interactionId: 'i', transcript: 't' } };
  expect(seen.slice(1)).toEqual([
    ...[1, 2, 3].map(() => ['INTERACTION_UPDATE', event]),
    ['invalid', { issues: [{ path: 'payload.sentimentScore', message: 'expected number' }], event }],
  ]);
  await stream.close();
});

test('a field named __proto__ is no prototype, whatever becomes of it', async () => {
  const { net, seen, stream } = await openFakeWs();
  for (const rest of [
    '"type":"INSIGHT_ACCEPTED","interactionId":"i","insightId":"n"',
    '"type":"INSIGHT_ACCEPTED","interactionId":"i","insightId":"n","action":null',
    '"type":"NEW"',
  ]) {
    net.last.frame(`{"__proto__":{"admin":true},${rest}}`);
  }
  expect(namesOf(seen)).toEqual(['open', 'INSIGHT_ACCEPTED', 'INSIGHT_ACCEPTED', 'unknown']);
  for (const [, event] of seen) {
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(event).not.toHaveProperty('admin');
  }
  await stream.close();
});

test('whatever text comes, the stream goes on', async () => {
  const { net, seen, stream } = await openFakeWs();
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: anyCharacter }), fc.json()), (text) => {
      seen.length = 0;
      net.last.frame(text);
      expect(['invalid', 'unknown']).toContain(seen[0]?.[0]);
    }),
  );
  net.last.frame('['.repeat(500_000));
  net.last.frame(
    '{"type":"INTERACTION_UPDATE","payload":{"interactionId":"i","transcript":"t","sentimentScore":1e999}}',
  );
  net.last.frame(wellFormedEvents[0]);
  expect(namesOf(seen).slice(-4)).toEqual(['invalid', 'INTERACTION_UPDATE', 'invalid', 'INTERACTION_UPDATE']);
  await stream.close();
});

test('an invalid frame is not repeated in its report', async () => {
  const { net, seen, stream } = await openFakeWs();
  for (const frame of [
    'canary',
    '"canary"',
    '{"canary":1}',
    '{"type":["canary"]}',
    '{"type":"INTERACTION_UPDATE","payload":{"interactionId":["canary"],"transcript":{"canary":1},"sentimentScore":"canary"}}',
  ]) {
    net.last.frame(frame);
  }
  expect(namesOf(seen).slice(1)).toEqual(Array.from({ length: 5 }, () => 'invalid'));
  expect(JSON.stringify(seen)).not.toContain('canary');
  await stream.close();
});

test.each([
  [{ type: 'INTERACTION_UPDATE', interactionId: 'i' }, ['payload']],
  [{ type: 'INTERACTION_UPDATE', payload: {} }, ['payload.interactionId', 'payload.transcript']],
  [{ type: 'TRANSCRIPT_FRAGMENT' }, ['interactionId', 'text']],
  [{ type: 'DIALOG_STATE' }, ['interactionId', 'state']],
  [{ type: 'INSIGHT_ACCEPTED', action: 1 }, ['interactionId', 'insightId', 'action']],
  [{ type: 'INSIGHT_REJECTED', action: 1 }, ['interactionId', 'insightId', 'action']],
  [{ type: 7, interactionId: 'i' }, ['type']],
  [{ interactionId: 'i' }, ['type']],
  [[{ type: 'HEARTBEAT' }], ['']],
  [null, ['']],
])('an invalid frame is reported with every path, and no other: %j', async (frame, paths) => {
  const { net, seen, stream } = await openFakeWs();
  net.last.frame(JSON.stringify(frame));
  expect(namesOf(seen)).toEqual(['open', 'invalid']);
  const issues = seen.flatMap(([name, event]) => (name === 'invalid' ? event.issues : []));
  expect(issues.map(({ path }) => path)).toEqual(paths);
  await stream.close();
});

describe('the limit of 1 MiB, over ws', () => {
  const frame = (bytes: number): string => {
    const empty = JSON.stringify({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text: '' }).length;
    return JSON.stringify({ type: 'TRANSCRIPT_FRAGMENT', interactionId: 'i', text: 'x'.repeat(bytes - empty) });
  };

  test('lets a frame of exactly that size pass; a larger one is reported and costs the connection, not the stream', async () => {
    await using peer = await Peer.start();
    await using stream = new AssistStream({
      streamUrl: peer.url,
      streamToken: 'header',
      auth: new CountingAuth(),
      minReconnectDelayMs: 1,
      maxReconnectDelayMs: 2,
    });
    const seen = record(stream);
    await stream.connect();
    const first = await peer.next();
    first.socket.send(frame(1024 * 1024));
    first.socket.send(frame(1024 * 1024 + 1));
    const second = await peer.next();
    second.socket.send(frame(100));
    await expect
      .poll(() => namesOf(seen))
      .toEqual(['open', 'TRANSCRIPT_FRAGMENT', 'invalid', 'close', 'reconnecting', 'open', 'TRANSCRIPT_FRAGMENT']);
    expect(seen[2]).toEqual(['invalid', { issues: [{ path: '', message: 'must be at most 1048576 bytes' }] }]);
  });
});
