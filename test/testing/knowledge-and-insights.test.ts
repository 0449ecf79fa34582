import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { accessToken } from './helpers.js';
import { defaultArticles } from '../../src/testing/fixtures/articles.js';

let tenant: Tenant;
let token: string;

beforeAll(async () => {
  tenant = await startTenant({ maxRecordedRequests: 3 });
  token = await accessToken(tenant);
});
afterAll(() => tenant.close());

const get = (query: string, bearer = token) =>
  fetch(`${tenant.origin}/api/v2/knowledge/articles/search${query}`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
const post = (path: string, body: unknown, bearer = token, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${tenant.origin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const titles = async (query: string): Promise<string[]> => {
  const { entities } = (await (await get(query)).json()) as { entities: { title: string }[] };
  return entities.map(({ title }) => title);
};

describe('the knowledge base', () => {
  it.each([
    ['I was charged twice for one order', 'A card was charged twice'],
    ['can you find me flights to Seattle', 'Find and book a flight'],
    ['what is the balance of my savings account', 'Check the balance of an account'],
    ['my internet is down, is there an outage?', 'Outage: check, inform, credit'],
    ['I want to speak to your supervisor', 'When to bring in a supervisor'],
  ])('finds for %j: %s', async (q, title) => {
    expect((await titles(`?q=${encodeURIComponent(q)}`)).slice(0, 3)).toContain(title);
  });

  it('pages through what it found, without a gap or a repetition', async () => {
    const whole = await titles('?q=refund%20card%20payment&pageSize=100');
    const pages = await Promise.all(
      [1, 2, 3].map((page) => titles(`?q=refund%20card%20payment&pageSize=4&page=${page}`)),
    );
    expect(pages.flat()).toEqual(whole.slice(0, 12));
    expect(await titles('?q=refund&page=100')).toEqual([]);
  });

  it('answers in the language that is asked for', async () => {
    expect(await titles('?q=refund&language=de-DE')).toEqual([]);
  });

  it.each([
    '',
    '?q=',
    '?q=%20',
    '?q=x&page=0',
    '?q=x&page=1.5',
    '?q=x&pageSize=0',
    '?q=x&pageSize=101',
    '?q=x&pageSize=many',
  ])('refuses %j', async (query) => {
    expect((await get(query)).status).toBe(400);
  });

  it('wants its scope', async () => {
    expect((await get('?q=refund', await accessToken(tenant, 'agentassist:read'))).status).toBe(403);
    expect((await get('?q=refund', 'nobody')).status).toBe(401);
  });

  it('has articles with an address and an id of their own each', () => {
    expect(new Set(defaultArticles.map(({ id }) => id)).size).toBe(defaultArticles.length);
    expect(new Set(defaultArticles.map(({ url }) => url)).size).toBe(defaultArticles.length);
    expect(defaultArticles.length).toBeGreaterThan(40);
  });
});

describe('the desktop and the training', () => {
  const PUSH = '/api/v2/agentassist/insights';
  const FEEDBACK = '/api/v2/ai/training/feedback';
  const card = { id: 'kb-1', title: 'T', priority: 1, score: 1.5, citation: '', snippet: '', interactionId: 'i-1' };
  const record = { interactionId: 'i-1', insightId: 'kb-1', action: 'accepted', timestamp: '2026-01-01T00:00:00.000Z' };

  it.each([
    {},
    { insights: [], displayType: 'CARD', autoDismiss: true },
    { insights: [card] },
    { insights: [card], displayType: 'CARD', autoDismiss: 'yes' },
    { insights: [{ ...card, priority: 0 }], displayType: 'CARD', autoDismiss: true },
    { insights: [{ ...card, note: 'unknown' }], displayType: 'CARD', autoDismiss: true },
    { insights: [{ ...card, interactionId: '' }], displayType: 'CARD', autoDismiss: true },
  ])('refuses to show %j', async (body) => {
    expect((await post(PUSH, body)).status).toBe(422);
    expect(tenant.insights.pushes).toBe(0);
  });

  it.each([
    {},
    { ...record, timestamp: 'today' },
    { ...record, timestamp: '2026-01-01T00:00:00+02:00' },
    { ...record, action: '' },
    { ...record, note: 1 },
  ])('refuses to record %j', async (body) => {
    expect((await post(FEEDBACK, body)).status).toBe(422);
    expect(tenant.insights.feedbackCount).toBe(0);
  });

  it('keeps the latest, counts all and tells who listens', async () => {
    const seen: string[] = [];
    const stop = tenant.insights.onPush(({ insights }) => seen.push(insights.map(({ id }) => id).join(' ')));
    for (const id of ['1', '2', '3', '4']) {
      expect(
        (await post(PUSH, { insights: [{ ...card, id }, card], displayType: 'CARD', autoDismiss: true })).status,
      ).toBe(202);
      expect((await post(FEEDBACK, { ...record, insightId: id })).status).toBe(204);
    }
    stop();
    await post(PUSH, { insights: [card], displayType: 'CARD', autoDismiss: false });
    expect(seen).toEqual(['1 kb-1', '2 kb-1', '3 kb-1', '4 kb-1']);
    expect(tenant.insights.inbox.map(({ insights }) => insights[0]?.id)).toEqual(['3', '4', 'kb-1']);
    expect(tenant.insights.feedback.map(({ insightId }) => insightId)).toEqual(['2', '3', '4']);
    expect([tenant.insights.pushes, tenant.insights.cards, tenant.insights.feedbackCount]).toEqual([5, 9, 4]);
  });

  it('shows a push once that is repeated with its idempotency key', async () => {
    const shown = { pushes: tenant.insights.pushes, cards: tenant.insights.cards };
    const push = async (key: string, id: string) => {
      const body = { insights: [{ ...card, id }], displayType: 'CARD', autoDismiss: true };
      return (await post(PUSH, body, token, { 'x-idempotency-key': key })).status;
    };
    expect([await push('a', '1'), await push('a', '1'), await push('b', '1'), await push('a', '2')]).toEqual([
      202, 202, 202, 409,
    ]);
    expect(tenant.insights.pushes).toBe(shown.pushes + 2);
    expect(tenant.insights.cards).toBe(shown.cards + 2);
    expect(tenant.insights.repeatedPushes).toBe(2);
    expect(tenant.insights.inbox.at(-1)?.idempotencyKey).toBe('b');
  });

  it('want their scopes, and the interaction to be the client’s', async () => {
    const stranger = await accessToken(tenant, 'knowledge:read');
    expect((await post(PUSH, { insights: [card], displayType: 'CARD', autoDismiss: true }, stranger)).status).toBe(403);
    expect((await post(FEEDBACK, record, stranger)).status).toBe(403);
    tenant.insights.disown('i-1');
    expect((await post(PUSH, { insights: [card], displayType: 'CARD', autoDismiss: true })).status).toBe(403);
  });

  it('tell the stream what the agent decides', async () => {
    const socket = new WebSocket(`${tenant.cxoneStreamUrl}?access_token=${token}`);
    const events: unknown[] = [];
    socket.onmessage = ({ data }) => events.push(JSON.parse(String(data)));
    await tenant.stream.waitForConnections(1);
    tenant.insights.accept('i-1', 'kb-1');
    tenant.insights.reject('i-1', 'kb-2');
    await expect.poll(() => events.length).toBe(2);
    expect(events).toEqual([
      { type: 'INSIGHT_ACCEPTED', interactionId: 'i-1', insightId: 'kb-1', action: 'accepted' },
      { type: 'INSIGHT_REJECTED', interactionId: 'i-1', insightId: 'kb-2', action: 'rejected' },
    ]);
    socket.close();
  });
});
