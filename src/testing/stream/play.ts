import { randomUUID } from 'node:crypto';
import { AbortError } from '../../errors.js';
import { sleep } from '../../http/clock.js';
import { checkFields, checkOptions, signalKind } from '../../options.js';
import { checkPositive } from '../server/embedded-server.js';
import type { ServerParts } from '../server/http-listener.js';
import type { TenantStream } from './stream.js';
import { valence } from '../nlu/valence.js';

/** One turn of a conversation. */
export interface ConversationTurn {
  /** The speaker. @defaultValue the customer */
  readonly speaker?: 'customer' | 'agent' | undefined;
  readonly text: string;
}

/** A conversation, as in a line of a JSON Lines file; unknown fields are ignored. */
export interface Conversation {
  /** Name. */
  readonly id: string;
  readonly turns: readonly ConversationTurn[];
}

/** Types of the played events. */
export type PlayedEventType = 'INTERACTION_UPDATE' | 'TRANSCRIPT_FRAGMENT' | 'DIALOG_STATE';

/** Options of `Tenant.play`. */
export interface PlayOptions {
  /** Speed relative to real speech; `Infinity` without waits. @defaultValue 1 */
  readonly speed?: number | undefined;
  /** Types of events to send. @defaultValue all three */
  readonly events?: readonly PlayedEventType[] | undefined;
  /** The interaction's id. @defaultValue the conversation's own */
  readonly interactionId?: string | undefined;
  /** `agentId` of INTERACTION_UPDATE. @defaultValue absent */
  readonly agentId?: string | undefined;
  /** Sends interim text, word by word, before each fragment, all with `sequence` and `isFinal`. @defaultValue false */
  readonly interim?: boolean | undefined;
  /** Aborts the play with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Result of `Tenant.play`. */
export interface PlayResult {
  readonly interactionId: string;
  /** All events, in the order in which they were sent. */
  readonly events: readonly PlayedEvent[];
}

/** An event that was played. */
export interface PlayedEvent {
  readonly event: Readonly<Record<string, unknown>> & {
    readonly type: PlayedEventType;
  };
  /** Number of connections that it was sent to. */
  readonly receivers: number;
}

/** As people speak: 150 words a minute. */
const WORD_MS = 400;
const PAUSE_AFTER_TURN_MS = 700;

/** @internal What a conversation is played on. */
export type PlayTarget = Pick<TenantStream, 'send' | 'flushed'>;

/** @internal */
export async function playConversation(
  stream: PlayTarget,
  { clock, closing }: Pick<ServerParts, 'clock' | 'closing'>,
  conversation: Conversation,
  options: PlayOptions,
  wordsPerFragment = 5,
): Promise<PlayResult> {
  checkFields('conversation', conversation, { id: 'a string', turns: 'a list of objects' });
  checkOptions('play', options, {
    speed: true,
    events: true,
    interactionId: true,
    agentId: true,
    interim: 'a boolean',
    signal: signalKind,
  });
  const { speed = 1 } = options;
  checkPositive({ speed });
  const signal = options.signal === undefined ? closing : AbortSignal.any([closing, options.signal]);
  const interactionId = options.interactionId ?? (conversation.id === '' ? randomUUID() : conversation.id);
  const wanted = new Set<PlayedEventType>(
    options.events ?? ['INTERACTION_UPDATE', 'TRANSCRIPT_FRAGMENT', 'DIALOG_STATE'],
  );
  const played: PlayedEvent[] = [];
  // Time within the conversation, independent of the speed.
  let spokenMs = 0;
  const startedAt = clock.now();

  const send = (event: PlayedEvent['event']): void => {
    if (wanted.has(event.type)) played.push({ event, receivers: stream.send(event) });
  };
  const pass = async (ms: number): Promise<void> => {
    spokenMs += ms;
    if (speed !== Infinity) await sleep(clock, ms / speed, signal);
  };

  let sentimentScore = 0;
  let sequence = 0;
  for (const { speaker = 'customer', text } of conversation.turns) {
    if (signal.aborted) throw new AbortError(signal.reason);
    for (const fragment of fragmentsOf(text, wordsPerFragment)) {
      await pass(wordsOf(fragment).length * WORD_MS);
      const timestamp = new Date(startedAt + spokenMs).toISOString();
      const said = { type: 'TRANSCRIPT_FRAGMENT', interactionId, text: fragment, speaker, timestamp } as const;
      const words = options.interim === true ? wordsOf(fragment) : [];
      for (const index of words.keys()) {
        send({ ...said, text: words.slice(0, index + 1).join(' '), sequence: (sequence += 1), isFinal: false });
      }
      send(options.interim === true ? { ...said, sequence: (sequence += 1), isFinal: true } : said);
    }
    if (speaker === 'customer') sentimentScore = valence(text);
    const agent = options.agentId === undefined ? {} : { agentId: options.agentId };
    send({
      type: 'INTERACTION_UPDATE',
      payload: { interactionId, transcript: text, sentimentScore, ...agent, context: { speaker } },
    });
    send({ type: 'DIALOG_STATE', interactionId, state: speaker === 'customer' ? 'CUSTOMER_SILENT' : 'AGENT_SILENT' });
    await pass(PAUSE_AFTER_TURN_MS);
    send({ type: 'DIALOG_STATE', interactionId, state: 'TURN_END' });
    // Without waits, the play would outrun the sockets.
    await stream.flushed({ signal });
  }
  return { interactionId, events: played };
}

/**
 * Cuts a text into fragments with a limited number of words. Joined by spaces, they are the words of the text, in
 * order.
 */
export function fragmentsOf(text: string, wordsPerFragment: number): readonly string[] {
  const words = wordsOf(text);
  const count = Math.ceil(words.length / wordsPerFragment);
  return Array.from({ length: count }, (_, index) =>
    words.slice(index * wordsPerFragment, (index + 1) * wordsPerFragment).join(' '),
  );
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
