import { ConfigurationError } from '../errors.js';
import type { Platform } from '../http/internal.js';
import { checkKind, checkOptions } from '../options.js';
import { platformOptions, resolvePlatform, type PlatformDefaults, type PlatformOptions } from './platform.js';
import { checkedLabel, originOf } from './urls.js';

/** Options of {@link cognigy}. One of `tenant`, `host` and `baseUrl` is required. */
export interface CognigyOptions extends PlatformOptions {
  /** Name of the tenant, a single DNS label: `acme` for `acme.cognigy.ai`. */
  readonly tenant?: string | undefined;
  /**
   * Host of all URLs, with an optional port, e.g. `assist.example.com` or `127.0.0.1:8443`. A host that
   * begins with a dot is appended to the tenant's name: `.cognigy.com`. The prefix `http://` turns TLS off; for another
   * machine the clients then need `allowInsecureRequests`.
   */
  readonly host?: string | undefined;
}

const DEFAULTS: PlatformDefaults = {
  basePath: '/api/v1',
  tokenPath: '/api/v1/oauth/token',
  streamPath: '/api/v1/streaming/agentassist',
  streamToken: 'header',
  streamScope: 'streaming:subscribe',
};

function origin({ tenant, host, baseUrl }: CognigyOptions): string {
  const name = tenant === undefined ? undefined : checkedLabel('tenant', tenant, 'acme for https://acme.cognigy.ai');
  if (host !== undefined) checkKind('host', host, 'a string', 'a host name');
  if (host !== undefined && !host.startsWith('.')) return originOf(host);
  if (name !== undefined) return originOf(name + (host ?? '.cognigy.ai'));
  if (host !== undefined) throw new ConfigurationError('tenant: missing; a host that begins with a dot needs one');
  if (baseUrl !== undefined) return '';
  throw new ConfigurationError('tenant: missing; pass tenant, host or baseUrl');
}

/**
 * Returns the preset of Cognigy.AI (protocol 1): `https://{tenant}.cognigy.ai/api/v1`, with the stream's token in a
 * header. Options replace the values that differ on your tenant.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid, or if no tenant, host or base URL is given.
 *
 * @example
 * ```ts
 * import { cognigy } from 'agent-assist-sdk';
 *
 * cognigy({ tenant: 'acme' });
 * cognigy({ tenant: 'acme', host: '.cognigy.com', tokenPath: '/api/v1/auth/token' });
 * cognigy({ baseUrl: 'http://127.0.0.1:8080/api/v1' }); // the stream is at ws://127.0.0.1:8080/…
 * ```
 */
export function cognigy(options: CognigyOptions): Platform {
  checkOptions('cognigy', options, { ...platformOptions, tenant: 'a string' });
  if (options.baseUrl !== undefined && /^https?:\/\/[^/]+\.cognigy\.(?:ai|com)\/?$/i.test(String(options.baseUrl)))
    throw new ConfigurationError('baseUrl: expected the path /api/v1 after the host; or pass tenant instead');
  return resolvePlatform(DEFAULTS, origin(options), options);
}
