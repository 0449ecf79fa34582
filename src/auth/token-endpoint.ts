import { ApiError, OAuthError } from '../errors.js';
import {
  checkEncrypted,
  HttpClient,
  parseBaseUrl,
  pickRequestOptions,
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
    let error: unknown;
    try {
      const grant = await http.request(
        {
          method: 'POST',
          path: tokenUrl.pathname.endsWith('/') ? '/' : '',
          query: tokenUrl.searchParams,
          ...request,
          response: tokenGrant,
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
      error = asOAuthError(failure, request.form?.get('scope'));
      throw error;
    } finally {
      http.instruments?.record({ type: 'token_refresh', error });
    }
  };
}

/** Turns a refusal of the token endpoint into an `OAuthError`; returns any other error unchanged. */
function asOAuthError(error: unknown, scope: string | null | undefined): unknown {
  if (!(error instanceof ApiError) || !refusesClient(error)) return error;
  const { serverCode: code, serverMessage } = error;
  if (code === undefined || !OAUTH_CODE.test(code)) return error;
  const description = serverMessage === undefined || serverMessage === code ? '' : `: ${serverMessage}`;
  const asked = code === 'invalid_scope' && scope ? ` (requested: ${scope})` : '';
  return new OAuthError(error, `The token endpoint returned ${code}${description}${asked}`);
}
