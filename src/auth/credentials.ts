import { ConfigurationError } from '../errors.js';
import { formEncoded, isToken } from '../http/internal.js';
import { checkedText, required } from '../options.js';
import type { AuthClientOptions, ClientAuthentication } from './types.js';

/** The parts of a token request that depend on the credentials. */
export interface TokenRequest {
  readonly form?: URLSearchParams;
  readonly json?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Values that must not appear in errors or logs. */
  readonly secrets: readonly string[];
}

/** Validated client id and secret, and how they are sent. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly accessKey: { readonly id: string; readonly secret: string } | undefined;
}

type CredentialOptions = Pick<AuthClientOptions, 'clientId' | 'clientSecret' | 'clientAuthentication' | 'accessKey'>;

/** RFC 6749 §3.3: visible ASCII without quotation mark and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Checks id and secret. @throws `ConfigurationError`, which names the option but not its value. */
export function checkedCredentials(options: CredentialOptions): ClientCredentials {
  const { accessKey } = options;
  const { clientAuthentication = accessKey === undefined ? 'client_secret_post' : 'client_secret_basic' } = options;
  const clientId = checkedText('clientId', options.clientId);
  const clientSecret = checkedText('clientSecret', options.clientSecret);
  // Callers without TypeScript, and options from the environment, can hold anything.
  const known = ['client_secret_post', 'client_secret_basic', ...(accessKey === undefined ? ['access_key_json'] : [])];
  if (!known.includes(clientAuthentication)) {
    throw new ConfigurationError(`clientAuthentication: expected ${known.join(' or ')}`);
  }
  return {
    clientId,
    clientSecret,
    clientAuthentication,
    accessKey: accessKey && {
      id: checkedText('accessKey.id', accessKey.id),
      secret: checkedText('accessKey.secret', accessKey.secret),
    },
  };
}

/** Checks scopes and removes duplicates. @throws `ConfigurationError`, which names the option and the position. */
export function checkedScopes(scopes: readonly string[] = []): readonly string[] {
  scopes.forEach((scope, index) => {
    if (!SCOPE.test(scope)) {
      throw new ConfigurationError(`scopes[${index}]: expected visible ASCII characters without space, " and \\`);
    }
  });
  return [...new Set(scopes)];
}

/** Checks a token or key of an option. @throws `ConfigurationError`, which names the option but not its value. */
export function checkedToken(name: string, value: string | undefined): string {
  const token = required(name, value);
  if (!isToken(token)) throw new ConfigurationError(`${name}: expected visible ASCII characters`);
  return token;
}

/** Creates a token request: client credentials (protocol 2), or the password grant with an access key. */
export function tokenRequest(credentials: ClientCredentials, scopes: readonly string[]): TokenRequest {
  const { clientId, clientSecret, clientAuthentication, accessKey } = credentials;
  const basic = btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`);
  const secrets = [clientSecret, basic, accessKey?.secret ?? ''];
  if (clientAuthentication === 'access_key_json') {
    return { json: { accessKeyId: clientId, accessKeySecret: clientSecret }, headers: {}, secrets };
  }
  const form = new URLSearchParams(
    accessKey === undefined
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'password', username: accessKey.id, password: accessKey.secret },
  );
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (clientAuthentication === 'client_secret_post') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
    return { form, headers: {}, secrets };
  }
  return { form, headers: { authorization: `Basic ${basic}` }, secrets };
}
