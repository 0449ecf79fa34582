/**
 * OpenTelemetry: spans, trace context and metrics of the SDK. Needs the package `@opentelemetry/api`.
 *
 * Guide: [Observability](../../docs/observability.md).
 *
 * @module agent-assist-sdk/otel
 */
export { openTelemetry, type OpenTelemetryOptions } from './instrumentation.js';
export { injectTraceContext, withTraceContext, type TraceCarrier } from './carrier.js';
