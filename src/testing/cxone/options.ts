import { checkServerOptions, type EmbeddedServerOptions } from '../server/embedded-server.js';
import type { CxoneUser } from './account.js';
import type { ExpertKeys } from './expert.js';
import type { CxoneNames } from './hosts.js';
import type { CxoneAccessKey, CxoneClient } from './login.js';

/** Options of `startCxone`. */
export interface CxoneOptions extends EmbeddedServerOptions {
  /** Registered applications. @defaultValue one, see `Cxone.credentials` */
  readonly clients?: readonly CxoneClient[] | undefined;
  /** Access keys. @defaultValue one, see `Cxone.credentials` */
  readonly accessKeys?: readonly CxoneAccessKey[] | undefined;
  /** The user of the tokens. @defaultValue an agent */
  readonly user?: Partial<CxoneUser> | undefined;
  readonly tenantId?: string | undefined;
  /** Names of the hosts. @defaultValue under `cxone.test` */
  readonly names?: Partial<CxoneNames> | undefined;
  readonly expertKeys?: ExpertKeys | undefined;
  /** Enabled feature toggles. @defaultValue none */
  readonly toggledFeatures?: readonly string[] | undefined;
}

/** @internal */
export function checkCxoneOptions(options: CxoneOptions): void {
  checkServerOptions('startCxone', options, {
    clients: true,
    accessKeys: true,
    user: true,
    tenantId: true,
    names: true,
    expertKeys: true,
    toggledFeatures: true,
  });
}
