import type { KnowledgeClient } from 'agent-assist-sdk';
import { AssistEngine, ResponseValidationError } from 'agent-assist-sdk';
import { cognigyAi, FlowClient, flowKnowledge, flowSuggestions } from 'agent-assist-sdk/cognigy';
import { toAssistCards, type KnowledgeSource } from 'agent-assist-sdk/knowledge';
import { suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, scriptedServer, type ScriptedServer } from '../helpers/scripted-server.js';

const flowFor = (server: ScriptedServer): FlowClient =>
  new FlowClient({ platform: cognigyAi({ host: server.url, endpointHost: server.url }), urlToken: 'token-1' });
const output = (text: string | null, data: unknown = {}): object => ({ text, data, traceId: 't-1', source: 'bot' });
const update = {
  interactionId: 'call-1',
  transcript: 'I want a refund',
  sentimentScore: -0.6,
  context: { tier: 'gold' },
};
const options = { totalTimeoutMs: 5000 };

describe('flowSuggestions', () => {
  it('feeds the engine: outputs with a text, the confidence and the source that the flow set', async () => {
    const sure = output('Offer a refund.', { confidence: 0.9, source: 'kb-7' });
    const rest = [output(' '), output(null, { _cognigy: {} }), output('Legal action.', { confidence: 0.95 })];
    await using server = await scriptedServer(answer(200, { outputStack: [sure, ...rest] }));
    const engine = new AssistEngine({ client: flowSuggestions(flowFor(server)) });
    const outcome = await engine.handle(update);
    expect(outcome.status).toBe('fresh');
    expect(outcome.suggestions).toEqual([
      {
        text: 'Offer a refund.',
        confidence: 0.9,
        source: 'kb-7',
        data: { confidence: 0.9, source: 'kb-7' },
        traceId: 't-1',
      },
    ]);
    expect(outcome.dropped.map(({ violations }) => violations[0]?.type)).toEqual(['phrase']);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      userId: 'call-1',
      sessionId: 'call-1',
      text: 'I want a refund',
      data: { sentimentScore: -0.6, context: { tier: 'gold' } },
    });
    expect((await engine.handle(update)).status).toBe('cached');
    expect(server.requests).toHaveLength(1);
  });

  it.each([undefined, null, '0.9', 1.5, -0.1, Number.NaN])('leaves the confidence %j absent', async (confidence) => {
    await using server = await scriptedServer(answer(200, { outputStack: [output('Hello.', { confidence })] }));
    const { suggestions } = await flowSuggestions(flowFor(server)).suggest(update, options);
    expect(suggestions).toHaveLength(1);
    expect(suggestions[0]).not.toHaveProperty('confidence');
  });

  it.each([0, 1])('takes the confidence %j, an end of the range', async (confidence) => {
    await using server = await scriptedServer(answer(200, { outputStack: [output('Hello.', { confidence })] }));
    const { suggestions } = await flowSuggestions(flowFor(server)).suggest(update, options);
    expect(suggestions).toMatchObject([{ confidence }]);
  });

  it('makes of a text alone a suggestion with a text alone', async () => {
    const bare = { text: 'Hello.' };
    const odd = { text: 'Bye.', data: { source: 7 } };
    await using server = await scriptedServer(answer(200, { outputStack: [bare, odd] }));
    const { suggestions } = await flowSuggestions(flowFor(server)).suggest(
      { ...update, sentimentScore: undefined },
      {},
    );
    expect(suggestions.map((suggestion) => Object.keys(suggestion))).toEqual([['text'], ['text', 'data']]);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toHaveProperty('data', { context: { tier: 'gold' } });
  });

  it('lets the policy say what becomes of an absent confidence', () => {
    const suggestions = [{ text: 'Hello.' }, { text: 'Legal action.' }, { text: 'Maybe.', confidence: 0.1 }];
    const kept = (policy = suggestionPolicy()): string[] => policy(suggestions).approved.map(({ text }) => text);
    expect(kept()).toEqual([]);
    expect(kept(suggestionPolicy({ missingConfidence: 'drop', minConfidence: 0 }))).toEqual(['Maybe.']);
    expect(kept(suggestionPolicy({ missingConfidence: 'approve' }))).toEqual(['Hello.']);
    expect(() => suggestionPolicy({ missingConfidence: 'keep' as 'drop' })).toThrow(
      'missingConfidence: expected drop or approve',
    );
  });

  it('falls back on an answer that a transformer made, until a mapping reads it', async () => {
    await using server = await scriptedServer(
      answer(200, { suggestions: [{ text: 'Offer a refund.', confidence: 0.9 }] }),
    );
    const flow = flowFor(server);
    const outcome = await new AssistEngine({ client: flowSuggestions(flow) }).handle(update);
    expect(outcome).toMatchObject({ status: 'fallback', error: { code: 'invalid_response' } });
    const mapped = flowSuggestions(flow, {
      toInput: ({ interactionId, transcript }) => ({ userId: 'agent-7', sessionId: interactionId, text: transcript }),
      toSuggestions: (given) => given['suggestions'] as { text: string; confidence: number }[],
    });
    const { suggestions } = await new AssistEngine({ client: mapped }).handle(update);
    expect(suggestions).toEqual([{ text: 'Offer a refund.', confidence: 0.9 }]);
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      userId: 'agent-7',
      sessionId: 'call-1',
      text: 'I want a refund',
    });
  });

  it('names the part that an answer of another shape lacks', async () => {
    await using server = await scriptedServer(answer(200, { suggestions: [] }));
    await expect(flowSuggestions(flowFor(server)).suggest(update, {})).rejects.toMatchObject({
      name: 'ResponseValidationError',
      issues: [{ path: 'outputStack', message: 'missing; map the answer with toSuggestions' }],
    });
  });

  it('ends with the time of the engine, not with its own', async () => {
    await using server = await scriptedServer(() => undefined);
    const clock = new FakeClock();
    const engine = new AssistEngine({ client: flowSuggestions(flowFor(server)), clock });
    const outcome = await clock.runUntilSettled(engine.handle(update));
    expect(outcome).toMatchObject({ status: 'fallback', durationMs: 5000, error: { code: 'timeout' } });
  });
});

