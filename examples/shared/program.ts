import { once } from 'node:events';
import {
  AgentAssistError,
  ConfigurationError,
  ConnectionError,
  OAuthError,
  PermissionDeniedError,
} from 'agent-assist-sdk';

/** Returns a signal that Ctrl-C and SIGTERM abort. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

/** Resolves when the signal is aborted. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Ends the program with a failure, reported in one line. */
export function fail(error: unknown, exitCode = 1): void {
  console.error(reasonOf(error));
  process.exitCode = exitCode;
}

/** Returns what happened and what to do, in one line. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof AgentAssistError ? `${error.name}: ${error.message}` : String(error);
  return [reason.replace(/\s+/g, ' '), ...adviceFor(error)].join('; ');
}

function adviceFor(error: unknown): string[] {
  if (error instanceof OAuthError && error.serverCode === 'invalid_client')
    return ['check the client id and secret in the environment'];
  if (error instanceof OAuthError && error.serverCode === 'invalid_scope')
    return ['grant these scopes to the client, or set others in the environment'];
  // On Cognigy.AI and CXone the error names no scope.
  if (error instanceof PermissionDeniedError)
    return [
      error.scopes.length > 0 ? 'grant that scope to the client' : 'give the user of the key a role with this right',
    ];
  if (error instanceof ConnectionError) return ['check the URLs in the environment, and the network'];
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (error instanceof ConfigurationError || isUsage) return ['run the example with --help'];
  return [];
}
