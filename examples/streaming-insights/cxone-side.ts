import { AssistStream } from 'agent-assist-sdk';
import { ExpertClient, notificationProtocol, transcriptTopic, type NotificationEvents } from 'agent-assist-sdk/cxone';
import { sampleConversations, type Cxone } from 'agent-assist-sdk/testing';
import { cxoneSpeaker, openCxone } from '../shared/cxone.ts';
import { variable } from '../shared/environment.ts';
import { announce } from '../shared/real-platforms.ts';
import type { Side } from './side.ts';

/** Transcripts arrive on CXone's notification socket, and CXone Expert is searched. */
export async function cxoneSide(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Side> {
  const account = await openCxone(env, ['CXONE_CONTACT_IDS', 'CXONE_EXPERT_SITE', 'CXONE_EXPERT_BROWSER_KEY']);
  const { embedded } = account;
  announce('cxone', embedded !== undefined, [
    "cards in the agent's panel: no API puts them there; the desktop of this example shows them",
    "feedback for training: CXone accepts it for Copilot's answers, not for Expert's articles",
    'the end of a turn: no event reports silence, so questions end with a pause',
  ]);
  const { platform, auth } = await account.connect({ signal });
  const protocol = notificationProtocol({ speakerOf: cxoneSpeaker });
  const stream = new AssistStream({ platform, auth, protocol, WebSocket: embedded?.WebSocket });
  stream.on('SERVER_ERROR', ({ message }) => console.error(`CXone refused a request: ${message}`));
  for (const contactId of variable(env, 'CXONE_CONTACT_IDS')?.split(',') ?? []) {
    stream.subscribe(transcriptTopic(contactId));
  }
  const terminated = new Promise<never>((_, reject) => stream.on('terminated', ({ error }) => reject(error)));
  terminated.catch(() => undefined);
  return {
    speech: {
      listen: (hear) => void stream.on('TRANSCRIPT_FRAGMENT', hear),
      close: () => stream.close(),
    },
    knowledge: new ExpertClient({
      site: variable(env, 'CXONE_EXPERT_SITE') ?? embedded?.namedHosts.expert,
      browserKey: variable(env, 'CXONE_EXPERT_BROWSER_KEY') ?? embedded?.expertKeys.browserKey,
      fetch: embedded?.fetch,
    }),
    connect: () => stream.connect({ signal }),
    run: () => Promise.race([terminated, ...(embedded === undefined ? [] : [playSample(embedded, stream, signal)])]),
    [Symbol.asyncDispose]: async () => {
      await stream.close();
      await auth.close();
      await account[Symbol.asyncDispose]();
    },
  };
}

/**
 * Plays the sample three times faster than people speak, until the program is stopped; subscribes to each contact's
 * topic while it is played.
 */
async function playSample(
  embedded: Cxone,
  stream: AssistStream<NotificationEvents>,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 1; ; round += 1) {
    for (const conversation of sampleConversations) {
      const contactId = `${conversation.id}-${round}`;
      const topic = transcriptTopic(contactId);
      stream.subscribe(topic);
      await embedded.notifications.waitForTopic(topic, { signal });
      await embedded.play(conversation, { contactId, speed: 3, interim: true, scores: false, signal });
      stream.unsubscribe(topic);
    }
  }
}
