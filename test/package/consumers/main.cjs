const sdk = require('agent-assist-sdk');
const { SuggestionsClient } = require('agent-assist-sdk/suggestions');

if (sdk.SuggestionsClient !== SuggestionsClient) throw new Error('SuggestionsClient exists twice');
import('./smoke.mjs')
  .then(({ smoke }) => smoke(sdk, JSON.parse(process.env.TENANT)))
  .then((result) => console.log(JSON.stringify(result)));
