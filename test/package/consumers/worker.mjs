import * as sdk from 'agent-assist-sdk';
import * as reports from 'agent-assist-sdk/simulation/reports';
import * as suites from 'agent-assist-sdk/simulation/suites';
import { smoke } from './smoke.mjs';

let suggestions;

/** Answers by a client that all requests of the worker share. */
async function suggest({ platform, credentials }) {
  const auth = new sdk.AuthClient({ platform, ...credentials });
  suggestions ??= new sdk.SuggestionsClient(new sdk.HttpClient({ platform, auth }));
  await suggestions.suggest({ interactionId: 'i-1', transcript: 'I want a refund' });
  return Response.json('suggested');
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/suggest') return suggest(await request.json());
    const parts = [reports, suites].flatMap((part) => Object.values(part));
    if (parts.includes(undefined)) throw new Error('A part is missing');
    return Response.json(await smoke(sdk, await request.json()));
  },
};
