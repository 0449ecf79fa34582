import { ConfigurationError } from '../errors.js';
import { formEncoded } from '../http/internal.js';
import { required } from '../options.js';

/**
 * How a client proves to the token endpoint who it is. `client_secret_post` puts id and secret into the form, and
 * `client_secret_basic` into an `Authorization: Basic` header, each percent-encoded first (RFC 6749 §2.3.1).
 * `access_key_json` is for CXone's older access-key endpoint: id and secret are those of an access key, and the request is
 * the JSON `{accessKeyId, accessKeySecret}`.
 */
export type ClientAuthentication = 'client_secret_post' | 'client_secret_basic' | 'access_key_json';

/** An access key of a CXone user. */
export interface AccessKey {
  /** Id of the key. `undefined` is refused. */
  readonly id: string | undefined;
  /** Secret of the key. `undefined` is refused. */
  readonly secret: string | undefined;
}

/** Id and secret of a client, checked, and how they are sent. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly accessKey: { readonly id: string; readonly secret: string } | undefined;
}

/** The parts of a token request that depend on the credentials. */
export interface TokenRequest {
  readonly form?: URLSearchParams;
  readonly json?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** What the server must not quote. */
  readonly secrets: readonly string[];
}

/** RFC 6749 §3.3: visible ASCII without quotation mark and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Checks id and secret.
 *
 * @throws `ConfigurationError` that names the option and never its value.
 */
export function checkedCredentials(options: {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly clientAuthentication?: ClientAuthentication | undefined;
  readonly accessKey?: AccessKey | undefined;
}): ClientCredentials {
  const { accessKey } = options;
  const { clientAuthentication = accessKey === undefined ? 'client_secret_post' : 'client_secret_basic' } = options;
  const clientId = checkedText('clientId', options.clientId);
  const clientSecret = checkedText('clientSecret', options.clientSecret);
  // Callers without a type checker, and options from an environment, can hold anything.
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

function checkedText(name: string, value: string | undefined): string {
  const text = required(name, value);
  if (typeof text !== 'string') throw new ConfigurationError(`${name}: expected a string`);
  return text;
}

/**
 * Checks scopes and drops those that are named twice.
 *
 * @throws `ConfigurationError` that names the option, and the position where it has one.
 */
export function checkedScopes(scopes: readonly string[] = []): readonly string[] {
  // The wire has them as one text, and so has many an environment.
  if (typeof scopes === 'string') throw new ConfigurationError('scopes: expected an array of strings');
  scopes.forEach((scope, index) => {
    if (typeof scope !== 'string' || !SCOPE.test(scope)) {
      throw new ConfigurationError(`scopes[${index}]: expected visible ASCII characters without space, " and \\`);
    }
  });
  return [...new Set(scopes)];
}

/** What can stand in a header as a token; anything else `fetch` refuses with an error that quotes it. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Whether a token can stand in a header. */
export function isToken(value: string): boolean {
  return TOKEN.test(value);
}

/**
 * Checks a token or key that an option supplies.
 *
 * @throws `ConfigurationError` that names the option and never its value.
 */
export function checkedToken(name: string, value: string | undefined): string {
  const token = required(name, value);
  if (typeof token !== 'string' || !isToken(token))
    throw new ConfigurationError(`${name}: expected visible ASCII characters`);
  return token;
}

/** The request for a token: client credentials (protocol 2), or the password grant with an access key. */
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
