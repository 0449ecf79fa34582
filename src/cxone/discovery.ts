import * as z from '../schema.js';
import { AuthClient, type AccessKey, type AuthClientOptions } from '../auth/index.js';
import { ResponseValidationError } from '../errors.js';
import {
  anyString,
  HttpClient,
  lenient,
  pickRequestOptions,
  requestOptions,
  type RequestOptions,
} from '../http/internal.js';
import { checkOptions, required, signalKind } from '../options.js';
import { checkedIssuer, cxonePlatform, isDomain, type CxonePlatform } from './platform.js';
import { readIdToken } from './id-token.js';

/** Options of {@link discoverCxone}. Time limits, retries and transport are those of `HttpClient`. */
export interface DiscoverCxoneOptions extends RequestOptions {
  /** Id of the tenant, a UUID. `undefined` is refused. */
  readonly tenantId: string | undefined;
  /**
   * Issuer of the tokens; `https://cxone-gov.niceincontact.com` for the sovereign area.
   *
   * @defaultValue `https://cxone.niceincontact.com`
   */
  readonly issuer?: string | URL | undefined;
  /** Aborts the requests; the call rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link connectCxone}: those of `AuthClient`, without what discovery provides. */
export interface ConnectCxoneOptions
  extends
    Omit<AuthClientOptions, 'platform' | 'tokenUrl' | 'scopes' | 'allowInsecureRequests'>,
    Omit<DiscoverCxoneOptions, 'tenantId'> {
  /** An access key of a CXone user. */
  readonly accessKey: AccessKey;
}

/** Result of {@link connectCxone}. */
export interface CxoneConnection {
  /** The tenant's hosts. */
  readonly platform: CxonePlatform;
  /** The login, with a valid token. */
  readonly auth: AuthClient;
}

const ISSUER = 'https://cxone.niceincontact.com';

/**
 * Discovers a tenant's hosts: fetches `/.well-known/openid-configuration` and `/.well-known/cxone-configuration` of the
 * issuer in parallel, without credentials. Call it once for each tenant and process.
 *
 * The issuer is trusted for the names of the hosts, since TLS authenticates it. Secrets are sent to the token endpoint,
 * so it must be on the issuer's own host. A response that names an issuer must name the one that was asked.
 * Every URL must be https, or on this machine, and have no credentials.
 *
 * @throws (as rejection) `ConfigurationError` for an invalid option; `ResponseValidationError` for a response that
 * breaks these rules; and what `HttpClient.request` rejects with, e.g. `NotFoundError` for an unknown tenant.
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient } from 'agent-assist-sdk';
 * import { discoverCxone } from 'agent-assist-sdk/cxone';
 *
 * const platform = await discoverCxone({ tenantId: '11111111-2222-4333-8444-555555555555' });
 * const accessKey = { id: 'key id', secret: 'key secret' };
 * const auth = new AuthClient({ platform, clientId: 'id', clientSecret: 'secret', accessKey });
 * const http = new HttpClient({ platform, auth });
 * ```
 */
export async function discoverCxone(options: DiscoverCxoneOptions): Promise<CxonePlatform> {
  checkOptions('discoverCxone', options, {
    ...requestOptions,
    tenantId: 'a string',
    issuer: true,
    signal: signalKind,
  });
  const tenantId = required('tenantId', options.tenantId);
  const issuer = checkedIssuer(options.issuer ?? ISSUER);
  const [tokenUrl, hosts] = await Promise.all([
    tokenUrlOf(issuer, options),
    get(issuer, options, cxoneConfiguration, { path: 'cxone-configuration', query: { tenantId } }),
  ]);
  return cxonePlatform({ ...hosts, issuer, tokenUrl });
}

/**
 * Logs in, then discovers the tenant that the id token names. For a service that has an access key and does not know
 * its tenant's id. The login is an {@link AuthClient} with these options.
 *
 * @throws (as rejection) what {@link discoverCxone} and `AuthClient.getToken` reject with; `ResponseValidationError` if
 * the id token is missing or names no tenant.
 *
 * @example
 * ```ts
 * import { HttpClient } from 'agent-assist-sdk';
 * import { connectCxone } from 'agent-assist-sdk/cxone';
 *
 * const accessKey = { id: 'key id', secret: 'key secret' };
 * const { platform, auth } = await connectCxone({ clientId: 'id', clientSecret: 'secret', accessKey });
 * const http = new HttpClient({ platform, auth });
 * ```
 */
export async function connectCxone(options: ConnectCxoneOptions): Promise<CxoneConnection> {
  checkOptions('connectCxone', options, {
    ...requestOptions,
    clientId: 'a string',
    clientSecret: 'a string',
    accessKey: 'an object',
    clientAuthentication: true,
    refreshMarginMs: 'a number',
    store: 'a store with get()',
    issuer: true,
    signal: signalKind,
  });
  const { issuer: givenIssuer = ISSUER, signal, ...authOptions } = options;
  required('accessKey', authOptions.accessKey as AccessKey | undefined);
  const issuer = checkedIssuer(givenIssuer);
  const tokenUrl = await tokenUrlOf(issuer, options);
  const auth = new AuthClient({ clientAuthentication: 'client_secret_basic', ...authOptions, tokenUrl });
  try {
    const tenantId = readIdToken((await auth.getIdToken({ signal })) ?? '')?.tenantId;
    if (tenantId === undefined) {
      const call = { method: 'POST', path: new URL(tokenUrl).pathname, attempts: 1 };
      throw new ResponseValidationError(call, 200, [{ path: 'id_token', message: 'expected the claim tenantId' }]);
    }
    const query = { tenantId };
    const hosts = await get(issuer, options, cxoneConfiguration, { path: 'cxone-configuration', query });
    return { platform: cxonePlatform({ ...hosts, issuer, tokenUrl }), auth };
  } catch (error) {
    await auth.close();
    throw error;
  }
}

type Options = Omit<DiscoverCxoneOptions, 'tenantId'>;

async function tokenUrlOf(issuer: string, options: Options): Promise<string> {
  const isIssuer = z.refine(
    anyString,
    (text) => text.replace(/\/$/, '') === issuer,
    'expected the issuer that was asked',
  );
  const isOnIssuer = (text: string): boolean => URL.canParse(text) && new URL(text).origin === new URL(issuer).origin;
  const tokenEndpoint = z.refine(url, isOnIssuer, 'expected a URL on the host of the issuer');
  const schema = z.looseObject({ issuer: z.optional(z.nullable(isIssuer)), token_endpoint: tokenEndpoint });
  return (await get(issuer, options, schema, { path: 'openid-configuration' })).token_endpoint;
}

async function get<T>(
  issuer: string,
  options: Options,
  response: z.Schema<T>,
  { path, query }: { readonly path: string; readonly query?: Readonly<Record<string, string>> },
): Promise<T> {
  const http = new HttpClient({ ...pickRequestOptions(options), baseUrl: issuer });
  return http.request({ method: 'GET', path: `/.well-known/${path}`, query, response }, { signal: options.signal });
}

const url = z.refine(anyString, isSafeUrl, 'expected an https URL without credentials, query and fragment');
const domain = z.refine(anyString, isDomain, 'expected a domain');
const areaName = z.refine(anyString, (value) => /^[a-z0-9-]{1,20}$/i.test(value), 'expected the name of an area');

function isSafeUrl(text: string): boolean {
  try {
    return checkedIssuer(text) !== '' && !/[?#]/.test(text);
  } catch {
    return false;
  }
}

/** The response's `area` is optional; UserHub's host, which logs in and has the UI, begins with it. */
function areaOf(endpoints: readonly (string | undefined)[], userHubDomain: string): string {
  const hosts = endpoints.flatMap((endpoint) => (endpoint === undefined ? [] : new URL(endpoint).hostname));
  const [area = ''] = hosts.filter((host) => host.replace(/^[^.]+\./, '') === userHubDomain.toLowerCase());
  return area.replace(/\..*/, '');
}

const cxoneConfiguration = z.refine(
  z.map(
    z.looseObject({
      api_endpoint: url,
      auth_endpoint: url,
      ui_endpoint: lenient(url),
      domain,
      uhDomain: domain,
      area: lenient(areaName),
    }),
    ({ api_endpoint, auth_endpoint, ui_endpoint, domain, uhDomain, area }) => ({
      area: (area ?? areaOf([auth_endpoint, ui_endpoint], uhDomain)).toLowerCase(),
      domain,
      userHubDomain: uhDomain,
      acdUrl: api_endpoint.replace(/\/+$/, ''),
    }),
  ),
  ({ area }) => area !== '',
  { path: ['area'], message: 'missing' },
);
