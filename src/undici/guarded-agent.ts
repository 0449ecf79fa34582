import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent, buildConnector } from 'undici';
import { ConfigurationError } from '../errors.js';
import { hostKind, isAllowedKind, targetOptions } from '../webhooks/target.js';
import type { WebhookTargetOptions } from '../webhooks/types.js';
import { checkOptions } from '../options.js';

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Returns the URL hostname of an address; `undefined` if no URL can have it, e.g. with a zone. */
function urlHost({ address, family }: LookupAddress): string | undefined {
  const url = URL.parse(`http://${family === 6 ? `[${address}]` : address}`);
  return url?.hostname;
}

/**
 * Creates an undici `Agent` that connects only to public addresses. It resolves a name once, checks all its addresses,
 * and connects to one of them. So a name that points into your network is refused, even if it changes between check and
 * connection (DNS rebinding).
 *
 * Use it for targets chosen by untrusted users, such as webhooks. Close it when it is no longer needed.
 *
 * @param options - the addresses that are allowed in addition to public ones.
 *
 * @example
 * ```ts
 * import { NodeTransport, createGuardedAgent } from 'agent-assist-sdk/undici';
 * import { WebhookNotifier } from 'agent-assist-sdk/webhooks';
 *
 * await using dispatcher = createGuardedAgent();
 * const transport = new NodeTransport({ dispatcher });
 * const notifier = new WebhookNotifier({ transport: transport.send });
 * ```
 */
export function createGuardedAgent(options: WebhookTargetOptions = {}): Agent & AsyncDisposable {
  checkOptions('createGuardedAgent', options, targetOptions);
  const isAllowed = (hostname: string | undefined): boolean =>
    hostname !== undefined && isAllowedKind(hostKind(hostname), options);
  const refusal = (hostname: string): Error =>
    new ConfigurationError(`${hostname} is, or points to, an address that is not allowed here`);

  const lookup = (hostname: string, lookupOptions: LookupOptions, callback: LookupCallback): void => {
    resolve(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error !== null) callback(error, []);
      else if (!addresses.every((address) => isAllowed(urlHost(address)))) callback(refusal(hostname), []);
      else if (lookupOptions.all === true) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
  // The core limits each attempt, including the connection.
  const connect = buildConnector({ lookup, timeout: 0 });
  const agent = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (target, callback) => {
      // An address is connected to without a lookup.
      const host =
        target.hostname.includes(':') && !target.hostname.startsWith('[') ? `[${target.hostname}]` : target.hostname;
      if (isAllowed(host)) connect(target, callback);
      else callback(refusal(target.hostname), null);
    },
  });
  return Object.assign(agent, { [Symbol.asyncDispose]: () => agent.close() });
}
