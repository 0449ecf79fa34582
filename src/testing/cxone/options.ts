import { ConfigurationError } from '../../errors.js';
import type { Clock } from '../../http/clock.js';
import { checkOptions } from '../../options.js';
import type { CxoneUser } from './account.js';
import type { ExpertKeys } from './expert.js';
import type { CxoneNames } from './hosts.js';
import type { CxoneAccessKey, CxoneClient } from './login.js';

/** Options of `startCxone`. */
export interface CxoneOptions {
  /**
   * Port on 127.0.0.1.
   *
   * @defaultValue a free one
   */
  readonly port?: number | undefined;
  /**
   * Registered applications.
   *
   * @defaultValue one, see `Cxone.credentials`
   */
  readonly clients?: readonly CxoneClient[] | undefined;
  /**
   * Access keys.
   *
   * @defaultValue one, see `Cxone.credentials`
   */
  readonly accessKeys?: readonly CxoneAccessKey[] | undefined;
  /**
   * The user of the tokens.
   *
   * @defaultValue an agent
   */
  readonly user?: Partial<CxoneUser> | undefined;
  /** Id of the tenant. */
  readonly tenantId?: string | undefined;
  /**
   * Names of the hosts.
   *
   * @defaultValue under `cxone.test`
   */
  readonly names?: Partial<CxoneNames> | undefined;
  /** Keys of CXone Expert. */
  readonly expertKeys?: ExpertKeys | undefined;
  /**
   * Enabled feature toggles.
   *
   * @defaultValue none
   */
  readonly toggledFeatures?: readonly string[] | undefined;
  /**
   * Lifetime of access tokens, in seconds.
   *
   * @defaultValue 3600
   */
  readonly tokenLifetimeSeconds?: number | undefined;
  /**
   * Limit of `Cxone.requests`.
   *
   * @defaultValue 10,000
   */
  readonly maxRecordedRequests?: number | undefined;
  /**
   * Origin allowed for browsers (CORS), `*` for any.
   *
   * @defaultValue none
   */
  readonly allowOrigin?: string | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system clock
   */
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
