import type { AuthClient } from 'agent-assist-sdk';
import { connectCxone, type CxonePlatform } from 'agent-assist-sdk/cxone';
import { startCxone, type Cxone } from 'agent-assist-sdk/testing';
import { readTogether, variable } from './environment.ts';

type Login = Pick<Cxone['credentials'], 'clientId' | 'clientSecret' | 'accessKey'> & { issuer: string | undefined };

/** A real CXone account: that of the environment, or an embedded one. */
export interface CxoneAccount extends AsyncDisposable {
  /** Logs in and discovers the tenant. */
  connect(options: { readonly signal: AbortSignal }): Promise<{ platform: CxonePlatform; auth: AuthClient }>;
  readonly login: Login;
  /** Absent for a real account; its `fetch` and `WebSocket` reach the embedded hosts. */
  readonly embedded: Cxone | undefined;
}

/**
 * The account that the environment names by `CXONE_CLIENT_ID`, `CXONE_CLIENT_SECRET`, `CXONE_ACCESS_KEY_ID` and
 * `CXONE_ACCESS_KEY_SECRET`; an embedded one when it names nothing. `also` are further variables that belong to them.
 *
 * @throws Error that names what is missing when only some are set.
 */
export async function openCxone(env: NodeJS.ProcessEnv, also: readonly string[] = []): Promise<CxoneAccount> {
  const found = readTogether(env, [
    'CXONE_CLIENT_ID',
    'CXONE_CLIENT_SECRET',
    'CXONE_ACCESS_KEY_ID',
    'CXONE_ACCESS_KEY_SECRET',
    ...also,
  ]);
  if (found === undefined) {
    const embedded = await startCxone();
    return account({ ...embedded.credentials, issuer: embedded.namedHosts.issuer }, env, embedded);
  }
  const login = {
    clientId: found['CXONE_CLIENT_ID'] ?? '',
    clientSecret: found['CXONE_CLIENT_SECRET'] ?? '',
    accessKey: { id: found['CXONE_ACCESS_KEY_ID'] ?? '', secret: found['CXONE_ACCESS_KEY_SECRET'] ?? '' },
    issuer: variable(env, 'CXONE_ISSUER'),
  };
  return account(login, env, undefined);
}

function account(login: Login, env: NodeJS.ProcessEnv, embedded: Cxone | undefined): CxoneAccount {
  return {
    connect: async ({ signal }) => {
      const { clientId, clientSecret, accessKey, issuer } = login;
      const { fetch } = embedded ?? {};
      const { auth, platform } = await connectCxone({ clientId, clientSecret, accessKey, issuer, fetch, signal });
      const { baseUrl, streamUrl, dfoUrl } = platform;
      const own = {
        baseUrl: variable(env, 'CXONE_API_URL') ?? baseUrl,
        streamUrl: variable(env, 'CXONE_STREAM_URL') ?? streamUrl,
        dfoUrl: variable(env, 'CXONE_DFO_URL') ?? dfoUrl,
      };
      return { auth, platform: { ...platform, ...own } };
    },
    login,
    embedded,
    [Symbol.asyncDispose]: async () => embedded?.close(),
  };
}

/**
 * Who spoke in a transcript. CXone has not published what the channels of transcripts are called; its audio streams
 * call the agent's `RX`.
 */
export const cxoneSpeaker = ({ channelTag }: Readonly<Record<string, unknown>>): string | undefined =>
  channelTag === 'RX' ? 'agent' : channelTag === 'TX' ? 'customer' : undefined;
