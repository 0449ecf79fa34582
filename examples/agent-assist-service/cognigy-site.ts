import { FlowClient, flowSuggestions } from 'agent-assist-sdk/cognigy';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import { suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { sampleConversations } from 'agent-assist-sdk/testing';
import { openCognigy } from '../shared/cognigy.ts';
import { announce } from '../shared/real-platforms.ts';
import { standardInput } from '../shared/standard-input.ts';
import type { Site } from './site.ts';

/**
 * Suggestions come from a flow. No stream of Cognigy.AI carries running conversations, so updates come from the
 * standard input.
 */
export async function cognigySite(env: NodeJS.ProcessEnv): Promise<Site> {
  const { platform, values, embedded, ...opened } = await openCognigy(env, {
    COGNIGY_URL_TOKEN: ({ restEndpoint }) => restEndpoint.urlToken,
  });
  announce('cognigy', embedded !== undefined, [
    embedded === undefined
      ? 'the stream; write updates to standard input, one JSON object per line: {"interactionId":"call-1","transcript":"…"}'
      : 'the stream; a sample of conversations is played instead',
  ]);
  const input =
    embedded === undefined ? standardInput(readUpdate, '{"interactionId":"…","transcript":"…"}') : undefined;
  return {
    ...opened,
    suggestions: flowSuggestions(new FlowClient({ platform, urlToken: values.COGNIGY_URL_TOKEN })),
    updates: input?.values ?? sampleUpdates(),
    // Language models are slow, and many flows set no confidence.
    engine: { policy: suggestionPolicy({ missingConfidence: 'approve' }), totalTimeoutMs: 20_000 },
    connect: () => Promise.resolve(),
    close: () => input?.close() ?? Promise.resolve(),
  };
}

function readUpdate(value: Readonly<Record<string, unknown>>): InteractionUpdate | undefined {
  const { interactionId, transcript } = value;
  if (typeof interactionId !== 'string' || typeof transcript !== 'string') return undefined;
  return { ...value, interactionId, transcript };
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a line at a time would come
async function* sampleUpdates(): AsyncGenerator<InteractionUpdate> {
  for (const { id, turns } of sampleConversations) {
    for (const { text, speaker } of turns) yield { interactionId: id, transcript: text, context: { speaker } };
  }
}
