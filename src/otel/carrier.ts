import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { checkKind } from '../options.js';

/** Trace context as plain strings, e.g. `{ traceparent: '00-…' }`, for the JSON of a job. */
export type TraceCarrier = Record<string, string>;

/**
 * Writes the active trace context into the data of a job, so that its worker can continue the trace
 * ([W3C Trace Context](https://www.w3.org/TR/trace-context/), or the format of the registered propagator).
 *
 * @param carrier - receives the fields.
 * @returns the carrier; empty without an active span.
 * @throws `ConfigurationError` for a carrier that is not an object.
 *
 * @example
 * ```ts
 * import { injectTraceContext, withTraceContext } from 'agent-assist-sdk/otel';
 *
 * const job = { question: 'How do I return it?', trace: injectTraceContext() };
 *
 * // in the worker
 * await withTraceContext(job.trace, () => knowledge.search({ q: job.question }));
 * ```
 */
export function injectTraceContext(carrier: TraceCarrier = {}): TraceCarrier {
  checkKind('carrier', carrier, 'an object');
  propagation.inject(context.active(), carrier);
  return carrier;
}

/**
 * Runs `work` in the trace context of a carrier: its spans become children of the span that was active at
 * {@link injectTraceContext}. Without a valid context in the carrier, the work starts a new trace.
 *
 * @returns what `work` returns.
 * @throws `ConfigurationError` for work that is not a function.
 */
export function withTraceContext<T>(carrier: Readonly<TraceCarrier> | null | undefined, work: () => T): T {
  checkKind('work', work, 'a function');
  return context.with(propagation.extract(ROOT_CONTEXT, carrier ?? {}), work);
}
