import { sampleConversations, type ConversationTurn, type Tenant } from 'agent-assist-sdk/testing';
import type { LiveView } from './live-view.ts';

/** A short call with an optional failure before one of its turns. */
interface Act {
  readonly title: string;
  readonly id: string;
  readonly turns: readonly ConversationTurn[];
  readonly trouble?: { readonly beforeTurn: number; readonly strike: (tenant: Tenant) => void | Promise<void> };
}

const SUGGEST = 'POST /agentassist/suggest';
const repeated: readonly ConversationTurn[] = [
  { speaker: 'agent', text: 'Sorry, the line is bad. Could you say that again?' },
  ...turnsOf('sample-3-cancel-plan', 0, 1),
];

const acts: readonly Act[] = [
  {
    title: 'A customer calls',
    id: 'late-parcel',
    turns: turnsOf('sample-1-late-parcel', 0, 6),
  },
  {
    title: 'The platform is busy',
    id: 'double-charge',
    turns: turnsOf('sample-2-double-charge', 1, 4),
    trouble: {
      beforeTurn: 2,
      strike: (tenant) => void tenant.inject({ route: SUGGEST, fault: { kind: 'status', status: 429, retryAfter: 1 } }),
    },
  },
  {
    title: 'The same question twice',
    id: 'cancel-plan',
    turns: [...turnsOf('sample-3-cancel-plan', 0, 1), ...repeated],
  },
  {
    title: 'The stream drops',
    id: 'supervisor',
    turns: turnsOf('sample-5-supervisor', 0, 3),
    trouble: {
      beforeTurn: 2,
      strike: async (tenant) => {
        tenant.stream.terminateAll();
        await tenant.stream.waitForConnections();
      },
    },
  },
  {
    title: 'The access token is revoked',
    id: 'hotel',
    turns: turnsOf('sample-7-hotel', 0, 3),
    trouble: { beforeTurn: 2, strike: (tenant) => tenant.revokeTokens() },
  },
  {
    title: 'The platform is down',
    id: 'new-card',
    turns: turnsOf('sample-6-new-card', 0, 2),
    trouble: {
      beforeTurn: 0,
      strike: (tenant) =>
        void tenant.inject({ route: SUGGEST, fault: { kind: 'status', status: 503, retryAfter: 30 } }),
    },
  },
];

/** Plays the acts one after another; each sentence is handled before the next is spoken. */
export async function playDemo(
  tenant: Tenant,
  view: LiveView,
  { speed, signal }: { readonly speed: number; readonly signal: AbortSignal },
): Promise<void> {
  view.intro();
  for (const [index, { title, id, turns, trouble }] of acts.entries()) {
    view.act(index + 1, title);
    for (const [number, turn] of turns.entries()) {
      if (number === trouble?.beforeTurn) await trouble.strike(tenant);
      const handled = view.nextOutcome();
      await tenant.play({ id, turns: [turn] }, { speed, events: ['INTERACTION_UPDATE'], signal });
      await handled;
    }
  }
}

function turnsOf(id: string, from: number, to: number): readonly ConversationTurn[] {
  return sampleConversations.find((conversation) => conversation.id === id)?.turns.slice(from, to) ?? [];
}
