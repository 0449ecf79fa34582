import { setTimeout as wait } from 'node:timers/promises';
import { FlowClient, flowKnowledge } from 'agent-assist-sdk/cognigy';
import type { TranscriptFragmentEvent } from 'agent-assist-sdk/stream';
import { sampleConversations } from 'agent-assist-sdk/testing';
import { openCognigy } from '../shared/cognigy.ts';
import { announce } from '../shared/real-platforms.ts';
import { standardInput } from '../shared/standard-input.ts';
import type { Heard } from './insight-service.ts';
import type { Side } from './side.ts';

/**
 * A flow searches the knowledge. No stream of Cognigy.AI carries running conversations, so speech comes from the
 * standard input.
 */
export async function cognigySide(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Side> {
  const { platform, values, embedded, ...opened } = await openCognigy(env, {
    COGNIGY_SEARCH_URL_TOKEN: ({ knowledgeEndpoint }) => knowledgeEndpoint.urlToken,
  });
  announce('cognigy', embedded !== undefined, [
    embedded === undefined
      ? 'the stream; write what is said to standard input, one JSON object per line: {"interactionId":"call-1","speaker":"customer","text":"…"}'
      : 'the stream; a sample of conversations is played instead',
    "cards on the platform's desktop: no route pushes them; the desktop of this example shows them",
    'feedback for training: let the flow record it',
  ]);
  let hear: (event: Heard) => void = () => undefined;
  const input = embedded === undefined ? standardInput(readFragment, '{"interactionId":"…","text":"…"}') : undefined;
  return {
    ...opened,
    speech: {
      listen: (listener) => (hear = listener),
      close: () => input?.close() ?? Promise.resolve(),
    },
    knowledge: flowKnowledge(new FlowClient({ platform, urlToken: values.COGNIGY_SEARCH_URL_TOKEN })),
    connect: () => Promise.resolve(),
    run: async () => {
      if (input === undefined) await playSample((event) => hear(event), signal);
      else for await (const fragment of input.values) hear(fragment);
    },
  };
}

function readFragment(value: Readonly<Record<string, unknown>>): TranscriptFragmentEvent | undefined {
  const { interactionId, text } = value;
  if (typeof interactionId !== 'string' || typeof text !== 'string') return undefined;
  return { ...value, type: 'TRANSCRIPT_FRAGMENT', interactionId, text };
}

/** Plays a turn of the sample each second, until the program is stopped. */
async function playSample(hear: (event: Heard) => void, signal: AbortSignal): Promise<void> {
  for (let round = 1; ; round += 1) {
    for (const { id, turns } of sampleConversations) {
      for (const { text, speaker } of turns) {
        const interactionId = `${id}-${round}`;
        hear({ type: 'TRANSCRIPT_FRAGMENT', interactionId, text, speaker });
        hear({ type: 'DIALOG_STATE', interactionId, state: 'TURN_END' });
        await wait(1000, undefined, { signal });
      }
    }
  }
}
