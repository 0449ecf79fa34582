// Shows what works on your tenant: tries each capability without changing anything, and prints a table.
//
//   npm run example -- check-tenant [options]
//
//   --platform <name>  documents, cognigy or cxone; default: those whose variables are set, otherwise all, embedded
//   --run-flow         Cognigy.AI: also sends each flow one input in test mode, which is not billed
//
// Each check takes at most 20 s. The table says:
//   works        the capability was used
//   granted      the permission exists; using it would change something, so it was not used
//   refused      the tenant refused it, with the reason and what to do
//   unavailable  the platform does not have it, with an alternative
//   not tried    a variable is missing, or trying it would change something
//
// The check sends these requests, none of which has side effects:
//   documents  token requests, one for each scope; GETs of one item; one question for suggestions; the stream, closed immediately
//   cognigy    GETs of projects, endpoints, audit events, playbooks and scenarios; one sentence to the NLU's scores. Flows
//              run only with --run-flow, one input each; a flow itself may have side effects
//   cxone      discovery, the login, the notification socket with its topics, closed immediately; one search in Expert, GETs of
//              Copilot's card schemas and of one customer. Nothing is shown to an agent
//
// Exit code: 0 nothing was refused, 1 something was, 2 the check could not start.
//
// Environment, this project's protocol:
//   AGENT_ASSIST_BASE_URL       e.g. https://acme.cognigy.ai/api/v1; if unset, this platform is not checked
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_STREAM_URL     default: derived from the base URL
//   AGENT_ASSIST_SCOPES         space separated; default: for each check its own
// Environment, Cognigy.AI:
//   COGNIGY_API_HOST            e.g. api-trial.cognigy.ai; if unset, this platform is not checked
//   COGNIGY_API_KEY             required with the host
//   COGNIGY_ENDPOINT_HOST       required if the API's host has no api-
//   COGNIGY_PROJECT_ID          if unset, the contents of a project are not tried
//   COGNIGY_FLOW_ID             reference id (a UUID) of a flow; if unset, the NLU is not tried
//   COGNIGY_LOCALE_ID           reference id (a UUID) of its locale; if unset, the NLU is not tried
//   COGNIGY_URL_TOKEN           of the REST endpoint of a flow that suggests; if unset, it is not tried
//   COGNIGY_SEARCH_URL_TOKEN    of the REST endpoint of a flow that searches; if unset, it is not tried
//   COGNIGY_SOCKET_URL_TOKEN    of a Socket.IO endpoint; if unset, it is not tried
// Environment, CXone:
//   CXONE_CLIENT_ID             of the client that NICE registered; if unset, this platform is not checked
//   CXONE_CLIENT_SECRET         required with the client
//   CXONE_ACCESS_KEY_ID         required with the client
//   CXONE_ACCESS_KEY_SECRET     required with the client
//   CXONE_ISSUER                default: https://cxone.niceincontact.com
//   CXONE_API_URL               default: from discovery
//   CXONE_STREAM_URL            default: from discovery
//   CXONE_DFO_URL               default: from discovery
//   CXONE_CONTACT_IDS           contacts with a transcript, separated by commas; if unset, transcripts are not tried
//   CXONE_EXPERT_SITE           e.g. https://help.example.com; if unset, Expert is not tried
//   CXONE_EXPERT_BROWSER_KEY    required with the site
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { unavailable, tried, type Finding, type Tenant } from './check-tenant/check.ts';
import { cognigyTenant } from './check-tenant/cognigy.ts';
import { cxoneTenant } from './check-tenant/cxone.ts';
import { documentsTenants } from './check-tenant/documents.ts';
import { isPlatformName, variable, type PlatformName } from './shared/environment.ts';
import { fail, stopSignal } from './shared/program.ts';

const PLATFORMS: Readonly<Record<PlatformName, { variable: string; open: () => Promise<readonly Tenant[]> }>> = {
  documents: { variable: 'AGENT_ASSIST_BASE_URL', open: () => documentsTenants(process.env) },
  cognigy: { variable: 'COGNIGY_API_HOST', open: async () => [await cognigyTenant(process.env, values['run-flow'])] },
  cxone: { variable: 'CXONE_CLIENT_ID', open: async () => [await cxoneTenant(process.env)] },
};
const STATES: Readonly<Record<Finding['state'], (text: string) => string>> = {
  works: pc.green,
  granted: pc.green,
  refused: pc.red,
  unavailable: pc.yellow,
  'not tried': pc.dim,
};
const signal = stopSignal();
let values: { platform?: string; 'run-flow': boolean };

try {
  ({ values } = parseArgs({
    options: { platform: { type: 'string' }, 'run-flow': { type: 'boolean', default: false } },
  }));
  let refused = 0;
  for (const platform of chosen(values.platform)) refused += await check(platform);
  process.exitCode = refused === 0 ? 0 : 1;
} catch (error) {
  fail(signal.aborted ? 'Interrupted.' : error, 2);
}

function chosen(named: string | undefined): readonly PlatformName[] {
  if (named !== undefined) {
    if (!isPlatformName(named)) throw new Error('--platform: expected documents, cognigy or cxone');
    return [named];
  }
  const all: readonly PlatformName[] = ['documents', 'cognigy', 'cxone'];
  const set = all.filter((name) => variable(process.env, PLATFORMS[name].variable) !== undefined);
  if (set.length === 0) console.log('No credentials in the environment: checking the embedded platforms.');
  return set.length === 0 ? all : set;
}

/** Checks a platform, and counts what it refused. */
async function check(name: PlatformName): Promise<number> {
  let refused = 0;
  await using opened = new AsyncDisposableStack();
  const tenants = (await PLATFORMS[name].open()).map((tenant) => opened.use(tenant));
  for (const { title, checks, platform, secrets } of tenants) {
    const show = (text: string): void =>
      console.log(
        secrets.reduce((shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '[redacted]')), text),
      );
    show(`\n${pc.bold(title)}`);
    const missing = unavailable(platform, name);
    const width = Math.max(...[...checks, ...missing].map((row) => row.name.length));
    const row = ({ name: what, state, detail }: Finding): void =>
      show(`  ${STATES[state](state.padEnd(11))}  ${what.padEnd(width)}  ${detail}`);
    for (const one of checks) {
      const finding = await tried(one, signal);
      if (finding.state === 'refused') refused += 1;
      row(finding);
    }
    for (const finding of missing) row(finding);
  }
  return refused;
}
