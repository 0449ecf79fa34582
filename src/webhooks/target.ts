import { RequestValidationError, type Issue } from '../errors.js';
import { addressKind, type AddressKind } from './special-addresses.js';

/** What {@link assertWebhookTarget} lets through besides public https URLs. */
export interface WebhookTargetOptions {
  /** Allows loopback hosts, also by http, for development and tests. Default false. */
  readonly allowLoopbackHttp?: boolean | undefined;
  /**
   * Allows loopback, private (RFC 1918, RFC 6598, RFC 4193) and link-local addresses and names of the local network,
   * by https. Default false.
   */
  readonly allowPrivateNetworks?: boolean | undefined;
}

/** Names that are no one's on the public internet: special uses (RFC 6762, 8375, 9476, ICANN's `internal`), and what networks use. */
const LOCAL_NAME = /^[^.]+$|\.(?:local|localdomain|internal|intranet|private|corp|home|lan|svc|home\.arpa)$/;

/** @internal What kind of host a URL's hostname is; a name is judged by itself and not resolved. */
export function hostKind(hostname: string): AddressKind {
  const address = addressKind(hostname);
  if (address !== undefined) return address;
  const name = hostname.replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return LOCAL_NAME.test(name) ? 'private' : 'public';
}

/** @internal Whether a host of this kind may be called. */
export function isAllowedKind(kind: AddressKind, options: WebhookTargetOptions): boolean {
  if (kind === 'loopback' && options.allowLoopbackHttp === true) return true;
  return kind === 'public' || (kind !== 'unusable' && options.allowPrivateNetworks === true);
}

/**
 * Checks where a webhook is to be sent: https (http only to loopback hosts, where allowed), no credentials in the URL,
 * no address that belongs to the machine or its network and no name such as `localhost`, `intranet`, `*.local`,
 * `*.internal`, `*.svc` or `*.corp`, unless allowed; every spelling of an address counts.
 *
 * A DNS name is not resolved here: one that points to a private address passes. Where targets come from strangers, send
 * through `createGuardedAgent` of `agent-assist-sdk/node`, which checks the address that it connects to, or through an
 * egress proxy. Redirects are never followed.
 *
 * @returns the URL.
 * @throws `RequestValidationError` with every broken rule.
 *
 * @example
 * ```ts
 * import { assertWebhookTarget } from 'agent-assist-sdk/webhooks';
 *
 * assertWebhookTarget('https://coaching.example.com/webhook');
 * assertWebhookTarget('http://127.0.0.1:8080/', { allowLoopbackHttp: true });
 * ```
 */
export function assertWebhookTarget(url: string | URL, options: WebhookTargetOptions = {}): URL {
  const refuse = (messages: readonly string[]): never => {
    throw new RequestValidationError(
      'webhook target',
      messages.map((message): Issue => ({ path: 'url', message })),
    );
  };
  let target: URL;
  try {
    target = new URL(url);
  } catch {
    return refuse(['not a valid URL']);
  }
  const kind = hostKind(target.hostname);
  const loopback = kind === 'loopback' && options.allowLoopbackHttp === true;
  const problems: string[] = [];
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && loopback)) {
    problems.push(
      kind === 'loopback' && target.protocol === 'http:'
        ? 'http to a loopback host is not allowed here'
        : 'expected https',
    );
  }
  if (target.username !== '' || target.password !== '') problems.push('must not contain credentials');
  if (kind === 'unusable') problems.push('the address is not one of a public host');
  else if (!isAllowedKind(kind, options)) {
    problems.push('private, link-local and loopback hosts are not allowed here');
  }
  if (problems.length > 0) refuse(problems);
  return target;
}
