// Types only: at run time the module comes from the runtime, so that bundlers for browsers do not look for it.
// eslint-disable-next-line import-x/no-nodejs-modules
import type * as NodeFileSystem from 'node:fs/promises';
import { ConfigurationError } from './errors.js';

/**
 * The runtime's files.
 *
 * @internal
 * @param user - who needs them, for the error's message.
 * @throws {@link ConfigurationError} where there are no files, as in a browser.
 */
export function fileSystem(user: string): typeof NodeFileSystem {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const module = process?.getBuiltinModule?.('node:fs/promises') as typeof NodeFileSystem | undefined;
  if (module === undefined) throw new ConfigurationError(`${user} needs a runtime with files: Node 22.3, Bun or Deno`);
  return module;
}
