import { NotSupportedError, type Platform } from 'agent-assist-sdk';
import { cognigyAi } from 'agent-assist-sdk/cognigy';
import { cxoneArea } from 'agent-assist-sdk/cxone';
import type { PlatformName } from './environment.ts';

type Call = keyof NonNullable<Platform['unsupported']>;

/** What a platform does not have is the same in each of its environments and areas. */
const unsupportedOf: Readonly<Record<PlatformName, () => Pick<Platform, 'name' | 'unsupported'>>> = {
  documents: () => ({ name: "The documents' protocol" }),
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

/** Says at start what an example leaves out on a platform, and where it is embedded. */
export function announce(platform: PlatformName, isEmbedded: boolean, leftOut: readonly string[]): void {
  const { name = platform } = unsupportedOf[platform]();
  console.error(`Platform: ${name}${isEmbedded ? ', embedded since no account is in the environment' : ''}`);
  for (const what of leftOut) console.error(`Left out: ${what}`);
}
