import { ConfigurationError } from '../../errors.js';
import type { Clock } from '../../http/clock.js';
import { checkOptions } from '../../options.js';
import type { CxoneUser } from './account.js';
import type { ExpertKeys } from './expert.js';
import type { CxoneNames } from './hosts.js';
import type { CxoneAccessKey, CxoneClient } from './login.js';

/** Options of `startCxone`. */
export interface CxoneOptions {
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number | undefined;
  /** Registered applications; by default one, see `Cxone.credentials`. */
  readonly clients?: readonly CxoneClient[] | undefined;
  /** Access keys; by default one, see `Cxone.credentials`. */
  readonly accessKeys?: readonly CxoneAccessKey[] | undefined;
  /** The user that tokens are for; an agent by default. */
  readonly user?: Partial<CxoneUser> | undefined;
  /** Id of the tenant. */
  readonly tenantId?: string | undefined;
  /** Names of the hosts; under `cxone.test` by default. */
  readonly names?: Partial<CxoneNames> | undefined;
  /** Keys of CXone Expert. */
  readonly expertKeys?: ExpertKeys | undefined;
  /** Feature toggles that are on; none by default. */
  readonly toggledFeatures?: readonly string[] | undefined;
  /** Lifetime of access tokens, in seconds; 3600 by default. */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** How many requests are kept in `Cxone.requests`; 10,000 by default. */
  readonly maxRecordedRequests?: number | undefined;
  /** Origin that browsers may call from (CORS), `*` for any; none by default. */
  readonly allowOrigin?: string | undefined;
  /** Source of time; the system's clock by default. */
  readonly clock?: Clock | undefined;
}

const knownOptions: Readonly<Record<keyof CxoneOptions, true>> = {
  port: true,
  clients: true,
  accessKeys: true,
  user: true,
  tenantId: true,
  names: true,
  expertKeys: true,
  toggledFeatures: true,
  tokenLifetimeSeconds: true,
  maxRecordedRequests: true,
  allowOrigin: true,
  clock: true,
};

/** @internal */
export function checkCxoneOptions(options: CxoneOptions): void {
  checkOptions('startCxone', options, knownOptions);
  const { tokenLifetimeSeconds, maxRecordedRequests } = options;
  for (const [name, value] of Object.entries({ tokenLifetimeSeconds, maxRecordedRequests })) {
    if (value !== undefined && !(value > 0)) throw new ConfigurationError(`${name} must be more than 0`);
  }
}
