import type { Attributes, Meter } from '@opentelemetry/api';
import type { Measurement } from '../http/internal.js';
import { AgentAssistError } from '../errors.js';

/** Boundaries in seconds, as in the semantic conventions for durations of HTTP clients. */
const seconds = {
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
};

/**
 * Returns `error.type` of the semantic conventions: a status of at least 400, else the code of the SDK's error. An
 * error of another library counts as `_OTHER`, since its name may be anything.
 */
export function errorTypeOf(error: unknown, status?: number): Attributes {
  if (status !== undefined && status >= 400) return { 'error.type': String(status) };
  if (error === undefined) return {};
  return { 'error.type': error instanceof AgentAssistError ? error.code : '_OTHER' };
}

/** The metrics of the SDK. */
export interface Metrics {
  readonly call: (durationMs: number, attributes: Attributes) => void;
  readonly attempt: (durationMs: number, attributes: Attributes) => void;
  readonly record: (measurement: Measurement) => void;
}

export function createMetrics(meter: Meter): Metrics {
  const histogram = (name: string, description: string): ((ms: number, attributes?: Attributes) => void) => {
    const created = meter.createHistogram(`agent_assist.${name}`, { ...seconds, description });
    return (ms, attributes) => created.record(ms / 1000, attributes);
  };
  const counter = (
    name: string,
    unit: string,
    description: string,
  ): ((value: number, attributes?: Attributes) => void) => {
    const created = meter.createCounter(`agent_assist.${name}`, { unit, description });
    return (value, attributes) => created.add(value, attributes);
  };
  const streams = meter.createUpDownCounter('agent_assist.streams', {
    unit: '{stream}',
    description: 'Streams by state',
  });
  const tokensSpent = counter('retry_budget.spent', '{token}', 'Tokens that retries took from the retry budget');
  const budgetExhausted = counter(
    'retry_budget.exhausted',
    '{call}',
    'Calls not retried because the budget was exhausted',
  );
  const tokensRefunded = counter('retry_budget.refunded', '{token}', 'Tokens that successful calls paid back');
  const lookups = counter('enrichment.lookups', '{lookup}', 'Lookups of parts in caches of enrichments');
  const tokenRefreshes = counter('token.refreshes', '{refresh}', 'Requests for an access token');
  const reconnections = counter('stream.reconnections', '{reconnection}', 'Reconnections of streams');
  const events = counter('stream.events', '{event}', 'Events that streams emitted');
  const streamDrops = counter('stream.drops', '{event}', 'Events that streams dropped');
  const outcomes = histogram('outcome.duration', 'Time from an update to the outcome of the engine');
  const queueAge = histogram('queue.age', 'Time that a question waited in its queue');
  const queueDrops = counter('queue.drops', '{question}', 'Questions dropped from their queue');
  // A rate in Prometheus misses the first increase of a counter that has no zero before it.
  tokensSpent(0);
  budgetExhausted(0);

  const recorders: { readonly [T in Measurement['type']]: (measurement: Extract<Measurement, { type: T }>) => void } = {
    retry_budget: ({ tokens }) => {
      if (tokens === undefined) budgetExhausted(1);
      else tokensSpent(tokens);
    },
    retry_refund: ({ tokens }) => tokensRefunded(tokens),
    enrichment_lookup: ({ result }) => lookups(1, { 'agent_assist.cache.result': result }),
    token_refresh: ({ error }) => tokenRefreshes(1, errorTypeOf(error)),
    stream_state: ({ from, to }) => {
      if (from !== undefined) streams.add(-1, { 'agent_assist.stream.state': from });
      // A closed stream no longer counts; one that ended with an error stays visible.
      if (to !== 'closed') streams.add(1, { 'agent_assist.stream.state': to });
    },
    stream_event: ({ name }) => events(1, { 'agent_assist.stream.event': name }),
    stream_reconnect: ({ error }) => reconnections(1, errorTypeOf(error)),
    stream_drop: ({ reason }) => streamDrops(1, { 'agent_assist.drop.reason': reason }),
    assist_outcome: ({ status, durationMs, error }) =>
      outcomes(durationMs, { 'agent_assist.outcome': status, ...errorTypeOf(error) }),
    question_asked: ({ ageMs }) => queueAge(ageMs),
    question_dropped: ({ reason }) => queueDrops(1, { 'agent_assist.drop.reason': reason }),
  };

  return {
    call: histogram('call.duration', 'Duration of calls, with all attempts and waits'),
    attempt: histogram('attempt.duration', 'Duration of single attempts of calls'),
    record: (measurement) => recorders[measurement.type](measurement as never),
  };
}
