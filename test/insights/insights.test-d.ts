import { expectTypeOf, it } from 'vitest';
import type { AssistStreamEvents } from '../../src/stream/events.js';
import type { InsightCard, InsightDecision } from 'agent-assist-sdk/insights';
import type { AssistCard } from 'agent-assist-sdk/knowledge';

it('takes the cards of the knowledge base and the decisions of the stream as they are', () => {
  expectTypeOf<AssistCard>().toExtend<InsightCard>();
  expectTypeOf<
    AssistStreamEvents['INSIGHT_ACCEPTED'] | AssistStreamEvents['INSIGHT_REJECTED']
  >().toExtend<InsightDecision>();
});
