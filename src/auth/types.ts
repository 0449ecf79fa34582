import type { HttpClientOptions, KeyValueStore, Platform, RequestOptions } from '../http/internal.js';

/**
 * How a client authenticates to the token endpoint. `client_secret_post` sends id and secret in the form.
 * `client_secret_basic` sends them in an `Authorization: Basic` header, each percent-encoded first (RFC 6749 §2.3.1).
 * `access_key_json` is for CXone's older access-key endpoint: id and secret are those of an access key, and the request
 * is the JSON `{accessKeyId, accessKeySecret}`.
 */
export type ClientAuthentication = 'client_secret_post' | 'client_secret_basic' | 'access_key_json';

/** An access key of a CXone user. */
export interface AccessKey {
  /** Access key id. `undefined` is refused. */
  readonly id: string | undefined;
  /** Access key secret. `undefined` is refused. */
  readonly secret: string | undefined;
}

/** Options of `HttpClient` that apply to requests to the token endpoint. */
export type TokenEndpointOptions = RequestOptions & Pick<HttpClientOptions, 'allowInsecureRequests'>;

/**
 * Options of `AuthClient`. `platform` or `tokenUrl` is required. Time limits, retries, transport, logger, clock
 * and random source are those of `HttpClient` and apply to the token endpoint.
 */
export interface AuthClientOptions extends TokenEndpointOptions {
  /** The platform that issues the tokens: the result of a preset such as `cognigy()`. */
  readonly platform?: Pick<Platform, 'tokenUrl' | 'clientAuthentication'> | undefined;
  /**
   * URL of the token endpoint. It may have a query, but no credentials and no fragment (protocol 2).
   *
   * @defaultValue the platform's
   */
  readonly tokenUrl?: string | URL | undefined;
  /** Client id. `undefined`, as from an unset environment variable, is refused. */
  readonly clientId: string | undefined;
  /** Client secret. `undefined` is refused. */
  readonly clientSecret: string | undefined;
  /**
   * Access key of a CXone user. Tokens then come from the password grant (RFC 6749 §4.3), authenticated with the client
   * id and secret. The token has the rights of the key's user, so there are no scopes.
   */
  readonly accessKey?: AccessKey | undefined;
  /** Requested scopes. @defaultValue none: the server decides */
  readonly scopes?: readonly string[] | undefined;
  /**
   * How the client authenticates to the token endpoint.
   *
   * @defaultValue the platform's, else `client_secret_basic` with an access key and `client_secret_post` without
   */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /**
   * Margin before the expiry of a token in ms. A call within the margin still uses the token and refreshes it in the
   * background. If a token lives less than twice the margin, the margin is a tenth of its lifetime.
   *
   * @defaultValue 60,000
   */
  readonly refreshMarginMs?: number | undefined;
  /**
   * Shares the token with other processes: `encryptedStore` from `agent-assist-sdk/http` around any
   * {@link KeyValueStore}. With a store that has `add`, processes that start together make one token request. When a
   * server refuses a token, no process sends it again; for this, each call reads one key of the store.
   *
   * @defaultValue none
   *
   * @example
   * ```ts
   * import { AuthClient, cognigy } from 'agent-assist-sdk';
   * import { encryptedStore } from 'agent-assist-sdk/http';
   * import { redisStore } from 'agent-assist-sdk/redis';
   * import { Redis } from 'ioredis';
   *
   * const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1');
   * const store = encryptedStore(redisStore(redis), { keys: [process.env['TOKEN_STORE_KEY']] });
   * const auth = new AuthClient({ platform: cognigy({ tenant: 'acme' }), clientId: 'id', clientSecret: 'secret', store });
   * ```
   */
  readonly store?: KeyValueStore | undefined;
}