const hit = (text: string, distance: number | undefined, more: object = {}): object => ({
  text,
  distance,
  sourceMetaData: {
    sourceName: 'faq.pdf',
    sourceType: 'pdf',
    title: 'Refunds',
    url: 'https://help.example.com/refunds',
  },
  chunkMetaData: {},
  ...more,
});
const found = (...topK: unknown[]): object => ({ outputStack: [output('', { knowledgeSearch: { topK } })] });

describe('flowKnowledge', () => {
  it('reads topK: id, title, url, body, and the distance as a score from 0 to 1', async () => {
    const named = hit('Within 30 days.', -1, { id: 'chunk-9', sourceMetaData: { sourceName: 'faq.pdf' } });
    await using server = await scriptedServer(answer(200, found(hit('Money back.', 1), named, hit('x', undefined), 7)));
    const { articles } = await flowKnowledge(flowFor(server)).search({ q: 'refund', pageSize: 3 });
    expect(articles).toMatchObject([
      { title: 'Refunds', url: 'https://help.example.com/refunds', body: 'Money back.', score: 1, distance: 1 },
      { id: 'chunk-9', title: 'faq.pdf', url: undefined, body: 'Within 30 days.', score: 0 },
      { body: 'x', score: undefined },
    ]);
    // The same text has the same id in every answer.
    expect(articles[0]?.id).toBe('184ce6104036c8731bea9ff7e80c7f97c3c50c086aca4fec40b644dc67195074');
    const [card] = toAssistCards(articles, { interactionId: 'call-1' });
    expect(card).toMatchObject({ title: 'Refunds', priority: 1, score: 1, snippet: 'Money back.' });
    const sent = JSON.parse(server.requests[0]?.body ?? '') as Record<string, unknown>;
    expect(sent).toMatchObject({ userId: 'agent-assist-sdk', text: 'refund', data: { language: 'en-US', topK: 3 } });
  });

  it.each<[string, object, object]>([
    ['its own id', { id: 'a', referenceId: 'b', chunkMetaData: { id: 'c' } }, { id: 'a' }],
    ['its reference id', { id: '', referenceId: 'b', chunkMetaData: { id: 'c' } }, { id: 'b' }],
    ['the id of its chunk', { chunkMetaData: { id: 'c', referenceId: 'd' } }, { id: 'c' }],
    ['the reference id of its chunk', { chunkMetaData: { id: 7, referenceId: 'd' } }, { id: 'd' }],
    ['no title where its source has none', { id: 'a', sourceMetaData: null, chunkMetaData: null }, { title: '' }],
    [
      'no URL where that is no text',
      { id: 'a', sourceMetaData: { title: 't', url: 7 } },
      { title: 't', url: undefined },
    ],
    ['no text where that is none', { id: 'a', text: 7 }, { body: '' }],
    ['half of the score at a distance of zero', { id: 'a', distance: 0 }, { score: 0.5 }],
  ])('gives an entry %s', async (_, entry, article) => {
    await using server = await scriptedServer(answer(200, found(hit('x', 1, entry))));
    await expect(flowKnowledge(flowFor(server)).search({ q: 'refund' })).resolves.toMatchObject({
      articles: [article],
    });
  });

  it('finds the first list among the outputs, or in the data of the whole answer', async () => {
    const noList = [null, { topK: null }, { topK: { id: 'x' } }].map((knowledgeSearch) =>
      output('', { knowledgeSearch }),
    );
    const list = (id: string) => ({ knowledgeSearch: { topK: [{ id }] } });
    await using server = await scriptedServer(
      answer(200, { outputStack: [output('Hi', null), ...noList, output('', list('b'))], data: list('c') }),
      answer(200, { data: list('c') }),
    );
    const source = flowKnowledge(flowFor(server));
    for (const id of ['b', 'c'])
      await expect(source.search({ q: 'refund' })).resolves.toMatchObject({ articles: [{ id }] });
  });

  it('asks in one session of its own, shows a page at most, and has one page', async () => {
    await using server = await scriptedServer(answer(200, found(hit('a', 1), hit('b', 0.5))));
    const source = flowKnowledge(flowFor(server));
    expect((await source.search({ q: 'refund', pageSize: 1 })).articles).toHaveLength(1);
    await source.search({ q: 'return' });
    await expect(source.search({ q: 'refund', page: 2 })).resolves.toEqual({ articles: [] });
    const sessions = server.requests.map(({ body }) => (JSON.parse(body) as { sessionId: string }).sessionId);
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toMatch(/^search-[\da-f-]{36}$/);
    expect(sessions[1]).toBe(sessions[0]);
  });

  it('knows nothing found from a flow that shows no result', async () => {
    await using server = await scriptedServer(answer(200, found()), answer(200, { outputStack: [output('Hello')] }));
    const source = flowKnowledge(flowFor(server));
    await expect(source.search({ q: 'refund' })).resolves.toEqual({ articles: [] });
    await expect(source.search({ q: 'refund' })).rejects.toThrow(ResponseValidationError);
    await expect(source.search({ q: 'refund' })).rejects.toMatchObject({
      issues: [
        { path: 'outputStack', message: expect.stringMatching('no output has data.knowledgeSearch.topK') as string },
      ],
    });
    await expect(source.search({ q: ' ' })).rejects.toThrow('q: must not be blank');
  });

  it('takes a mapping of the team', async () => {
    await using server = await scriptedServer(answer(200, { outputStack: [output('Refunds: 30 days.')] }));
    const source = flowKnowledge(flowFor(server), {
      toInput: ({ q }) => ({ userId: 'u', sessionId: 's', text: q }),
      toArticles: ({ outputStack = [] }) =>
        outputStack.map(({ text = '' }, index) => ({ id: String(index), title: text })),
    });
    await expect(source.search({ q: 'refund' })).resolves.toEqual({
      articles: [{ id: '0', title: 'Refunds: 30 days.' }],
    });
  });

  it('is the interface that KnowledgeClient has, too', () => {
    expectTypeOf<KnowledgeClient>().toExtend<KnowledgeSource>();
    expectTypeOf<ReturnType<typeof flowKnowledge>>().toEqualTypeOf<KnowledgeSource>();
  });
});
