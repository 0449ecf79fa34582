import { ApiError, OAuthError } from '../errors.js';
import {
  checkEncrypted,
  HttpClient,
  parseBaseUrl,
  pickRequestOptions,
  type AccessToken,
  type Clock,
  type HttpClientOptions,
  type RequestOptions,
} from '../http/internal.js';
import type { TokenRequest } from './credentials.js';
import { tokenGrant } from './schemas.js';

/** Options of `HttpClient` that apply to requests to the token endpoint. */
export type TokenEndpointOptions = RequestOptions & Pick<HttpClientOptions, 'allowInsecureRequests'>;

/** Codes of RFC 6749 §5.2 and its extensions are lower case; frameworks answer `Bad Request` or `Unauthorized`. */
const OAUTH_CODE = /^[a-z_]+$/;
const REFUSALS: readonly number[] = [400, 401, 403];

/** Requests tokens from a token endpoint. A retry is safe: at worst it yields an unused token. */
export class TokenEndpoint {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #query: URLSearchParams;

  /**
   * @throws `ConfigurationError` if the URL contains credentials or a fragment, or would send credentials unencrypted.
   */
  constructor(tokenUrl: URL, options: TokenEndpointOptions) {
    const withoutQuery = new URL(tokenUrl);
    withoutQuery.search = '';
    const { allowInsecureRequests } = options;
    checkEncrypted('tokenUrl', tokenUrl, allowInsecureRequests);
    const baseUrl = parseBaseUrl(withoutQuery, 'tokenUrl');
    this.#http = new HttpClient({ ...pickRequestOptions(options), baseUrl, allowInsecureRequests });
    this.#clock = this.#http.clock;
    this.#path = tokenUrl.pathname.endsWith('/') ? '/' : '';
    this.#query = tokenUrl.searchParams;
  }

  /** @throws `OAuthError` if the endpoint refuses; otherwise what `HttpClient.request` throws. */
  async fetch(request: TokenRequest, signal: AbortSignal): Promise<AccessToken> {
    let issuedAt = 0;
    let issuedAtMonotonic = 0;
    let error: unknown;
    try {
      const { accessToken, idToken, lifetimeMs } = await this.#http.request(
        {
          method: 'POST',
          path: this.#path,
          query: this.#query,
          ...request,
          response: tokenGrant,
          safeToRepeat: true,
          // The lifetime counts from the successful attempt, not from an earlier one that failed.
          beforeAttempt: () => {
            issuedAt = this.#clock.now();
            issuedAtMonotonic = this.#clock.monotonic();
            return Promise.resolve();
          },
        },
        { signal },
      );
      return { value: accessToken, idToken, lifetimeMs, issuedAt, issuedAtMonotonic };
    } catch (failure) {
      error = asOAuthError(failure, request.form?.get('scope'));
      throw error;
    } finally {
      this.#http.instruments?.record({ type: 'token_refresh', error });
    }
  }
}

/** Turns a refusal of the token endpoint into an `OAuthError`; returns any other error unchanged. */
function asOAuthError(error: unknown, scope: string | null | undefined): unknown {
  if (!(error instanceof ApiError) || !REFUSALS.includes(error.status)) return error;
  const { serverCode: code, serverMessage } = error;
  if (code === undefined || !OAUTH_CODE.test(code)) return error;
  const description = serverMessage === undefined || serverMessage === code ? '' : `: ${serverMessage}`;
  const asked = code === 'invalid_scope' && scope ? ` (asked for: ${scope})` : '';
  return new OAuthError(error, `The token endpoint refused with ${code}${description}${asked}`);
}
