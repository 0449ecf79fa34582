import * as sdk from 'agent-assist-sdk';
import * as reports from 'agent-assist-sdk/simulation/reports';
import * as suites from 'agent-assist-sdk/simulation/suites';
import { smoke } from './smoke.mjs';

export default {
  async fetch(request) {
    const parts = [reports, suites].flatMap((part) => Object.values(part));
    if (parts.includes(undefined)) throw new Error('A part is missing');
    return Response.json(await smoke(sdk, await request.json()));
  },
};
