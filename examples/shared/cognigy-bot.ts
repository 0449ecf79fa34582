import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
import type { SimulationTarget } from 'agent-assist-sdk/simulation';
import { openCognigy } from './cognigy.ts';

/** A bot of a real Cognigy.AI. */
export interface Bot extends AsyncDisposable {
  readonly http: HttpClient;
  /** Its flow, project, and snapshot or current state, as the target of a simulation. */
  readonly target: SimulationTarget;
  readonly localeReferenceId: string;
  /** Its host, for the name of a file. */
  readonly host: string;
  readonly isEmbedded: boolean;
}

/** The bot named by the variables `COGNIGY_…`; an embedded one without them. */
export async function openBot(env: NodeJS.ProcessEnv): Promise<Bot> {
  const { platform, values, embedded, ...opened } = await openCognigy(
    env,
    {
      COGNIGY_API_KEY: ({ apiKey }) => apiKey,
      COGNIGY_PROJECT_ID: ({ project }) => project.projectId,
      COGNIGY_FLOW_ID: ({ flow }) => flow.referenceId,
      COGNIGY_LOCALE_ID: ({ project }) => project.localeReferenceId,
    },
    { COGNIGY_SNAPSHOT_ID: ({ project }) => project.snapshotId },
  );
  const environmentId = values.COGNIGY_PROJECT_ID;
  return {
    ...opened,
    http: new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: values.COGNIGY_API_KEY }) }),
    target: { botId: values.COGNIGY_FLOW_ID, environmentId, versionId: values.COGNIGY_SNAPSHOT_ID ?? environmentId },
    localeReferenceId: values.COGNIGY_LOCALE_ID,
    host: new URL(platform.baseUrl).host.replace(':', '-'),
    isEmbedded: embedded !== undefined,
  };
}
