/* global test, expect */
const sdk = require('agent-assist-sdk');
const { startTenant } = require('agent-assist-sdk/testing');

test('calls the tenant', async () => {
  const tenant = await startTenant();
  const { platform, credentials } = tenant;
  const auth = new sdk.AuthClient({ platform, ...credentials });
  const suggestions = new sdk.SuggestionsClient(new sdk.HttpClient({ platform, auth }));
  const question = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.6 };
  expect((await suggestions.suggest(question)).suggestions.length).toBeGreaterThan(0);
  await tenant[Symbol.asyncDispose]();
});
