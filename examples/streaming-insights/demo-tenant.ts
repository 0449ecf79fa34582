import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { loadConversations, sampleConversations, type Conversation, type Tenant } from 'agent-assist-sdk/testing';

const DATA = process.env['AGENT_ASSIST_DATA'] ?? '../shared/data';
/** Times faster than people speak: quick enough to watch, slow enough to read. */
const SPEED = 3;
const INTERACTIONS_AT_ONCE = 3;

/** The published conversations where they are, else the project's own; says which. */
export async function findConversations(): Promise<{
  readonly from: string;
  readonly conversations: readonly Conversation[];
}> {
  if (existsSync(DATA)) {
    const { source, conversations } = await loadConversations({ from: DATA });
    return { from: source, conversations };
  }
  return {
    from: `the project's own sample (there is no ${DATA}; AGENT_ASSIST_DATA names another folder)`,
    conversations: sampleConversations,
  };
}

/** Plays conversations, a few at once and over again, until `signal` says so. */
export async function playUntil(
  tenant: Tenant,
  conversations: readonly Conversation[],
  signal: AbortSignal,
): Promise<void> {
  let played = 0;
  const calls = Array.from({ length: INTERACTIONS_AT_ONCE }, async (_, line) => {
    await wait(line * 1500, undefined, { signal });
    for (;;) {
      const number = played++;
      const conversation = conversations[number % conversations.length];
      if (conversation === undefined) return;
      const interactionId = `${conversation.id}-${number + 1}`;
      await tenant.play(conversation, {
        speed: SPEED,
        events: ['TRANSCRIPT_FRAGMENT', 'DIALOG_STATE'],
        interactionId,
        signal,
      });
      await wait(2000, undefined, { signal });
    }
  });
  await Promise.all(calls);
}
