import { setTimeout as wait } from 'node:timers/promises';
import type { Conversation, Tenant } from 'agent-assist-sdk/testing';

/** Speed relative to real speech: quick enough to watch, slow enough to read. */
const SPEED = 3;
const INTERACTIONS_AT_ONCE = 3;

/** Plays conversations in a loop, a few at once, until `signal` is aborted. */
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
