import { AssistStream, HttpClient } from 'agent-assist-sdk';
import {
  CopilotClient,
  copilotTopic,
  notificationProtocol,
  readIdToken,
  transcriptTopic,
  type NotificationEvents,
} from 'agent-assist-sdk/cxone';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import { suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { sampleConversations, type Cxone } from 'agent-assist-sdk/testing';
import { variable } from '../shared/environment.ts';
import { cxoneSpeaker, openCxone } from '../shared/cxone.ts';
import { announce } from '../shared/real-platforms.ts';
import { copilotSuggestions } from './copilot-suggestions.ts';
import type { Site } from './site.ts';

/** Transcripts arrive on CXone's notification socket, and Agent Copilot suggests (experimental). */
export async function cxoneSite(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Site> {
  const account = await openCxone(env, ['CXONE_CONTACT_IDS', 'CXONE_COPILOT_CONFIG']);
  const { embedded } = account;
  const contactIds = variable(env, 'CXONE_CONTACT_IDS')?.split(',') ?? sampleConversations.map(({ id }) => id);
  const config = JSON.parse(variable(env, 'CXONE_COPILOT_CONFIG') ?? '{}') as Readonly<Record<string, unknown>>;
  announce('cxone', embedded !== undefined, [
    'sentiment: transcripts have none, so only keyword triggers fire',
    'confidences: Copilot sends none, so suggestions without a confidence are shown',
  ]);
  const { platform, auth } = await account.connect({ signal });
  const { userId = '', agentId } = readIdToken((await auth.getIdToken({ signal })) ?? '') ?? {};
  if (agentId === undefined) throw new Error("the access key's user is not an agent, so Copilot has no cards for it");

  const http = new HttpClient({ platform, auth, fetch: embedded?.fetch });
  const protocol = notificationProtocol({ speakerOf: cxoneSpeaker });
  const stream = new AssistStream({ platform, auth, protocol, WebSocket: embedded?.WebSocket });
  for (const topic of [copilotTopic(agentId), ...contactIds.map(transcriptTopic)]) stream.subscribe(topic);
  stream.on('SERVER_ERROR', ({ message }) => console.error(`CXone refused a request: ${message}`));
  return {
    suggestions: copilotSuggestions(new CopilotClient({ http, auth }), stream, { agentUuid: userId, config }),
    updates: updatesOf(stream),
    engine: { policy: suggestionPolicy({ missingConfidence: 'approve' }) },
    connect: async () => {
      await stream.connect({ signal });
      if (embedded !== undefined) void play(embedded, signal);
    },
    close: () => stream.close(),
    [Symbol.asyncDispose]: async () => {
      await stream.close();
      await auth.close();
      await account[Symbol.asyncDispose]();
    },
  };
}

/** Each complete utterance becomes an update of the interaction. */
async function* updatesOf(stream: AssistStream<NotificationEvents>): AsyncGenerator<InteractionUpdate> {
  for await (const event of stream) {
    if (event.type !== 'TRANSCRIPT_FRAGMENT' || event.isFinal === false) continue;
    yield { interactionId: event.interactionId, transcript: event.text, context: { speaker: event.speaker } };
  }
}

/** Plays the sample, ten times faster than people speak. */
async function play(embedded: Cxone, signal: AbortSignal): Promise<void> {
  try {
    for (const conversation of sampleConversations) await embedded.play(conversation, { speed: 10, signal });
    console.error('The sample has ended. Press Ctrl+C to stop the service.');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
