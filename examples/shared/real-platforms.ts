import { NotSupportedError, type Platform } from 'agent-assist-sdk';
import { cognigyAi } from 'agent-assist-sdk/cognigy';
import { cxoneArea } from 'agent-assist-sdk/cxone';
import type { PlatformName } from './environment.ts';

type Call = keyof NonNullable<Platform['unsupported']>;

/** The unsupported calls are the same in each environment and area of a platform. */
const unsupportedOf: Readonly<Record<PlatformName, () => Pick<Platform, 'name' | 'unsupported'>>> = {
  documents: () => ({ name: "This project's protocol" }),
  cognigy: () => cognigyAi({ environment: 'trial' }),
  cxone: () => cxoneArea({ area: 'na1' }),
};

/**
 * Ends an example at once on a platform without the call that it is about.
 *
 * @throws `NotSupportedError` with what to do instead.
 */
export function requireCall(platform: PlatformName, call: Call): void {
  const { name = platform, unsupported } = unsupportedOf[platform]();
  const instead = unsupported?.[call];
  if (instead !== undefined) throw new NotSupportedError(name, call, instead);
}

/** Prints what an example leaves out on a platform, and whether the platform is embedded. */
export function announce(platform: PlatformName, isEmbedded: boolean, leftOut: readonly string[]): void {
  const { name = platform } = unsupportedOf[platform]();
  console.error(`Platform: ${name}${isEmbedded ? ', embedded, because the environment has no account' : ''}`);
  for (const what of leftOut) console.error(`Left out: ${what}`);
}
