import { cognigy as realCognigy } from '../../src/platforms/cognigy.ts';
import { cxone as realCxone } from '../../src/platforms/cxone.ts';
import type { CognigyOptions, Platform, PlatformOptions } from '../../src/platforms/index.ts';

function local<Options extends CognigyOptions | PlatformOptions>(options: Options): Options {
  const isAway = options.host === undefined && options.baseUrl === undefined;
  return isAway ? { ...options, host: process.env['TENANT_ORIGIN'] ?? '' } : options;
}

/** The preset, on the tenant of the test unless the options name a host. */
export function cognigy(options: CognigyOptions): Platform {
  return realCognigy(local(options));
}

/** The preset, on the tenant of the test unless the options name a host. */
export function cxone(options: PlatformOptions = {}): Platform {
  return realCxone(local(options));
}
