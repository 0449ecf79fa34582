import { createHmac } from 'node:crypto';
import { startCxone, type Cxone } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logIn, SocketClient, type Tokens } from './cxone-helpers.js';

let cxone: Cxone;
let tokens: Tokens;
beforeEach(async () => {
  cxone = await startCxone();
  tokens = await logIn(cxone);
});
afterEach(async () => {
  await cxone.close();
});

async function call(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${cxone.origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
}

const search = (query: string): object => ({
  contactId: '30001',
  idToken: tokens.id_token,
  agentAssistQueryConfig: {},
  query,
  agentUUID: cxone.user.userId,
});

describe('Copilot', () => {
  it.each(['/agent-copilot', '/agentcopilotapi'])('acknowledges a search at %s, and sends cards', async (prefix) => {
    const client = await SocketClient.subscribed(cxone, '1001_agentcopilot');
    const answer = await call('POST', `${prefix}/v1/agent-search`, search('how do I refund an order'));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ agentId: '1001', contactId: '30001', tenantId: cxone.tenantId });
    const { body } = await client.next();
    expect(body).toMatchObject({
      topic: '1001_agentcopilot',
      contactId: '30001',
      acpAppElements: [
        {
          contentType: 'kbCombo',
          content: { kbAnswers: { kbAnswerUid: 'kb-refund-policy' }, utteranceId: 'utterance-1' },
        },
        { contentType: 'nextBestResponse', content: { bestResponse: expect.any(Array) as string[] } },
      ],
    });
    expect(cxone.copilot.asked).toBe(1);
  });

  it('answers as a test wants it', async () => {
    const client = await SocketClient.subscribed(cxone, '1001_agentcopilot');
    cxone.copilot.answerWith(({ query }) =>
      query === 'nothing'
        ? []
        : [{ contentType: 'rtSummary', cardType: 'Text', objectId: 'o', content: '{"summary":"s"}' }],
    );
    expect((await call('POST', '/agent-copilot/v1/agent-search', search('nothing'))).status).toBe(200);
    expect((await call('POST', '/agent-copilot/v1/agent-search', search('x'))).status).toBe(200);
    expect(await client.next()).toMatchObject({ body: { acpAppElements: [{ content: '{"summary":"s"}' }] } });
  });

  it('records feedback on knowledge answers', async () => {
    const feedback = { contactId: '30001', utteranceId: 'u1', kbAnswerUid: 'kb1', valueEnum: 1, tagEnum: 'Helpful' };
    const send = async (feedbacks: object[]): Promise<number> =>
      (
        await call('POST', '/agent-copilot/v1/interaction-feedback/kbAnswers', {
          contactId: '30001',
          idToken: tokens.id_token,
          feedbacks,
        })
      ).status;
    expect(await send([feedback])).toBe(200);
    expect(await send([{ ...feedback, valueEnum: 'accepted' }])).toBe(400);
    expect(cxone.copilot.feedback).toEqual([feedback]);
  });

  it('wants the bearer token, and the contact and an id token in the body', async () => {
    const anonymous = await fetch(`${cxone.origin}/agent-copilot/v1/agent-search`, { method: 'POST' });
    expect([anonymous.status, await anonymous.json()]).toEqual([
      401,
      {
        timestamp: expect.any(String) as string,
        status: 401,
        error: 'unauthorized',
        path: '/agent-copilot/v1/agent-search',
      },
    ]);
    const forged = await call('POST', '/agent-copilot/v1/agent-search', { ...search('x'), idToken: 'forged' });
    expect(forged.status).toBe(401);
    const nameless = await call('POST', '/agent-copilot/v1/final-summary', { idToken: tokens.id_token });
    expect([nameless.status, await nameless.json()]).toEqual([
      400,
      {
        message: 'the body is invalid: contactId: expected string',
        statusCode: 400,
        traceId: nameless.headers.get('x-trace-id'),
        exception: { name: 'invalid_body', message: 'the body is invalid: contactId: expected string' },
      },
    ]);
  });

  it('sends the final summary as a card', async () => {
    const client = await SocketClient.subscribed(cxone, '1001_agentcopilot');
    const body = { contactId: '30001', idToken: tokens.id_token, isConversationResolved: true, status: 'closed' };
    expect((await call('POST', '/agent-copilot/v1/final-summary', body)).status).toBe(200);
    expect(await client.next()).toMatchObject({ body: { acpAppElements: [{ contentType: 'finalSummaryNotes' }] } });
  });
});

