import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  HttpClient,
  InsightsClient,
  PermissionDeniedError,
  RequestValidationError,
  type InsightCard,
} from 'agent-assist-sdk';
import { feedbackFrom } from 'agent-assist-sdk/insights';
import { AuthClient } from 'agent-assist-sdk/auth';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { TranscriptBuffer, type TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import { FakeClock } from '../helpers/fake-clock.js';

const PUSH = 'POST /api/v2/agentassist/insights';
const FEEDBACK = 'POST /api/v2/ai/training/feedback';

let tenant: Tenant;
let insights: InsightsClient;

const clientFor = (scopes: string[], clock?: FakeClock) => {
  const auth = new AuthClient({ platform: tenant.cxonePlatform, ...tenant.credentials, scopes });
  return new InsightsClient(new HttpClient({ platform: tenant.cxonePlatform, auth, clock, maxRetries: 3 }));
};

beforeAll(async () => {
  tenant = await startTenant();
  insights = clientFor(['agentassist:write', 'ai:training:write']);
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.requests.clear();
  tenant.clearFaults();
});

const card: InsightCard = {
  id: 'kb-1',
  title: 'Refunds',
  priority: 1,
  score: 7.25,
  citation: 'https://help.example.com/1',
  snippet: 'Within 14 days.',
  interactionId: 'i-1',
};

describe('push', () => {
  it('sends cards exactly as the protocol says', async () => {
    await insights.push([card, { ...card, id: 'kb-2', priority: 2, note: 'not on the wire' } as InsightCard]);
    expect(tenant.requests.last?.bodyText).toBe(
      JSON.stringify({
        insights: [card, { ...card, id: 'kb-2', priority: 2 }],
        displayType: 'CARD',
        autoDismiss: true,
      }),
    );
    expect(tenant.insights.inbox.at(-1)?.insights).toEqual([card, { ...card, id: 'kb-2', priority: 2 }]);
  });

  it('shows them as it is told', async () => {
    await insights.push([card], { displayType: 'BANNER', autoDismiss: false });
    expect(tenant.requests.last?.json).toMatchObject({ displayType: 'BANNER', autoDismiss: false });
  });

  it('sends nothing without cards', async () => {
    const { attempts, data, status } = await insights.push([]).withResponse();
    expect({ attempts, data, status }).toEqual({ attempts: 0, data: undefined, status: 204 });
    expect(tenant.requests.total).toBe(0);
  });

  it('refuses cards that break their rules, naming every one', async () => {
    const broken = { ...card, id: '', priority: 0, score: NaN, interactionId: '' };
    const error = await insights.push([card, broken]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual([
      '[1].id',
      '[1].priority',
      '[1].score',
      '[1].interactionId',
    ]);
    await expect(insights.push([], { displayType: '' })).rejects.toBeInstanceOf(RequestValidationError);
    expect(tenant.requests.total).toBe(0);
  });

  it.each([
    ['a connection that breaks after the work', { kind: 'drop', at: 'before-headers' }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a 503 without Retry-After', { kind: 'status', status: 503 }],
  ] as const)('is not repeated after %s: the cards may be there already', async (_, fault) => {
    tenant.inject({ route: PUSH, fault });
    await expect(insights.push([card])).rejects.toThrow();
    expect(tenant.requests.count(PUSH)).toBe(1);
  });

  it.each([
    ['a 429', { kind: 'status', status: 429, retryAfter: 0 }],
    ['a 503 with Retry-After', { kind: 'status', status: 503, retryAfter: 0 }],
  ] as const)('is repeated after %s, which says that nothing was done', async (_, fault) => {
    tenant.inject({ route: PUSH, fault });
    const before = tenant.insights.pushes;
    await insights.push([card]);
    expect(tenant.insights.pushes).toBe(before + 1);
    expect(tenant.requests.count(PUSH)).toBe(2);
  });

  it('is repeated after any failure with an idempotency key, the same in each attempt', async () => {
    const clock = new FakeClock();
    tenant.inject({ route: PUSH, fault: { kind: 'drop', at: 'before-work' } });
    await clock.runUntilSettled(
      Promise.resolve(clientFor(['agentassist:write'], clock).push([card], { idempotencyKey: 'push-1' })),
    );
    expect(tenant.requests.to(PUSH).map(({ headers }) => headers['x-idempotency-key'])).toEqual(['push-1', 'push-1']);
  });

  it('shows the cards once with the id of a question as key, though the first answer was lost', async () => {
    const questions: TranscriptQuestion[] = [];
    const buffer = new TranscriptBuffer({ onFlush: (question) => questions.push(question), onError: () => undefined });
    buffer.add({ interactionId: 'i-1', text: 'where is my refund' });
    await buffer.close();
    const clock = new FakeClock();
    const before = tenant.insights.pushes;
    tenant.inject({ route: PUSH, fault: { kind: 'drop', at: 'before-headers' } });
    const key = questions[0]?.id;
    await clock.runUntilSettled(
      Promise.resolve(clientFor(['agentassist:write'], clock).push([card], { idempotencyKey: key })),
    );
    expect(tenant.insights.pushes).toBe(before + 1);
    expect(tenant.insights.inbox.at(-1)?.idempotencyKey).toBe(key);
  });

  it('says that an interaction is not this client’s, and which scope a push needs', async () => {
    tenant.insights.disown('i-foreign');
    await expect(insights.push([{ ...card, interactionId: 'i-foreign' }])).rejects.toMatchObject({
      name: PermissionDeniedError.name,
      serverMessage: 'the interaction belongs to another client',
      scopes: ['agentassist:write'],
    });
    await expect(clientFor(['knowledge:read']).push([card])).rejects.toBeInstanceOf(PermissionDeniedError);
  });
});

describe('feedback', () => {
  it('is dated now, in UTC, unless it is told', async () => {
    const clock = new FakeClock(Date.parse('2026-03-04T05:06:07.008Z'));
    await clock.runUntilSettled(
      Promise.resolve(
        clientFor(['ai:training:write'], clock).feedback({
          interactionId: 'i-1',
          insightId: 'kb-1',
          action: 'accepted',
        }),
      ),
    );
    expect(tenant.requests.last?.json).toEqual({
      interactionId: 'i-1',
      insightId: 'kb-1',
      action: 'accepted',
      timestamp: '2026-03-04T05:06:07.008Z',
    });
  });

  it.each([
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
    [new Date('2026-01-02T03:04:05Z'), '2026-01-02T03:04:05.000Z'],
  ])('takes %s as its time', async (timestamp, sent) => {
    await insights.feedback({ interactionId: 'i-1', insightId: 'kb-1', action: 'opened', timestamp });
    expect(tenant.insights.feedback.at(-1)).toEqual({
      interactionId: 'i-1',
      insightId: 'kb-1',
      action: 'opened',
      timestamp: sent,
    });
  });

  it.each([200, 201, 204])('is content with %i', async (status) => {
    tenant.inject({ route: FEEDBACK, fault: { kind: 'status', status, body: status === 204 ? '' : 'recorded' } });
    await expect(
      insights.feedback({ interactionId: 'i-1', insightId: 'kb-1', action: 'accepted' }),
    ).resolves.toBeUndefined();
  });

  it('refuses a record that breaks its rules, naming every one', async () => {
    const error = await insights
      .feedback({ interactionId: '', insightId: '', action: '', timestamp: 'yesterday' })
      .catch((caught: unknown) => caught);
    expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual([
      'interactionId',
      'insightId',
      'action',
      'timestamp',
    ]);
    expect(tenant.requests.total).toBe(0);
  });

  it.each([
    'yesterday',
    '5',
    '3/4/2026',
    '2026-03-01',
    '2026-03-01T10:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T24:00:01Z',
    new Date(Number.NaN),
  ])('refuses %s as a time: it names no moment, or none that there is', async (timestamp) => {
    const error = await insights
      .feedback({ interactionId: 'i-1', insightId: 'kb-1', action: 'accepted', timestamp })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'RequestValidationError',
      issues: [{ path: 'timestamp', message: 'must be a Date, or ISO 8601 with Z or an offset' }],
    });
    expect(tenant.requests.total).toBe(0);
  });

  it('is not repeated blindly', async () => {
    tenant.inject({ route: FEEDBACK, fault: { kind: 'status', status: 502 } });
    await expect(
      insights.feedback({ interactionId: 'i-1', insightId: 'kb-1', action: 'accepted' }),
    ).rejects.toMatchObject({ status: 502 });
    expect(tenant.requests.count(FEEDBACK)).toBe(1);
  });
});

describe('feedback from a decision on the stream', () => {
  const event = { interactionId: 'i-1', insightId: 'kb-1' };

  it('takes the event’s own action', () => {
    expect(feedbackFrom({ type: 'INSIGHT_ACCEPTED', ...event, action: 'accepted_with_edit' })).toEqual({
      ...event,
      action: 'accepted_with_edit',
    });
  });

  it('else the event’s type', () => {
    expect(feedbackFrom({ type: 'INSIGHT_ACCEPTED', ...event })).toEqual({ ...event, action: 'accepted' });
    expect(feedbackFrom({ type: 'INSIGHT_REJECTED', ...event })).toEqual({ ...event, action: 'rejected' });
    expect(feedbackFrom({ type: 'INSIGHT_REJECTED', ...event, action: '' })).toEqual({ ...event, action: 'rejected' });
  });
});
