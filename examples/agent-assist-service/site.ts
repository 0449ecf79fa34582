import { AssistStream, AuthClient, HttpClient, SuggestionsClient, type AttemptInfo } from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import type { AssistEngineOptions, SuggestionSource } from 'agent-assist-sdk/suggestions';
import type { Connection } from '../shared/environment.ts';

/** What the service needs from a platform. */
export interface Site extends AsyncDisposable {
  readonly suggestions: SuggestionSource;
  /** Ends after {@link Site.close}, and rejects if updates can no longer arrive. */
  readonly updates: AsyncIterable<InteractionUpdate>;
  /** Absent for the engine's defaults. */
  readonly engine?: Pick<AssistEngineOptions<InteractionUpdate>, 'policy' | 'totalTimeoutMs'>;
  /** Resolves when updates can arrive. */
  connect(): Promise<void>;
  close(): Promise<void>;
}

/** Hooks to watch a tenant of this project's protocol. */
export interface ConnectionWatcher {
  readonly onAttempt?: (attempt: AttemptInfo) => void;
  readonly onTokenAttempt?: (attempt: AttemptInfo) => void;
  readonly onStream: (stream: AssistStream) => void;
}

/** A tenant of this project's protocol. */
export async function documentsSite(
  { platform, clientId, clientSecret, scopes }: Connection,
  { onAttempt, onTokenAttempt, onStream }: ConnectionWatcher,
  signal: AbortSignal,
): Promise<Site> {
  const auth = new AuthClient({ platform, clientId, clientSecret, scopes, onAttempt: onTokenAttempt });
  // A wrong URL or secret ends the program here; the stream would keep trying.
  await auth.getToken({ signal });
  const stream = new AssistStream({ platform, auth });
  onStream(stream);
  return {
    suggestions: new SuggestionsClient(new HttpClient({ platform, auth, onAttempt })),
    updates: updatesOf(stream),
    connect: () => stream.connect({ signal }),
    close: () => stream.close(),
    [Symbol.asyncDispose]: async () => {
      await stream.close();
      await auth.close();
    },
  };
}

async function* updatesOf(stream: AssistStream): AsyncGenerator<InteractionUpdate> {
  for await (const event of stream) if (event.type === 'INTERACTION_UPDATE') yield event.payload;
}
