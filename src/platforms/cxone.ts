import type { Platform } from '../http/internal.js';
import { checkOptions } from '../options.js';
import { platformOptions, resolvePlatform, type PlatformDefaults, type PlatformOptions } from './platform.js';
import { originOf } from './urls.js';

const DEFAULTS: PlatformDefaults = {
  basePath: '',
  tokenPath: '/oauth/token',
  streamPath: '/cxoneapi/v2/agentassist/stream',
  streamToken: 'query',
  streamScope: 'agentassist:read',
};

/**
 * Returns the preset of CXone (protocol 1): `https://api.niceincontact.com`, with the stream's token in the query.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid.
 * @example
 * ```ts
 * import { cxone } from 'agent-assist-sdk';
 *
 * cxone();
 * cxone({ host: 'api-na1.niceincontact.com' });
 * ```
 */
export function cxone(options: PlatformOptions = {}): Platform {
  checkOptions('cxone', options, platformOptions);
  return resolvePlatform(DEFAULTS, originOf(options.host ?? 'api.niceincontact.com'), options);
}
