import { cognigyAi, type CognigyAiPlatform } from 'agent-assist-sdk/cognigy';
import { startCognigy, type CognigyTenant } from 'agent-assist-sdk/testing';
import { readTogether, variable } from './environment.ts';

/** Values of an installation by the names of their variables, and their values on an embedded one. */
type Values<Name extends string> = Readonly<Record<Name, (embedded: CognigyTenant) => string>>;

/** A real Cognigy.AI installation: that of the environment, or an embedded one. */
export interface Installation<Required extends string, Optional extends string> extends AsyncDisposable {
  readonly platform: CognigyAiPlatform;
  readonly values: Readonly<Record<Required, string>> & Readonly<Partial<Record<Optional, string>>>;
  readonly embedded: CognigyTenant | undefined;
}

/**
 * Opens the installation that the environment names by `COGNIGY_API_HOST` and all required values; an embedded one when
 * it names nothing.
 *
 * @throws Error that names what is missing when only some are set.
 */
export async function openCognigy<Required extends string, Optional extends string = never>(
  env: NodeJS.ProcessEnv,
  required: Values<Required>,
  optional?: Values<Optional>,
): Promise<Installation<Required, Optional>> {
  const names = <Name extends string>(values: Values<Name> | undefined): Name[] => Object.keys(values ?? {}) as Name[];
  const found = readTogether<Required | 'COGNIGY_API_HOST'>(env, ['COGNIGY_API_HOST', ...names(required)]);
  if (found !== undefined) {
    const others = names(optional).map((name) => [name, variable(env, name)] as const);
    return {
      platform: cognigyAi({ host: found.COGNIGY_API_HOST, endpointHost: variable(env, 'COGNIGY_ENDPOINT_HOST') }),
      values: { ...found, ...(Object.fromEntries(others) as Partial<Record<Optional, string>>) },
      embedded: undefined,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const embedded = await startCognigy();
  const values: Readonly<Record<string, (embedded: CognigyTenant) => string>> = { ...required, ...optional };
  return {
    platform: cognigyAi({ baseUrl: embedded.origin, endpointHost: embedded.origin }),
    values: Object.fromEntries(Object.entries(values).map(([name, of]) => [name, of(embedded)])) as Record<
      Required | Optional,
      string
    >,
    embedded,
    [Symbol.asyncDispose]: () => embedded.close(),
  };
}
