import { fromBase64Url } from '../bytes.js';
import { isRecord, readJson } from '../json.js';
import { id } from './fields.js';
import { checkKind } from '../options.js';

/** The user of an id token, in CXone's claims. */
export interface CxoneIdentity {
  /** Id of the tenant, a UUID. */
  readonly tenantId: string | undefined;
  /** Id of the user, a UUID: the claim `userId`, else `sub` without `user:`. */
  readonly userId: string | undefined;
  /** Id of the user as an agent; prefix of Copilot's topics. */
  readonly agentId: string | undefined;
  /** Number of the business unit. */
  readonly businessUnitId: string | undefined;
  /** Id of the ACD's cluster, e.g. `C31`. */
  readonly clusterId: string | undefined;
  /** All claims of the token. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Reads the claims of an id token (RFC 7519 §4). Its signature is **not** checked: read only tokens that come from the
 * token endpoint, e.g. by `AuthClient.getIdToken`.
 *
 * @returns `undefined` if the text is not a JSON Web Token.
 * @throws `ConfigurationError` for a value that is not a text, e.g. the `undefined` of a login without an id token.
 */
export function readIdToken(idToken: string): CxoneIdentity | undefined {
  checkKind('idToken', idToken, 'a string');
  const claims = readJson(decoded(idToken.split('.')[1] ?? ''));
  if (!isRecord(claims)) return undefined;
  const claim = (name: string): string | undefined => id(claims[name]);
  return {
    tenantId: claim('tenantId'),
    userId: claim('userId') ?? claim('sub')?.replace(/^user:/, ''),
    agentId: claim('icAgentId'),
    businessUnitId: claim('icBUId'),
    clusterId: claim('icClusterId'),
    claims,
  };
}

/** Decodes base64url (RFC 4648 §5); returns an empty text for anything else. */
function decoded(base64url: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(fromBase64Url(base64url));
  } catch {
    return '';
  }
}
