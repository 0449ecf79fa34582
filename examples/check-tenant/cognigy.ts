import * as z from 'zod/mini';
import { ApiKeyAuth, AssistStream, HttpClient } from 'agent-assist-sdk';
import {
  AuditEventsClient,
  FlowClient,
  NluClient,
  PlaybookClient,
  SimulatorClient,
  flowKnowledge,
  flowProtocol,
  flowSuggestions,
} from 'agent-assist-sdk/cognigy';
import { openCognigy } from '../shared/cognigy.ts';
import { GRANTED, NotTried, needed, type Check, type Tenant } from './check.ts';

/** A list of the REST API, with the fields read here. */
const listed = z.looseObject({
  items: z.array(z.looseObject({ URLToken: z.nullish(z.string()) })),
  total: z.nullish(z.number()),
  nextCursor: z.nullish(z.string()),
  // The older name of the cursor.
  next: z.nullish(z.string()),
});

/** More endpoints than a project has. */
const MAX_PAGES = 20;

/** The installation of the environment, or an embedded one. `runFlow` runs flows in test mode. */
export async function cognigyTenant(env: NodeJS.ProcessEnv, runFlow: boolean): Promise<Tenant> {
  const installation = await openCognigy(
    env,
    { COGNIGY_API_KEY: ({ apiKey }) => apiKey },
    {
      COGNIGY_PROJECT_ID: ({ project }) => project.projectId,
      COGNIGY_FLOW_ID: ({ flow }) => flow.referenceId,
      COGNIGY_LOCALE_ID: ({ project }) => project.localeReferenceId,
      COGNIGY_URL_TOKEN: ({ restEndpoint }) => restEndpoint.urlToken,
      COGNIGY_SEARCH_URL_TOKEN: ({ knowledgeEndpoint }) => knowledgeEndpoint.urlToken,
      COGNIGY_SOCKET_URL_TOKEN: ({ socketEndpoint }) => socketEndpoint.urlToken,
    },
  );
  const { platform, values, embedded } = installation;
  const http = new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: values.COGNIGY_API_KEY }) });
  const list = (what: string, query: Readonly<Record<string, string | number | undefined>>, signal: AbortSignal) =>
    http.request({ method: 'GET', path: `/new/v2.0/${what}`, query, response: listed }, { signal });
  const projectId = (): string => needed(values.COGNIGY_PROJECT_ID, 'COGNIGY_PROJECT_ID');

  /** Finds a URL token among the endpoints of the project, without running its flow. */
  const findEndpoint = async (urlToken: string, signal: AbortSignal): Promise<string> => {
    let cursor: string | undefined;
    let seen = 0;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, nextCursor, next } = await list('endpoints', { projectId: projectId(), next: cursor }, signal);
      const tokens = items.flatMap(({ URLToken }) => URLToken ?? []);
      if (tokens.includes(urlToken))
        return `${GRANTED}an endpoint of the project has this token; the flow did not run, --run-flow runs it`;
      seen += tokens.length;
      cursor = nextCursor ?? next ?? undefined;
      if (cursor === undefined) break;
    }
    if (seen === 0) throw new NotTried('the list of endpoints names no tokens; --run-flow runs the flow');
    throw new Error('no endpoint of the project has this token');
  };
  const flowCheck = (
    name: string,
    variable: 'COGNIGY_URL_TOKEN' | 'COGNIGY_SEARCH_URL_TOKEN' | 'COGNIGY_SOCKET_URL_TOKEN',
    ask: (urlToken: string, signal: AbortSignal) => Promise<string>,
  ): Check => ({
    name,
    sends: runFlow ? 'one input in test mode' : 'GET /new/v2.0/endpoints',
    run: (signal) => {
      const urlToken = needed(values[variable], variable);
      return runFlow ? ask(urlToken, signal) : findEndpoint(urlToken, signal);
    },
  });
  const session = `check-tenant-${crypto.randomUUID()}`;

  return {
    title: `Cognigy.AI at ${platform.baseUrl}${embedded === undefined ? '' : ' (embedded)'}`,
    platform,
    secrets: Object.entries(values).map(([name, value]) => (/KEY|TOKEN/.test(name) ? value : '')),
    checks: [
      {
        name: 'login by API key',
        sends: 'GET /new/v2.0/projects',
        run: async (signal) => {
          const { total, items } = await list('projects', { limit: 1 }, signal);
          return `${total ?? items.length} projects`;
        },
      },
      flowCheck('suggestions: flowSuggestions', 'COGNIGY_URL_TOKEN', async (urlToken, signal) => {
        const flow = new FlowClient({ platform, urlToken, testMode: true });
        const request = { interactionId: session, transcript: 'I want a refund' };
        const { suggestions } = await flowSuggestions(flow).suggest(request, { signal });
        const hasConfidence = suggestions.some(({ confidence }) => confidence !== undefined);
        return `${suggestions.length} suggestions ${hasConfidence ? 'with' : 'without'} a confidence`;
      }),
      flowCheck('articles: flowKnowledge', 'COGNIGY_SEARCH_URL_TOKEN', async (urlToken, signal) => {
        const flow = new FlowClient({ platform, urlToken, testMode: true });
        const { articles } = await flowKnowledge(flow).search({ q: 'refund', pageSize: 1 }, { signal });
        return `${articles.length} articles`;
      }),
      flowCheck('stream: flowProtocol', 'COGNIGY_SOCKET_URL_TOKEN', async (urlToken, signal) => {
        const protocol = flowProtocol({ urlToken, userId: session, sessionId: session, testMode: true });
        await using stream = new AssistStream({ platform, protocol });
        await stream.connect({ signal });
        return 'the endpoint is ready';
      }),
      { name: 'cards: FlowClient.inject', sends: 'it would run a flow in a session of your users' },
      {
        name: 'audit log: AuditEventsClient',
        sends: 'GET /new/v2.0/auditevents',
        run: async (signal) => {
          const { items } = await new AuditEventsClient(http).list({ pageSize: 1 }, { signal });
          return `${items.length} events on a page`;
        },
      },
      {
        name: 'bot tests: PlaybookClient',
        sends: 'GET /new/v2.0/playbooks',
        run: async (signal) => {
          const { items } = await new PlaybookClient(http).list({ projectId: projectId(), pageSize: 1 }, { signal });
          return `${GRANTED}${items.length} playbooks on a page can be read; none was created or run`;
        },
      },
      {
        name: 'bot tests: NluClient',
        sends: 'POST …/nlu/scores, which changes nothing',
        run: async (signal) => {
          const flowReferenceId = needed(values.COGNIGY_FLOW_ID, 'COGNIGY_FLOW_ID');
          const localeReferenceId = needed(values.COGNIGY_LOCALE_ID, 'COGNIGY_LOCALE_ID');
          const query = { projectId: projectId(), flowReferenceId, localeReferenceId, sentence: 'I want a refund' };
          const scores = await new NluClient(http).scores(query, { signal });
          return `${scores.length} intents scored`;
        },
      },
      {
        name: 'bot tests: SimulatorClient',
        sends: 'GET /testing/simulations',
        run: async (signal) => {
          const { items } = await new SimulatorClient(http).list(projectId(), { pageSize: 1 }, { signal });
          return `${GRANTED}${items.length} scenarios on a page can be read; none was run`;
        },
      },
    ],
    [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose](),
  };
}
