import type { AssistOutcome } from './outcome.js';

/** One query of the engine, for a log or a training pipeline: exactly the fields of protocol 8. */
export interface AssistMetrics {
  /** When the query ended: ISO 8601, UTC. */
  readonly timestamp: string;
  /** The interaction. */
  readonly interactionId: string;
  /** Whether a trigger fired. */
  readonly triggered: boolean;
  /** Whether the suggestions came from the cache. */
  readonly cached: boolean;
  /** Whether the suggestions are the fixed ones. */
  readonly fallback: boolean;
  /** How many suggestions the policy let through. */
  readonly suggestionCount: number;
  /** Tells the record from others in the same log. */
  readonly eventType: 'AGENT_ASSIST_QUERY';
}

/**
 * The metrics record of an outcome.
 *
 * @param nowMs - ms since the epoch.
 */
export function assistMetrics(interactionId: string, outcome: AssistOutcome, nowMs: number): AssistMetrics {
  return {
    timestamp: new Date(nowMs).toISOString(),
    interactionId,
    triggered: outcome.status !== 'skipped',
    cached: outcome.status === 'cached',
    fallback: outcome.status === 'fallback',
    suggestionCount: outcome.suggestions.length,
    eventType: 'AGENT_ASSIST_QUERY',
  };
}
