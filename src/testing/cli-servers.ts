import { startCognigy, startCxone, startTenant, type Conversation, type TenantOptions } from './index.js';

export type ServerSettings = Pick<TenantOptions, 'port' | 'tokenLifetimeSeconds' | 'heartbeatIntervalMs' | 'clients'>;

export interface CliServer extends AsyncDisposable {
  /** URLs and credentials to print. */
  readonly facts: Readonly<Record<string, string>>;
  /** Plays a conversation as soon as a client listens; absent if no stream carries transcripts. */
  readonly play?: (
    conversation: Conversation,
    settings: { readonly id: string; readonly speed: number; readonly signal: AbortSignal },
  ) => Promise<unknown>;
}

async function startDocuments(settings: ServerSettings): Promise<CliServer> {
  const tenant = await startTenant(settings);
  return {
    facts: {
      baseUrl: tenant.baseUrl,
      tokenUrl: tenant.tokenUrl,
      streamUrl: tenant.streamUrl,
      cxoneBaseUrl: tenant.cxoneBaseUrl,
      cxoneStreamUrl: tenant.cxoneStreamUrl,
      ...tenant.credentials,
    },
    play: async (conversation, { id, speed, signal }) => {
      await tenant.stream.waitForConnections(1, { signal });
      await tenant.play(conversation, { speed, interactionId: id, signal });
    },
    [Symbol.asyncDispose]: async () => tenant.close(),
  };
}

async function startRealCxone(settings: ServerSettings): Promise<CliServer> {
  const cxone = await startCxone(settings);
  const { clientId, clientSecret, accessKey } = cxone.credentials;
  return {
    facts: {
      issuer: cxone.issuer,
      tokenUrl: cxone.tokenUrl,
      apiUrl: cxone.hosts.api,
      socketUrl: cxone.notificationUrl,
      tenantId: cxone.tenantId,
      agentId: cxone.user.agentId,
      clientId,
      clientSecret,
      accessKeyId: accessKey.id,
      accessKeySecret: accessKey.secret,
      expertKey: cxone.expertKeys.browserKey,
    },
    play: async (conversation, { id, speed, signal }) => {
      await cxone.notifications.waitForTopic(`${id}_transcript`, { signal });
      await cxone.play(conversation, { speed, contactId: id, interim: true, signal });
    },
    [Symbol.asyncDispose]: async () => cxone.close(),
  };
}

async function startRealCognigy({ heartbeatIntervalMs, ...settings }: ServerSettings): Promise<CliServer> {
  const cognigy = await startCognigy({ ...settings, pingIntervalMs: heartbeatIntervalMs });
  const { clientId, clientSecret } = cognigy.credentials;
  return {
    facts: {
      apiUrl: cognigy.origin,
      endpointHost: cognigy.origin,
      apiKey: cognigy.apiKey,
      clientId,
      clientSecret,
      restToken: cognigy.restEndpoint.urlToken,
      knowledgeToken: cognigy.knowledgeEndpoint.urlToken,
      socketToken: cognigy.socketEndpoint.urlToken,
      projectId: cognigy.project.projectId,
      flowId: cognigy.flow.referenceId,
      localeId: cognigy.project.localeReferenceId,
    },
    [Symbol.asyncDispose]: async () => cognigy.close(),
  };
}

/** The values of `--platform`. */
export const servers: ReadonlyMap<string, (settings: ServerSettings) => Promise<CliServer>> = new Map([
  ['documents', startDocuments],
  ['cxone', startRealCxone],
  ['cognigy', startRealCognigy],
]);
