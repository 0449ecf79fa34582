// What each consumer does: one call and one event. Plain JavaScript, since it runs wherever the package does.
export async function smoke({ AssistStream, AuthClient, HttpClient, SuggestionsClient }, { platform, credentials }) {
  const auth = new AuthClient({ platform, ...credentials, scopes: ['agentassist:read', 'streaming:subscribe'] });
  const suggestions = new SuggestionsClient(new HttpClient({ platform, auth }));
  const question = { interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.6 };
  const answer = await suggestions.suggest(question);

  const stream = new AssistStream({ platform, auth });
  const event = new Promise((resolve) => stream.once('INTERACTION_UPDATE', resolve));
  await stream.connect();
  const { payload } = await event;
  await stream.close();
  return { suggestion: typeof answer.suggestions[0]?.text, transcript: payload.transcript };
}
