import { AssistStream, HttpClient, NotFoundError, type AuthClient } from 'agent-assist-sdk';
import {
  ExpertClient,
  cxoneArea,
  copilotTopic,
  notificationProtocol,
  readIdToken,
  transcriptTopic,
  type CxonePlatform,
} from 'agent-assist-sdk/cxone';
import { variable } from '../shared/environment.ts';
import { openCxone } from '../shared/cxone.ts';
import { GRANTED, NotTried, needed, type Check, type Tenant } from './check.ts';

/** The CXone account of the environment, or an embedded one. */
export async function cxoneTenant(env: NodeJS.ProcessEnv): Promise<Tenant> {
  const account = await openCxone(env);
  const { embedded, login } = account;
  const { fetch, WebSocket } = embedded ?? {};
  const site = variable(env, 'CXONE_EXPERT_SITE') ?? embedded?.namedHosts.expert;
  const browserKey = variable(env, 'CXONE_EXPERT_BROWSER_KEY') ?? embedded?.expertKeys.browserKey;
  const contactIds = variable(env, 'CXONE_CONTACT_IDS') ?? (embedded && '30001');

  let connected: { platform: CxonePlatform; auth: AuthClient } | undefined;
  const connection = (): { platform: CxonePlatform; auth: AuthClient } => {
    if (connected === undefined) throw new NotTried('the login failed');
    return connected;
  };
  /** Opens the notification socket, subscribes to the topics and closes it. */
  const open = async (topics: readonly string[], signal: AbortSignal): Promise<string> => {
    await using stream = new AssistStream({ ...connection(), protocol: notificationProtocol(), WebSocket });
    for (const topic of topics) stream.subscribe(topic);
    await stream.connect({ signal });
    return topics.length === 0 ? 'open' : `subscribed to ${topics.join(', ')}`;
  };
  const get = async (baseUrl: string, path: string, signal: AbortSignal): Promise<unknown> =>
    new HttpClient({ baseUrl, auth: connection().auth, fetch }).request({ method: 'GET', path }, { signal });

  const checks: readonly Check[] = [
    {
      name: 'login: connectCxone',
      sends: 'GET of two discovery documents, POST of the access key to the token endpoint',
      run: async (signal) => {
        connected = await account.connect({ signal });
        return `area ${connected.platform.area}`;
      },
    },
    { name: 'stream: notificationProtocol', sends: 'CONNECT, then closed', run: (signal) => open([], signal) },
    {
      name: 'transcripts: transcriptTopic',
      sends: 'SUBSCRIBE, then closed',
      run: (signal) => open(needed(contactIds, 'CXONE_CONTACT_IDS').split(',').map(transcriptTopic), signal),
    },
    {
      name: 'cards: copilotTopic',
      sends: 'SUBSCRIBE, then closed',
      run: async (signal) => {
        const agentId = readIdToken((await connection().auth.getIdToken({ signal })) ?? '')?.agentId;
        if (agentId === undefined) throw new NotTried("the key's user is not an agent");
        return open([copilotTopic(agentId)], signal);
      },
    },
    {
      name: 'suggestions: CopilotClient',
      sends: 'GET …/adaptive-cards',
      run: async (signal) => {
        const { baseUrl } = connection().platform;
        const path = '/agent-copilot/v2/adaptive-cards?cardType=all&cxaClientVersion=26.2.1';
        await get(baseUrl, path, signal).catch((error: unknown) => {
          // Tenants before 26.2 have another prefix, and no route that can be read without side effects.
          if (error instanceof NotFoundError) throw new NotTried('no schemas of cards to read; try a search yourself');
          throw error;
        });
        return `${GRANTED}its routes accept the token; a search would show cards to the agent`;
      },
    },
    { name: 'feedback: CopilotClient', sends: "it would rate an answer in the tenant's data" },
    {
      name: 'articles: ExpertClient',
      sends: 'GET …/site/search of one article',
      run: async (signal) => {
        const expert = new ExpertClient({
          site: needed(site, 'CXONE_EXPERT_SITE'),
          browserKey: needed(browserKey, 'CXONE_EXPERT_BROWSER_KEY'),
          fetch,
        });
        const { articles } = await expert.search({ q: 'refund', pageSize: 1 }, { signal });
        return `${articles.length} articles`;
      },
    },
    {
      name: 'customers: DFO',
      sends: 'GET /dfo/3.0/customers of one customer',
      run: async (signal) => {
        await get(connection().platform.dfoUrl, '/dfo/3.0/customers?limit=1', signal);
        return 'readable, as a custom source';
      },
    },
  ];
  return {
    title: `CXone of the client ${login.clientId}${embedded === undefined ? '' : ' (embedded)'}`,
    // The unsupported calls are the same in every area.
    platform: cxoneArea({ area: 'na1' }),
    secrets: [login.clientSecret, login.accessKey.id, login.accessKey.secret, browserKey ?? ''],
    checks,
    [Symbol.asyncDispose]: async () => {
      await connected?.auth.close();
      await account[Symbol.asyncDispose]();
    },
  };
}
