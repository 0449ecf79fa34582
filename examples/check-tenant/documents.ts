import {
  AssistStream,
  AuditClient,
  AuthClient,
  HttpClient,
  KnowledgeClient,
  SuggestionsClient,
  cognigy,
  cxone,
} from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { readConnection, type Connection, type TenantUrls } from '../shared/environment.ts';
import { GRANTED, type Check, type Tenant } from './check.ts';

/** The tenant of the environment, by this project's protocol, or embedded ones of both presets. */
export async function documentsTenants(env: NodeJS.ProcessEnv): Promise<readonly Tenant[]> {
  const connection = readConnection(env, presetOf, []);
  if (connection !== undefined) return [tenantOf(connection, () => Promise.resolve())];
  const embedded = await startTenant();
  const { credentials, platform, cxonePlatform } = embedded;
  const close = (): Promise<void> => embedded.close();
  return [platform, cxonePlatform].map((own) => tenantOf({ platform: own, ...credentials, scopes: [] }, close));
}

/** The two presets differ in the path of their base URL. */
function presetOf(urls: TenantUrls): ReturnType<typeof cognigy> {
  return new URL(urls.baseUrl ?? '').pathname.startsWith('/api/v1') ? cognigy(urls) : cxone(urls);
}

function tenantOf(connection: Connection, close: () => Promise<void>): Tenant {
  const { platform, clientId, clientSecret, scopes: givenScopes } = connection;
  const authFor = (...scopes: readonly string[]): AuthClient =>
    new AuthClient({ platform, clientId, clientSecret, scopes: givenScopes.length > 0 ? givenScopes : scopes });
  const httpFor = (scope: string): HttpClient => new HttpClient({ platform, auth: authFor(scope) });
  /** A call that would change something: only its scopes are checked. */
  const scopesOf = (name: string, ...scopes: readonly string[]): Check => ({
    name,
    sends: 'a token request for its scope',
    run: async (signal) => {
      await authFor(...scopes).getToken({ signal });
      return `${GRANTED}a token for ${(givenScopes.length > 0 ? givenScopes : scopes).join(' ')}; the call would change something`;
    },
  });
  return {
    title: `This project's protocol at ${platform.baseUrl}`,
    platform,
    secrets: [clientSecret],
    checks: [
      {
        name: 'login',
        sends: 'POST to the token endpoint',
        run: async (signal) => {
          await authFor().getToken({ signal });
          return 'a token';
        },
      },
      {
        name: 'stream',
        sends: 'the upgrade to a WebSocket, closed immediately',
        run: async (signal) => {
          const auth = authFor(platform.streamScope ?? 'agentassist:read');
          await using stream = new AssistStream({ platform, auth });
          await stream.connect({ signal });
          return 'open';
        },
      },
      {
        name: 'suggestions',
        sends: 'POST …/suggest of the interaction check-tenant',
        run: async (signal) => {
          const request = { interactionId: 'check-tenant', transcript: 'I want a refund', sentimentScore: 0 };
          const { suggestions } = await new SuggestionsClient(httpFor('agentassist:read')).suggest(request, { signal });
          return `${suggestions.length} suggestions`;
        },
      },
      {
        name: 'articles',
        sends: 'GET …/search of one article',
        run: async (signal) => {
          const client = new KnowledgeClient(httpFor('knowledge:read'));
          const { articles } = await client.search({ q: 'refund', pageSize: 1 }, { signal });
          return `${articles.length} articles`;
        },
      },
      scopesOf('cards on the desktop', 'agentassist:write'),
      scopesOf('feedback for training', 'ai:training:write'),
      scopesOf('sentiment calibration', 'sentiment:calibrate'),
      scopesOf('webhooks', 'webhook:manage'),
      {
        name: 'audit log',
        sends: 'GET of one entry',
        run: async (signal) => {
          const { items } = await new AuditClient(httpFor('audit:read')).list({ pageSize: 1 }, { signal });
          return `${items.length} entries on a page`;
        },
      },
      scopesOf('simulations', 'simulation:execute', 'bot:read', 'environment:read'),
    ],
    [Symbol.asyncDispose]: close,
  };
}
