import * as sdk from 'agent-assist-sdk';
import { AuthClient } from 'agent-assist-sdk/auth';
import { HttpClient } from 'agent-assist-sdk/http';
import { AssistStream } from 'agent-assist-sdk/stream';
import { SuggestionsClient } from 'agent-assist-sdk/suggestions';
import { smoke } from './smoke.mjs';

const parts = { AssistStream, AuthClient, HttpClient, SuggestionsClient };
// Two copies of a class would break `instanceof`.
for (const [name, part] of Object.entries(parts)) if (sdk[name] !== part) throw new Error(`${name} exists twice`);
console.log(JSON.stringify(await smoke(parts, JSON.parse(process.env.TENANT))));
