import { existsSync } from 'node:fs';
import { loadConversations, startTenant, type Conversation, type Tenant } from 'agent-assist-sdk/testing';
import type { LiveView } from './live-view.ts';

const DATA_FOLDER = process.env['AGENT_ASSIST_DATA'] ?? '../shared/data';
const CONVERSATIONS = 24;
const INTERACTIONS_AT_ONCE = 3;
/** Times faster than people speak: a conversation of a minute and a half takes about two seconds. */
const SPEED = 45;

/** A tenant whose every eighth suggestion call is told to wait for a second, so that the demo shows a retry. */
export async function startDemoTenant(): Promise<Tenant> {
  const tenant = await startTenant();
  tenant.inject({
    route: 'POST /agentassist/suggest',
    every: 8,
    fault: { kind: 'status', status: 429, retryAfter: 1 },
  });
  return tenant;
}

/** Plays conversations, a few at once, until all are over or `signal` says so. */
export async function playDemo(
  tenant: Tenant,
  { view, widgetUrl, signal }: { readonly view: LiveView; readonly widgetUrl: string; readonly signal: AbortSignal },
): Promise<void> {
  const isThere = existsSync(DATA_FOLDER);
  const { source, conversations } = await loadConversations(isThere ? { from: DATA_FOLDER } : {});
  const chosen = choose(conversations);
  const origin = isThere
    ? source
    : `the project's own sample (there is no ${DATA_FOLDER}; AGENT_ASSIST_DATA names another)`;
  view.intro({ origin, count: chosen.length, tenantUrl: tenant.origin, widgetUrl });
  const left = chosen.values();
  await Promise.all(
    Array.from({ length: INTERACTIONS_AT_ONCE }, async () => {
      for (const conversation of left) {
        try {
          await tenant.play(conversation, { speed: SPEED, events: ['INTERACTION_UPDATE'], signal });
        } catch (error) {
          if (!signal.aborted) throw error;
        }
        if (signal.aborted) return;
      }
    }),
  );
}

/** Half of them with a word that may fire a trigger, half as they come. */
function choose(conversations: readonly Conversation[]): readonly Conversation[] {
  const mayFire = ({ turns }: Conversation): boolean =>
    turns.some(({ text }) => /refund|cancel|complaint|escalate/i.test(text));
  const firing = conversations.filter(mayFire).slice(0, CONVERSATIONS / 2);
  const others = conversations
    .filter((conversation) => !firing.includes(conversation))
    .slice(0, CONVERSATIONS - firing.length);
  return firing
    .flatMap((conversation, index) => [conversation, ...others.slice(index, index + 1)])
    .concat(others.slice(firing.length));
}
