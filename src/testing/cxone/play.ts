import { checkOptions } from '../../options.js';
import type { ServerParts } from '../server/http-listener.js';
import { playConversation, type Conversation, type PlayOptions } from '../stream/play.js';
import type { CxoneFeed } from './feed.js';
import type { CxoneNotifications } from './notifications.js';

/** Options of `Cxone.play`. */
export interface CxonePlayOptions extends Pick<PlayOptions, 'speed' | 'interim' | 'signal'> {
  /** Id of the contact. @defaultValue the conversation's own */
  readonly contactId?: string | undefined;
  /** Sends a score after each turn, from 0 to 100. @defaultValue true */
  readonly scores?: boolean | undefined;
}

/** Result of `Cxone.play`. */
export interface CxonePlayResult {
  readonly contactId: string;
  /** Number of transcript messages. */
  readonly transcripts: number;
  readonly scores: number;
  /** Number of messages that reached a subscriber. */
  readonly received: number;
}

/** What a conversation is played on. */
interface CxoneStage {
  readonly notifications: CxoneNotifications;
  readonly feed: CxoneFeed;
  readonly parts: ServerParts;
}

/** A turn is one utterance here: it is not cut into fragments. */
const WHOLE_TURN = 100_000;

/** @internal Plays each turn as the transcript of one utterance, optionally with interim text before it. */
export async function playOnCxone(
  { notifications, feed, parts }: CxoneStage,
  conversation: Conversation,
  options: CxonePlayOptions,
): Promise<CxonePlayResult> {
  checkOptions('play', options, { contactId: true, scores: true, speed: true, interim: true, signal: true });
  const { contactId, scores: withScores = true, ...pace } = options;
  const count = { transcripts: 0, scores: 0, received: 0 };
  const target = {
    flushed: notifications.flushed.bind(notifications),
    send: (event: object): number => {
      const receivers = sendAs(feed, event as Played, count);
      count.received += receivers;
      return receivers;
    },
  };
  const events = withScores
    ? (['TRANSCRIPT_FRAGMENT', 'INTERACTION_UPDATE'] as const)
    : (['TRANSCRIPT_FRAGMENT'] as const);
  const settings = { ...pace, interactionId: contactId, events };
  const played = await playConversation(target, parts, conversation, settings, WHOLE_TURN);
  return { contactId: played.interactionId, ...count };
}

type Played =
  | {
      readonly type: 'TRANSCRIPT_FRAGMENT';
      readonly interactionId: string;
      readonly text: string;
      readonly speaker: 'customer' | 'agent';
      readonly isFinal?: boolean;
    }
  | {
      readonly type: 'INTERACTION_UPDATE';
      readonly payload: { readonly interactionId: string; readonly sentimentScore: number };
    };

function sendAs(feed: CxoneFeed, event: Played, count: { transcripts: number; scores: number }): number {
  if (event.type === 'TRANSCRIPT_FRAGMENT') {
    count.transcripts += 1;
    const { interactionId: contactId, text, speaker, isFinal = true } = event;
    return feed.sendTranscript({ contactId, text, speaker, isFinal });
  }
  count.scores += 1;
  const { interactionId: contactId, sentimentScore } = event.payload;
  return feed.sendScore({ contactId, score: Math.round((sentimentScore + 1) * 50) });
}
