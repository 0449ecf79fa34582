/**
 * Access tokens: OAuth client credentials, API keys and tokens obtained elsewhere.
 *
 * Guide: [Authentication](../../docs/authentication.md).
 *
 * @module agent-assist-sdk/auth
 */

export {
  ApiKeyAuth,
  StaticTokenAuth,
  type ApiKeyAuthOptions,
  type StaticTokenAuthOptions,
} from './fixed-credentials.js';
export { AuthClient } from './client.js';
export type { AccessKey, AuthClientOptions, ClientAuthentication } from './types.js';
