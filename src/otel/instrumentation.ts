import {
  context,
  diag,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { AbortError } from '../errors.js';
import type { CallEnd, CallStart, Instrumentation } from '../http/internal.js';
import { checkOptions } from '../options.js';
import type { TraceCarrier } from './carrier.js';
import { createMetrics, errorTypeOf } from './metrics.js';

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Creates the spans. @defaultValue the globally registered provider */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Creates the metrics. @defaultValue the globally registered provider */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Sends `traceparent` and `tracestate` with each attempt. Set it to `false` if another instrumentation sends them,
   * such as `@opentelemetry/instrumentation-undici`, which traces `fetch`: a request with both belongs to no trace. The
   * SDK never sends baggage, since it may contain customer data.
   *
   * @defaultValue true
   */
  readonly propagate?: boolean | undefined;
}

const NAME = 'agent-assist-sdk';

/**
 * Observes clients, streams, engines and queues with OpenTelemetry: a span for each call and for each attempt, by the
 * semantic conventions for HTTP, and [metrics](../../docs/observability.md#metrics). Start the OpenTelemetry SDK first:
 * metrics of a provider that is registered later are lost.
 *
 * Spans and metrics contain no query, no body and no credential.
 *
 * @throws `ConfigurationError` for an unknown option or one of a wrong type.
 *
 * @example
 * ```ts
 * import { AuthClient, HttpClient, cognigy } from 'agent-assist-sdk';
 * import { openTelemetry } from 'agent-assist-sdk/otel';
 *
 * const instrumentation = openTelemetry();
 * const platform = cognigy({ tenant: 'acme' });
 * const auth = new AuthClient({ platform, clientId: 'id', clientSecret: 'secret', instrumentation });
 * const http = new HttpClient({ platform, auth, instrumentation });
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Instrumentation {
  checkOptions('openTelemetry', options, {
    tracerProvider: 'a provider with getTracer()',
    meterProvider: 'a provider with getMeter()',
    propagate: 'a boolean',
  });
  const { tracerProvider = trace, meterProvider = metrics, propagate = true } = options;
  const tracer = tracerProvider.getTracer(NAME);
  const recorded = createMetrics(meterProvider.getMeter(NAME));

  /** Runs a call or an attempt inside an active span, and records its duration. */
  const inSpan = async (
    name: 'call' | 'attempt',
    start: CallStart,
    more: Attributes,
    run: () => Promise<CallEnd>,
  ): Promise<void> => {
    const request = requestAttributes(start);
    const kind = name === 'call' ? SpanKind.INTERNAL : SpanKind.CLIENT;
    const span = tracer.startSpan(`${start.method} ${start.route}`, { kind, attributes: { ...request, ...more } });
    const end = await context.with(trace.setSpan(context.active(), span), run);
    const attributes = endAttributes(end);
    span.setAttributes(attributes);
    // An aborted call has not failed.
    if ('error.type' in attributes && !(end.error instanceof AbortError))
      span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    recorded[name](end.durationMs, { ...request, ...attributes });
  };

  return {
    call: (start, run) => inSpan('call', start, {}, run),
    attempt: (start, run) => {
      const more: Attributes = { 'url.full': start.origin + start.path };
      if (start.attempt > 1) more['http.request.resend_count'] = start.attempt - 1;
      return inSpan('attempt', start, more, () => run(propagate ? traceHeaders() : {}));
    },
    bind: (work) => context.bind(context.active(), work),
    record: recorded.record,
  };
}

/** Returns the headers of the active trace context, without baggage. */
function traceHeaders(): TraceCarrier {
  const headers: TraceCarrier = {};
  try {
    propagation.inject(propagation.deleteBaggage(context.active()), headers);
  } catch (error) {
    // Otherwise the span of the attempt would never end.
    diag.error('agent-assist-sdk: the propagator failed', error);
    return {};
  }
  return headers;
}

/** Returns the attributes of a request, with few values each, for metrics and spans. */
function requestAttributes({ method, origin, route }: CallStart): Attributes {
  const { hostname, port, protocol } = new URL(origin);
  return {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    'url.template': route,
  };
}

/** Returns the attributes of the end of a call or an attempt. */
function endAttributes({ status, error }: CallEnd): Attributes {
  return { ...(status === undefined ? {} : { 'http.response.status_code': status }), ...errorTypeOf(error, status) };
}
