import { once } from 'node:events';
import { AuthClient, HttpClient, KnowledgeClient, SuggestionsClient } from 'agent-assist-sdk';
import { startCognigy, startCompany, startCxone, startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { accessToken, postSuggest, question } from './helpers.js';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await startTenant();
});
afterEach(async () => {
  await tenant.close();
});

describe('a tenant as a strict server', () => {
  it('answers a right question and gives every answer a request id of its own', async () => {
    const token = await accessToken(tenant);
    const first = await postSuggest(tenant, token, { ...question, transcript: 'I want a refund!' });
    const second = await postSuggest(tenant, token, question);
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({
      suggestions: [{ confidence: 0.93, source: 'playbook/refunds' }, {}, {}],
    });
    expect(first.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(tenant.suggestions.asked).toBe(2);
  });

  it('refuses what is malformed, each with its own status', async () => {
    const token = await accessToken(tenant);
    const send = (body: string, contentType: string) =>
      fetch(`${tenant.baseUrl}/agentassist/suggest`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
        body,
      });
    expect((await send('{"interactionId":', 'application/json')).status).toBe(400);
    expect((await send(JSON.stringify(question), 'text/plain')).status).toBe(415);
    expect((await send(JSON.stringify(question), 'application/json; charset=latin1')).status).toBe(415);
    const shapeless = await send('{"interactionId":"","sentimentScore":"low","agent":1}', 'application/json');
    expect(shapeless.status).toBe(422);
    const { issues, message } = (await shapeless.json()) as { issues: { path: string }[]; message: string };
    expect(issues.map(({ path }) => path).sort()).toEqual(['', 'interactionId', 'sentimentScore', 'transcript']);
    expect(message).toContain('sentimentScore: expected number');
    expect(tenant.suggestions.asked).toBe(0);
  });

  it('knows its routes and their methods', async () => {
    const unknown = await fetch(`${tenant.origin}/agentassist/suggest`, { method: 'POST' });
    expect(unknown.status).toBe(404);
    expect(unknown.headers.has('x-request-id')).toBe(true);
    const wrongMethod = await fetch(`${tenant.baseUrl}/agentassist/suggest`);
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('POST');
  });

  it('says which route a call of the other platform means', async () => {
    const clientOf = (platform: Tenant['platform']) =>
      new HttpClient({ platform, auth: new AuthClient({ platform, ...tenant.credentials }) });
    const search = new KnowledgeClient(clientOf(tenant.platform)).search({ q: 'refund' });
    await expect(search).rejects.toMatchObject({
      serverMessage: 'there is no such route: GET /api/v2/knowledge/articles/search belongs to the other platform',
    });
    const suggestion = new SuggestionsClient(clientOf(tenant.cxonePlatform)).suggest(question);
    await expect(suggestion).rejects.toMatchObject({
      serverMessage: 'there is no such route: POST /api/v1/agentassist/suggest belongs to the other platform',
    });
  });

  it('asks for a token and for the scope of the call', async () => {
    const missing = await postSuggest(tenant, undefined, question);
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    const wrong = await postSuggest(tenant, 'not-a-token', question);
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    const scopeless = await postSuggest(tenant, await accessToken(tenant, 'audit:read'), question);
    expect(scopeless.status).toBe(403);
    expect(await scopeless.json()).toMatchObject({
      error: 'insufficient_scope',
      message: expect.stringContaining('agentassist:read') as string,
    });
  });

  it('refuses a token that was revoked', async () => {
    const token = await accessToken(tenant);
    tenant.revokeTokens();
    expect((await postSuggest(tenant, token, question)).status).toBe(401);
    expect(tenant.issuedTokens).toMatchObject([{ revoked: true, clientId: 'tenant-client' }]);
  });

  it('takes API keys in the header that it was told, with their scopes', async () => {
    await using keyed = await startTenant({
      apiKeys: {
        header: 'X-Key',
        keys: [
          { key: 'k1', scopes: ['agentassist:read'] },
          { key: 'k2', scopes: [] },
        ],
      },
    });
    const send = (key: string) =>
      fetch(`${keyed.baseUrl}/agentassist/suggest`, {
        method: 'POST',
        headers: { 'x-key': key, 'content-type': 'application/json' },
        body: JSON.stringify(question),
      });
    expect((await send('k1')).status).toBe(200);
    expect((await send('k2')).status).toBe(403);
    expect((await send('k3')).status).toBe(401);
  });

  it('records every request with its answer', async () => {
    const token = await accessToken(tenant);
    await postSuggest(tenant, token, question);
    await fetch(`${tenant.baseUrl}/nowhere?a=1&a=2`, { method: 'DELETE' });
    expect([...tenant.requests].map(({ method, path, status }) => `${method} ${path} ${status ?? '-'}`)).toEqual([
      'POST /api/v1/oauth/token 200',
      'POST /api/v1/agentassist/suggest 200',
      'DELETE /api/v1/nowhere 404',
    ]);
    expect(tenant.requests.last?.query.getAll('a')).toEqual(['1', '2']);
    const [asked] = tenant.requests.to('POST /agentassist/suggest');
    expect(asked?.json).toEqual(question);
    expect(asked?.bodyText).toBe(JSON.stringify(question));
    expect(asked?.headers.authorization).toBe(`Bearer ${token}`);
    expect(tenant.requests.count(/^DELETE /)).toBe(1);
    expect(tenant.requests.count('/nowhere')).toBe(1);
    expect(tenant.requests.count(({ status }) => status === 200)).toBe(2);
  });

  it('keeps the newest requests and counts them all', async () => {
    await using small = await startTenant({ maxRecordedRequests: 3 });
    for (let n = 1; n <= 5; n += 1) await fetch(`${small.baseUrl}/${n}`);
    expect(small.requests.all.map(({ path, sequence }) => `${sequence} ${path}`)).toEqual([
      '3 /api/v1/3',
      '4 /api/v1/4',
      '5 /api/v1/5',
    ]);
    expect(small.requests.total).toBe(5);
    small.requests.clear();
    expect(small.requests.all).toEqual([]);
  });

  it('lets a test wait for one of several requests to a route', async () => {
    const post = (): Promise<Response> => fetch(`${tenant.baseUrl}/later`, { method: 'POST' });
    const third = tenant.requests.waitFor('POST /later', { count: 3 });
    await post();
    await fetch(`${tenant.baseUrl}/other`);
    await post();
    const second = tenant.requests.waitFor('POST /later', { count: 2 });
    const fourth = tenant.requests.waitFor('POST /later', { count: 4 });
    await Promise.all([post(), post()]);
    const found = await Promise.all([second, third, fourth]);
    expect(found.map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    await expect(tenant.requests.waitFor('POST /later', { count: 0 })).rejects.toThrow('count');
  });

  it('says by a response that a predicate of a fault fails', async () => {
    const route = (): never => {
      throw new Error('no predicate');
    };
    tenant.inject({ route, fault: { kind: 'status', status: 503 } });
    const response = await fetch(`${tenant.baseUrl}/x`);
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('no predicate')]);
  });

  it('lets a test wait for a request that has come or will come', async () => {
    const coming = tenant.requests.waitFor('GET /later');
    await fetch(`${tenant.baseUrl}/later`);
    expect((await coming).path).toBe('/api/v1/later');
    expect((await tenant.requests.waitFor('GET /later')).sequence).toBe(1);
    const never = new AbortController();
    const waiting = tenant.requests.waitFor('GET /never', { signal: never.signal });
    never.abort();
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
  });

  it('takes further routes, also in the place of its own, and says when one fails', async () => {
    const token = await accessToken(tenant, 'agentassist:read');
    tenant.addRoute({
      method: 'POST',
      path: '/api/v1/agentassist/suggest',
      scope: 'agentassist:read',
      handle: () => ({ status: 200, json: { suggestions: [] } }),
    });
    tenant.addRoute({
      method: 'GET',
      path: '/api/v1/agents/{agentId}/notes/{note}',
      scope: 'public',
      handle: ({ params }) => ({ status: 200, json: params }),
    });
    tenant.addRoute({
      method: 'GET',
      path: '/api/v1/broken',
      scope: 'public',
      handle: () => {
        throw new RangeError('out of luck');
      },
    });
    expect(await (await postSuggest(tenant, token, question)).json()).toEqual({ suggestions: [] });
    const agent = await fetch(`${tenant.baseUrl}/agents/a%2Fb/notes/%C3%BC`);
    expect(await agent.json()).toEqual({ agentId: 'a/b', note: 'ü' });
    expect((await fetch(`${tenant.baseUrl}/agents/a/b/notes/c`)).status).toBe(404);
    expect((await fetch(`${tenant.baseUrl}/agents/%ff/notes/c`)).status).toBe(404);
    const broken = await fetch(`${tenant.baseUrl}/broken`);
    expect(broken.status).toBe(500);
    expect(await broken.json()).toMatchObject({ message: expect.stringContaining('out of luck') as string });
  });

  it('lets pages of an origin call it when it was told to', async () => {
    await using open = await startTenant({ allowOrigin: '*' });
    const preflight = await fetch(`${open.baseUrl}/agentassist/suggest`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://page',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
    const refused = await postSuggest(open, undefined, question);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(open.requests.total).toBe(1);
    expect((await postSuggest(tenant, undefined, question)).headers.has('access-control-allow-origin')).toBe(false);
  });

  it('closes every socket and frees its port', async () => {
    const port = Number(new URL(tenant.origin).port);
    const socket = new WebSocket(`${tenant.streamUrl}?access_token=${await accessToken(tenant)}`);
    await once(socket, 'open');
    tenant.inject({ fault: { kind: 'delay', delayMs: 3_600_000 } });
    const hanging = expect(fetch(`${tenant.baseUrl}/slow`)).rejects.toThrow();
    await tenant.requests.waitFor('GET /slow');
    const closed = once(socket, 'close');
    await tenant.close();
    await tenant.close();
    expect((await closed)[0]).toBe(1006);
    await hanging;
    await using again = await startTenant({ port });
    expect(again.origin).toBe(tenant.origin);
  });

  it('refuses numbers out of range in the options that all servers have', async () => {
    for (const start of [startTenant, startCognigy, startCxone, startCompany]) {
      await expect(start({ tokenLifetimeSeconds: 0 })).rejects.toThrow('tokenLifetimeSeconds must be more than 0');
      await expect(start({ maxRecordedRequests: NaN })).rejects.toThrow('maxRecordedRequests must be more than 0');
    }
  });

  it('refuses options that make no sense', async () => {
    await expect(startTenant({ tokenLifetimeSeconds: 0 })).rejects.toThrow('tokenLifetimeSeconds');
    await expect(startTenant({ clients: [] })).rejects.toThrow('clients');
    expect(() => tenant.inject({ route: 'nonsense', fault: { kind: 'html' } })).toThrow('not a route');
    expect(() => tenant.inject({ times: 0, fault: { kind: 'html' } })).toThrow('times');
    expect(() => tenant.inject({ fault: { kind: 'status', status: 42 } })).toThrow('status');
  });
});
