import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient, PermissionDeniedError, RequestValidationError, ResponseValidationError } from 'agent-assist-sdk';
import { silentLogger } from '#dist/http/internal.js';
import { SuggestionsClient } from 'agent-assist-sdk/suggestions';

interface Recorded {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
}
type Reply = readonly [status: number, body: unknown, headers?: Record<string, string>];

const closers: (() => void)[] = [];
afterEach(() => {
  closers.splice(0).forEach((close) => close());
});

/** A server that gives these replies in turn, the last one again and again. */
async function serve(
  ...replies: readonly Reply[]
): Promise<{ client: SuggestionsClient; requests: Recorded[]; lines: string[] }> {
  const requests: Recorded[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      requests.push({ method: request.method, url: request.url, body: JSON.parse(body) });
      const [status, answer, headers] = replies[Math.min(requests.length, replies.length) - 1] ?? [500, {}];
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const lines: string[] = [];
  const warn = (message: string): number => lines.push(message);
  const logger = { ...silentLogger, warn };
  return { client: new SuggestionsClient(new HttpClient({ baseUrl, random: () => 0, logger })), requests, lines };
}

const interaction = { interactionId: 'int-1', transcript: 'I want a refund', sentimentScore: -0.6 };

describe('SuggestionsClient', () => {
  it('sends the four fields of the protocol and nothing else of the object', async () => {
    const { client, requests } = await serve([200, { suggestions: [] }]);
    const payload = { ...interaction, agentId: 'agent-7', context: { segment: 'gold' }, anything: true };
    await client.suggest(payload);
    await client.suggest(interaction);
    expect(requests).toEqual([
      { method: 'POST', url: '/api/v1/agentassist/suggest', body: { ...interaction, context: { segment: 'gold' } } },
      { method: 'POST', url: '/api/v1/agentassist/suggest', body: { ...interaction, context: {} } },
    ]);
  });

  it('gives the answer with fields that nobody knows yet, and no source where there is none', async () => {
    const { client } = await serve([
      200,
      {
        suggestions: [
          { text: 'A', confidence: 0, source: 'kb-1', language: 'en' },
          { text: 'B', confidence: 1, source: null },
          { text: 'C', confidence: 0.5 },
        ],
        model: 'm1',
      },
    ]);
    const answer = await client.suggest(interaction);
    expect(answer).toEqual({
      suggestions: [
        { text: 'A', confidence: 0, source: 'kb-1', language: 'en' },
        { text: 'B', confidence: 1, source: undefined },
        { text: 'C', confidence: 0.5 },
      ],
      model: 'm1',
    });
  });

  it('is repeated after a failure that leaves open what happened, since it only asks', async () => {
    const { client, requests } = await serve([500, {}], [502, {}], [200, { suggestions: [] }]);
    const { attempts } = await client.suggest(interaction).withResponse();
    expect(attempts).toBe(3);
    expect(requests[2]).toEqual(requests[0]);
  });

  it('names the scope that the call needs', async () => {
    const { client } = await serve([403, { error: 'no' }]);
    const error: unknown = await client.suggest(interaction).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect((error as PermissionDeniedError).scopes).toEqual(['agentassist:read']);
  });

  it.each([
    [{ ...interaction, sentimentScore: Number.NaN }, ['sentimentScore']],
    [{ ...interaction, sentimentScore: Number.POSITIVE_INFINITY }, ['sentimentScore']],
    [{ ...interaction, context: [] }, ['context']],
    [{ ...interaction, context: null }, ['context']],
    [{}, ['interactionId', 'transcript']],
    [{ ...interaction, interactionId: '' }, ['interactionId']],
    ['int-1', ['']],
  ])('refuses %j before a byte is sent', async (payload, paths) => {
    const { client, requests } = await serve([200, { suggestions: [] }]);
    const error: unknown = await client.suggest(payload as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual(paths);
    expect(requests).toEqual([]);
  });

  it('sends what the protocol does not forbid', async () => {
    const { client, requests } = await serve([200, { suggestions: [] }]);
    const payload = { ...interaction, transcript: '', sentimentScore: -42 };
    await client.suggest(payload);
    expect(requests[0]?.body).toEqual({ ...payload, context: {} });
  });

  it('leaves out a confidence that is none, keeps the suggestions and says so beside them', async () => {
    const { client, lines } = await serve([
      200,
      {
        suggestions: [
          { text: 'A', confidence: 0.9, source: 7 },
          { text: 'B', confidence: 1.000_000_1 },
          { text: 'C', confidence: '0.8' },
          { text: 'D' },
          { text: ['secret'], confidence: 0.9 },
        ],
      },
    ]);
    const { data, omitted } = await client.suggest(interaction).withResponse();
    expect(data.suggestions).toEqual([{ text: 'A', confidence: 0.9 }, { text: 'B' }, { text: 'C' }, { text: 'D' }]);
    expect(omitted).toEqual([
      { omitted: 'suggestions[0].source', path: 'suggestions[0].source', message: 'expected string' },
      { omitted: 'suggestions[1].confidence', path: 'suggestions[1].confidence', message: 'must be at most 1' },
      { omitted: 'suggestions[2].confidence', path: 'suggestions[2].confidence', message: 'expected number' },
      { omitted: 'suggestions[4]', path: 'suggestions[4].text', message: 'expected string' },
    ]);
    expect(lines).toEqual([
      'POST /api/v1/agentassist/suggest: omitted suggestions[0].source from the response (suggestions[0].source: expected string) and 3 more',
    ]);
  });

  it('asks without a sentiment where none is known', async () => {
    const { client, requests } = await serve([200, { suggestions: [] }]);
    const { omitted } = await client.suggest({ interactionId: 'int-1', transcript: 'hello' }).withResponse();
    expect(requests[0]?.body).toEqual({ interactionId: 'int-1', transcript: 'hello', context: {} });
    expect(omitted).toEqual([]);
  });

  it.each([
    [{ suggestions: {} }, 'suggestions'],
    [{ suggestions: [{ text: 7, confidence: 1 }] }, 'suggestions[0].text'],
    [{}, 'suggestions'],
  ])('refuses the answer %j and says where it is wrong', async (answer, path) => {
    const { client } = await serve([200, answer]);
    const error: unknown = await client.suggest(interaction).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect((error as ResponseValidationError).issues.map((issue) => issue.path)).toEqual([path]);
  });
});

it('refuses a context that JSON cannot express with a typed error', async () => {
  const { client, requests } = await serve([200, { suggestions: [] }]);
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  for (const context of [circle, { total: 1n }]) {
    const error: unknown = await client.suggest({ ...interaction, context }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestValidationError);
  }
  expect(requests).toEqual([]);
});