describe('Expert', () => {
  async function find(query: Readonly<Record<string, string>>, token = cxone.expertKeys.browserKey): Promise<Response> {
    const parameters = new URLSearchParams({ 'dream.out.format': 'json', ...query });
    return fetch(`${cxone.hosts.expert}/@api/deki/site/search?${parameters}`, {
      headers: { 'x-deki-token': token, 'x-requested-with': 'XMLHttpRequest' },
    });
  }

  it('gives several hits as a list, one as an object and none as an empty text, all values as text', async () => {
    const many = (await (await find({ q: 'refund', limit: '2' })).json()) as { result: object[] };
    expect(many).toMatchObject({ '@count': '2', result: [{ title: expect.any(String) as string }, {}] });
    const [first] = many.result;
    expect(Object.keys(first ?? {}).sort()).toEqual(
      ['date.modified', 'id', 'mime', 'page', 'preview', 'rank', 'title', 'type', 'uri', 'uri.track'].sort(),
    );
    expect((first as { rank: unknown }).rank).toEqual(expect.any(String));
    expect(await (await find({ q: 'refund', limit: '1' })).json()).toMatchObject({ '@count': '1', result: first });
    expect(await (await find({ q: 'xyzzy' })).json()).toMatchObject({ '@count': '0', result: '' });
    const next = (await (await find({ q: 'refund', limit: '1', offset: '1' })).json()) as { result: object };
    expect(next.result).toEqual(many.result[1]);
  });

  it('takes the browser key and signed tokens of the server', async () => {
    const { serverKey, serverSecret } = cxone.expertKeys;
    const epoch = String(Math.floor(Date.now() / 1000));
    const sign = (secret: string): string =>
      createHmac('sha256', secret).update(`${serverKey}_${epoch}_=admin_user`).digest('hex');
    const tokenOf = (secret: string): string => `tkn_${serverKey}_${epoch}_=admin_user_${sign(secret)}`;
    expect((await find({ q: 'refund' }, tokenOf(serverSecret))).status).toBe(200);
    expect((await find({ q: 'refund' }, tokenOf('other'))).status).toBe(401);
    expect((await find({ q: 'refund' }, 'wrong')).status).toBe(401);
  });

  it('answers in XML unless it is told otherwise', async () => {
    const answer = await find({ q: 'refund', 'dream.out.format': 'xml' });
    expect(answer.headers.get('content-type')).toContain('application/xml');
  });
});

describe('errors and customers', () => {
  it.each<[string, number, unknown]>([
    ['/auth/token', 503, { error: 'injected_fault', errorDescription: 'injected 503' }],
    [
      '/dfo/3.0/customers',
      429,
      {
        errors: [{ field: '', message: 'injected 429', parameters: {}, errorCode: 'injected_fault' }],
        uid: expect.any(String) as string,
      },
    ],
    [
      '/user-management/v1/users/1',
      401,
      {
        timestamp: expect.any(String) as string,
        status: 401,
        error: 'injected_fault',
        path: '/user-management/v1/users/1',
      },
    ],
    [
      '/agent-copilot/v1/agent-search',
      500,
      {
        message: 'injected 500',
        statusCode: 500,
        traceId: expect.any(String) as string,
        exception: { name: 'injected_fault', message: 'injected 500' },
      },
    ],
  ])('writes the errors of %s as that host does', async (path, status, body) => {
    cxone.inject({ fault: { kind: 'status', status, retryAfter: 1 } });
    const answer = await call('POST', path, {});
    expect([answer.status, await answer.json(), answer.headers.get('retry-after')]).toEqual([status, body, '1']);
    expect(answer.headers.get('x-trace-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says what failed at the ACD in a header only, and revokes tokens on demand', async () => {
    cxone.inject({ fault: { kind: 'revoked-token' } });
    const answer = await call('GET', '/InContactAPI/services/v27.0/business-unit');
    expect([answer.status, await answer.text()]).toEqual([401, '']);
    expect(answer.headers.get('icStatusDescription')).toBe('the token is unknown, has expired or was revoked');
  });

  it('finds customers of the digital channels', async () => {
    const found = await call('GET', `/dfo/3.0/customers?query=${encodeURIComponent('fullName LIKE elena')}`);
    expect(await found.json()).toMatchObject({ hits: 1, data: [{ fullName: 'Elena Rostova' }] });
    expect((await call('GET', '/dfo/3.0/customers/CUST-992847')).status).toBe(200);
    expect((await call('GET', '/dfo/3.0/customers/other')).status).toBe(404);
  });

  it('refuses unknown options', async () => {
    await expect(startCxone({ prot: 1 } as object)).rejects.toThrow("did you mean 'port'?");
    await expect(startCxone({ tokenLifetimeSeconds: 0 })).rejects.toThrow('tokenLifetimeSeconds');
  });
});
