import { ApiError, OAuthError, ResponseValidationError, type ApiErrorInfo } from '../errors.js';
import {
  checkEncrypted,
  HttpClient,
  parseBaseUrl,
  pickRequestOptions,
  readErrorAnswer,
  refusesClient,
  type AccessToken,
} from '../http/internal.js';
import type { TokenRequest } from './credentials.js';
import { tokenGrant } from './schemas.js';
import type { TokenEndpointOptions } from './types.js';

/** Codes of RFC 6749 §5.2 and its extensions are lower case; frameworks answer `Bad Request` or `Unauthorized`. */
const OAUTH_CODE = /^[a-z_]+$/;

/**
 * Returns the function that requests tokens from a token endpoint. A retry is safe: at worst it yields an unused token. It
 * rejects with `OAuthError` if the endpoint refuses; otherwise as `HttpClient.request` does.
 *
 * @throws `ConfigurationError` if the URL contains credentials or a fragment, or would send credentials unencrypted.
 */
export function tokenFetcher(
  tokenUrl: URL,
  request: TokenRequest,
  options: TokenEndpointOptions,
): (signal: AbortSignal) => Promise<AccessToken> {
  const withoutQuery = new URL(tokenUrl);
  withoutQuery.search = '';
  const { allowInsecureRequests } = options;
  checkEncrypted('tokenUrl', tokenUrl, allowInsecureRequests);
  const baseUrl = parseBaseUrl(withoutQuery, 'tokenUrl');
  const http = new HttpClient({ ...pickRequestOptions(options), baseUrl, allowInsecureRequests });
  return async (signal) => {
    let issued = { issuedAt: 0, issuedAtMonotonic: 0 };
    let body: unknown;
    let error: unknown;
    try {
      const grant = await http.request(
        {
          method: 'POST',
          path: tokenUrl.pathname.endsWith('/') ? '/' : '',
          query: tokenUrl.searchParams,
          ...request,
          response: tokenGrant((given) => (body = given)),
          safeToRepeat: true,
          // The lifetime counts from the successful attempt, not from an earlier one that failed.
          beforeAttempt: () => {
            issued = { issuedAt: http.clock.now(), issuedAtMonotonic: http.clock.monotonic() };
            return Promise.resolve();
          },
        },
        { signal },
      );
      return { ...grant, ...issued };
    } catch (failure) {
      error = asOAuthError(failure, body, request);
      throw error;
    } finally {
      http.instruments?.record({ type: 'token_refresh', error });
    }
  };
}

/**
 * Turns a refusal of the token endpoint into an `OAuthError`; returns any other error unchanged. Some endpoints send their
 * refusals with the status 200, in `body`.
 */
function asOAuthError(failure: unknown, body: unknown, { form, secrets }: TokenRequest): unknown {
  let refusal: ApiErrorInfo;
  if (failure instanceof ResponseValidationError) {
    // Only these fields mean a refusal: the body may have a `code` of success, or a message that quotes its token.
    const { error, error_description } = Object(body) as Readonly<Record<string, unknown>>;
    const { ...call } = failure;
    refusal = { ...call, ...readErrorAnswer({ headers: new Headers() }, { error, error_description }, secrets) };
  } else if (failure instanceof ApiError && refusesClient(failure)) refusal = failure;
  else return failure;
  const { serverCode: code = '', serverMessage } = refusal;
  if (!OAUTH_CODE.test(code)) return failure;
  const scope = form?.get('scope');
  const description = serverMessage === undefined || serverMessage === code ? '' : `: ${serverMessage}`;
  const asked = code === 'invalid_scope' && scope ? ` (requested: ${scope})` : '';
  return new OAuthError(refusal, `The token endpoint returned ${code}${description}${asked}`);
}
