import * as z from 'zod/mini';
import type { InsightCard, InsightDecision } from '../../insights/types.js';
import { LinkedMap } from '../../linked-map.js';
import { keepLatest } from '../server/kept.js';
import { HttpProblem } from '../server/problem.js';
import { accepted, NO_CONTENT, type Router } from '../server/router.js';
import { checkKind } from '../../options.js';

/** Cards of one push. */
export interface PushedInsights {
  readonly insights: readonly InsightCard[];
  /** Kind of display, `CARD`. */
  readonly displayType: string;
  /** Whether the desktop removes them by itself. */
  readonly autoDismiss: boolean;
  /** The request's `X-Idempotency-Key`, if present. */
  readonly idempotencyKey?: string | undefined;
}

/** A record of what an agent did with an insight. */
export interface TrainingFeedback {
  readonly interactionId: string;
  readonly insightId: string;
  readonly action: string;
  /** Time of the action, in UTC. */
  readonly timestamp: string;
}

// Written from protocol 8, on purpose without the SDK's own schema: a misreading shared by both would prove nothing.
const notEmpty = z.string().check(z.minLength(1));
const pushBody: z.ZodMiniType<PushedInsights> = z.strictObject({
  insights: z
    .array(
      z.strictObject({
        id: notEmpty,
        title: z.string(),
        priority: z.int().check(z.minimum(1)),
        score: z.number(),
        citation: z.string(),
        snippet: z.string(),
        interactionId: notEmpty,
      }),
    )
    .check(z.minLength(1)),
  displayType: notEmpty,
  autoDismiss: z.boolean(),
});
const feedbackBody: z.ZodMiniType<TrainingFeedback> = z.strictObject({
  interactionId: notEmpty,
  insightId: notEmpty,
  action: notEmpty,
  timestamp: z.iso.datetime(),
});

/** The agent's desktop and the training records: what arrived, and the agent's decisions. */
export class TenantInsights {
  readonly #emit: (event: InsightDecision) => void;
  readonly #inbox: PushedInsights[] = [];
  readonly #feedback: TrainingFeedback[] = [];
  readonly #foreign = new Set<string>();
  readonly #listeners = new Set<(pushed: PushedInsights) => void>();
  /** Body of each push that had an idempotency key, by the key. */
  readonly #remembered: LinkedMap<string, string>;
  #pushes = 0;
  #repeatedPushes = 0;
  #cards = 0;
  #feedbackCount = 0;

  /** @internal */
  constructor(router: Router, emit: (event: InsightDecision) => void, limit: number) {
    this.#emit = emit;
    this.#remembered = new LinkedMap(limit);
    const scope = 'agentassist:write';
    router.on('POST /api/v2/agentassist/insights', { scope, body: pushBody }, ({ body, headers }) => {
      const key = headers['x-idempotency-key'];
      this.#receive(typeof key === 'string' ? { ...body, idempotencyKey: key } : body, limit);
      return accepted();
    });
    router.on('POST /api/v2/ai/training/feedback', { scope: 'ai:training:write', body: feedbackBody }, ({ body }) => {
      this.#feedbackCount += 1;
      keepLatest(this.#feedback, body, limit);
      return NO_CONTENT;
    });
  }

  /** The desktop's inbox, oldest push first. Its limit is that of recorded requests, 10,000 by default. */
  get inbox(): readonly PushedInsights[] {
    return [...this.#inbox];
  }

  /** The training records, oldest first. Their limit is that of recorded requests, 10,000 by default. */
  get feedback(): readonly TrainingFeedback[] {
    return [...this.#feedback];
  }

  /** Number of pushes, without duplicates by idempotency key. */
  get pushes(): number {
    return this.#pushes;
  }

  /** Number of duplicate pushes by idempotency key; they showed nothing. */
  get repeatedPushes(): number {
    return this.#repeatedPushes;
  }

  /** Number of cards that arrived. */
  get cards(): number {
    return this.#cards;
  }

  /** Number of training records that arrived. */
  get feedbackCount(): number {
    return this.#feedbackCount;
  }

  /** Calls `listener` for every push. Returns a function that removes it. */
  onPush(listener: (pushed: PushedInsights) => void): () => void {
    checkKind('listener', listener, 'a function');
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Accepts an insight as the agent; the stream sends the event to every subscriber. */
  accept(interactionId: string, insightId: string): void {
    this.#emit({ type: 'INSIGHT_ACCEPTED', interactionId, insightId, action: 'accepted' });
  }

  /** Rejects an insight as the agent; the stream sends the event to every subscriber. */
  reject(interactionId: string, insightId: string): void {
    this.#emit({ type: 'INSIGHT_REJECTED', interactionId, insightId, action: 'rejected' });
  }

  /** Assigns an interaction to another client: cards for it get a 403. */
  disown(interactionId: string): void {
    this.#foreign.add(interactionId);
  }

  #receive(pushed: PushedInsights, limit: number): void {
    const body = JSON.stringify(pushed);
    const known = pushed.idempotencyKey === undefined ? undefined : this.#remembered.get(pushed.idempotencyKey);
    if (known !== undefined) {
      this.#repeatedPushes += 1;
      if (known === body) return;
      throw new HttpProblem(409, 'idempotency_key_reused', 'the key was used for another push');
    }
    const foreign = pushed.insights.find(({ interactionId }) => this.#foreign.has(interactionId));
    if (foreign !== undefined) {
      throw new HttpProblem(403, 'foreign_interaction', 'the interaction belongs to another client');
    }
    if (pushed.idempotencyKey !== undefined) this.#remembered.set(pushed.idempotencyKey, body);
    this.#pushes += 1;
    this.#cards += pushed.insights.length;
    keepLatest(this.#inbox, pushed, limit);
    for (const listener of this.#listeners) listener(pushed);
  }
}
