/* global test, expect, jest */
const sdk = require('agent-assist-sdk');
const { toAssistCards } = require('agent-assist-sdk/knowledge');
const { startTenant } = require('agent-assist-sdk/testing');
const { TranscriptBuffer } = require('agent-assist-sdk/transcripts');

test('calls the tenant, and its time can be faked', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const tenant = await startTenant();
  const platform = tenant.cxonePlatform;
  const auth = new sdk.AuthClient({ platform, ...tenant.credentials });
  const knowledge = new sdk.KnowledgeClient(new sdk.HttpClient({ platform, auth }));
  const asked = Promise.withResolvers();
  const onFlush = ({ text }) => asked.resolve(knowledge.search({ q: text }));
  const buffer = new TranscriptBuffer({ onFlush, onError: asked.reject });
  buffer.add({ interactionId: 'i-1', text: 'I want a refund' });
  await jest.advanceTimersByTimeAsync(3_000);
  const { articles } = await asked.promise;
  expect(toAssistCards(articles, { interactionId: 'i-1' }).length).toBeGreaterThan(0);
  await tenant[Symbol.asyncDispose]();
});
