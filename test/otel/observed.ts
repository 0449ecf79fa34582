import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { MeterProvider, MetricReader, type HistogramMetricData } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

class OnDemandReader extends MetricReader {
  protected override onShutdown = () => Promise.resolve();
  protected override onForceFlush = () => Promise.resolve();
}

/** A tracer provider whose spans stay in memory. */
export function memoryTracer() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return { provider, spans: () => exporter.getFinishedSpans() };
}

/** The OpenTelemetry SDK, registered globally until it is disposed of, with its spans and metrics in memory. */
export function startOpenTelemetry() {
  const { provider, spans } = memoryTracer();
  const reader = new OnDemandReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  metrics.setGlobalMeterProvider(meterProvider);
  return {
    spans,
    /** Each metric's points: the attributes in one line, with the value, of a histogram the count. */
    async metrics(): Promise<Record<string, Record<string, number>>> {
      const { resourceMetrics } = await reader.collect();
      const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return Object.fromEntries(
        found.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          Object.fromEntries(
            dataPoints.map(({ attributes, value }) => [
              Object.values(attributes).join(' '),
              typeof value === 'number' ? value : (value as HistogramMetricData['dataPoints'][number]['value']).count,
            ]),
          ),
        ]),
      );
    },
    async [Symbol.asyncDispose]() {
      for (const api of [trace, metrics, context, propagation]) api.disable();
      await meterProvider.shutdown();
      await provider.shutdown();
    },
  };
}
