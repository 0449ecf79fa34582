import { AssistStream, AuthClient, HttpClient, type Logger } from 'agent-assist-sdk';
import type { Connection } from '../shared/environment.ts';
import { documentsSides, type Sides } from './insight-service.ts';

/** A platform, connected. */
export interface Side extends Sides, AsyncDisposable {
  /** Resolves when speech can arrive. */
  connect(): Promise<void>;
  /** Resolves or rejects when no more speech arrives. */
  run(): Promise<void>;
}

/** A tenant of this project's protocol. */
export async function documentsSide(
  { platform, clientId, clientSecret, scopes }: Connection,
  logger: Logger,
  signal: AbortSignal,
): Promise<Side> {
  const auth = new AuthClient({ platform, clientId, clientSecret, scopes });
  // A wrong URL or secret ends the program here; the stream would keep trying.
  await auth.getToken({ signal });
  // Late cards are useless on a call.
  const http = new HttpClient({ platform, auth, logger, totalTimeoutMs: 15_000 });
  const stream = new AssistStream({ platform, auth });
  stream.on('reconnecting', ({ error, delayMs }) =>
    console.error(`${error.message}; reconnecting in ${Math.round(delayMs)} ms`),
  );
  const terminated = new Promise<never>((_, reject) => stream.on('terminated', ({ error }) => reject(error)));
  terminated.catch(() => undefined);
  return {
    ...documentsSides(stream, http),
    connect: () => stream.connect({ signal }),
    run: () => terminated,
    [Symbol.asyncDispose]: () => auth.close(),
  };
}
