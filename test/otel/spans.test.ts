import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { ConfigurationError, HttpClient } from 'agent-assist-sdk';
import { injectTraceContext, openTelemetry, withTraceContext, type OpenTelemetryOptions } from 'agent-assist-sdk/otel';
import { QuestionQueue } from 'agent-assist-sdk/transcripts';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, hang, scriptedServer } from '../helpers/scripted-server.js';
import { startOpenTelemetry } from './observed.js';

const ASK = { method: 'GET', path: '/bots/{botId}', pathParams: { botId: 'b 1' }, query: { q: 'private' } } as const;

function setUp(baseUrl: string, options?: OpenTelemetryOptions) {
  const clock = new FakeClock();
  const http = new HttpClient({
    baseUrl,
    clock,
    fetch: clock.fetch,
    random: () => 0.5,
    headers: { 'x-secret': 'private' },
    instrumentation: openTelemetry(options),
  });
  return { clock, http };
}

it('makes a span of a call and of each of its attempts, by the conventions for HTTP', async () => {
  await using otel = startOpenTelemetry();
  await using server = await scriptedServer(dropConnection, answer(503, { message: 'private' }), answer(200));
  const { clock, http } = setUp(server.url);
  await trace.getTracer('test').startActiveSpan('handle', async (span) => {
    await clock.runUntilSettled(http.request(ASK));
    span.end();
  });

  const [first, second, third, call, handle] = otel.spans();
  const request = {
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(server.url).port),
    'url.template': '/bots/{botId}',
  };
  const attempt = { ...request, 'url.full': `${server.url}/bots/b%201` };
  const { ERROR, UNSET } = SpanStatusCode;
  expect(
    [first, second, third, call].map((span) => [span?.name, span?.kind, span?.attributes, span?.status.code]),
  ).toEqual([
    ['GET /bots/{botId}', SpanKind.CLIENT, { ...attempt, 'error.type': 'connection_failed' }, ERROR],
    [
      'GET /bots/{botId}',
      SpanKind.CLIENT,
      { ...attempt, 'http.request.resend_count': 1, 'http.response.status_code': 503, 'error.type': '503' },
      ERROR,
    ],
    [
      'GET /bots/{botId}',
      SpanKind.CLIENT,
      { ...attempt, 'http.request.resend_count': 2, 'http.response.status_code': 200 },
      UNSET,
    ],
    ['GET /bots/{botId}', SpanKind.INTERNAL, { ...request, 'http.response.status_code': 200 }, UNSET],
  ]);
  expect(call?.parentSpanContext?.spanId).toBe(handle?.spanContext().spanId);
  for (const one of [first, second, third]) expect(one?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
  expect(
    JSON.stringify(otel.spans().map(({ name, attributes, events, status }) => [name, attributes, events, status])),
  ).not.toContain('private');

  // Each request carries the context of its own span.
  const traceId = handle?.spanContext().traceId ?? '';
  expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual(
    [first, second, third].map((one) => `00-${traceId}-${one?.spanContext().spanId ?? ''}-01`),
  );
});

it('sends no baggage, and on request no trace context', async () => {
  await using otel = startOpenTelemetry();
  await using server = await scriptedServer(answer(200));
  const baggage = propagation.createBaggage({ customer: { value: 'private' } });
  await context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), async () => {
    await setUp(server.url).http.request(ASK);
    await setUp(server.url, { propagate: false }).http.request(ASK);
  });
  expect(server.requests.map(({ headers }) => [headers['traceparent'] !== undefined, headers['baggage']])).toEqual([
    [true, undefined],
    [false, undefined],
  ]);
  expect(otel.spans()).toHaveLength(4);
});

it('does not count what the caller cancels as an error of the span', async () => {
  await using otel = startOpenTelemetry();
  await using server = await scriptedServer(hang);
  const controller = new AbortController();
  const call = setUp(server.url).http.request(ASK, { signal: controller.signal });
  await expect.poll(() => server.requests.length).toBe(1);
  controller.abort();
  await expect(call).rejects.toThrow('aborted');
  await expect.poll(() => otel.spans().length).toBe(2);
  expect(otel.spans().map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
    [SpanStatusCode.UNSET, 'aborted'],
    [SpanStatusCode.UNSET, 'aborted'],
  ]);
});

it('sends a request as usual where no OpenTelemetry SDK is started', async () => {
  await using server = await scriptedServer(answer(200));
  await setUp(server.url).http.request(ASK);
  expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual([undefined]);
});

it('carries the trace through a queue of jobs', async () => {
  await using otel = startOpenTelemetry();
  const tracer = trace.getTracer('test');
  const job = tracer.startActiveSpan('enqueue', (span) => {
    const data = JSON.stringify({ id: 1, trace: injectTraceContext() });
    span.end();
    return data;
  });
  const { trace: carrier } = JSON.parse(job) as { trace: Record<string, string> };
  expect(withTraceContext(carrier, () => (tracer.startSpan('work').end(), 'done'))).toBe('done');
  const [enqueue, work] = otel.spans();
  expect(work?.parentSpanContext).toMatchObject({
    traceId: enqueue?.spanContext().traceId,
    spanId: enqueue?.spanContext().spanId,
  });
});

it.each([undefined, null, {}, { traceparent: 'broken' }])(
  'starts a trace of its own for the carrier %j',
  async (carrier) => {
    await using otel = startOpenTelemetry();
    const tracer = trace.getTracer('test');
    tracer.startActiveSpan('worker', (span) => {
      withTraceContext(carrier, () => tracer.startSpan('work').end());
      span.end();
    });
    expect(otel.spans().map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
  },
);

it('asks the questions of a queue in the trace that pushed them', async () => {
  await using otel = startOpenTelemetry();
  const tracer = trace.getTracer('test');
  await using queue = new QuestionQueue({
    ask: ({ text }) => tracer.startSpan(`ask ${text}`).end(),
    onError: () => undefined,
    instrumentation: openTelemetry(),
  });
  for (const text of ['1', '2']) {
    tracer.startActiveSpan(`push ${text}`, (span) => {
      queue.push({ id: text, interactionId: 'a', text, fragments: [], reason: 'pause' });
      span.end();
    });
  }
  await queue.idle();
  const spans = otel.spans();
  const parentOf = (name: string) => {
    const id = spans.find((span) => span.name === name)?.parentSpanContext?.spanId;
    return spans.find((span) => span.spanContext().spanId === id)?.name;
  };
  expect([parentOf('ask 1'), parentOf('ask 2')]).toEqual(['push 1', 'push 2']);
});

it('refuses an unknown option', () => {
  expect(() => openTelemetry({ tracer: trace } as OpenTelemetryOptions)).toThrow(ConfigurationError);
  for (const wrong of [{ tracerProvider: {} }, { meterProvider: 7 }])
    expect(() => openTelemetry(wrong as unknown as OpenTelemetryOptions)).toThrow(ConfigurationError);
});

it('ends the span of an attempt whose propagator throws, and sends the request without trace headers', async () => {
  await using otel = startOpenTelemetry();
  await using server = await scriptedServer(answer(200));
  propagation.disable();
  const fail = (): never => {
    throw new Error('no propagation');
  };
  propagation.setGlobalPropagator({ inject: fail, extract: fail, fields: () => [] });
  const { clock, http } = setUp(server.url);
  await clock.runUntilSettled(http.request(ASK));
  expect(otel.spans().map(({ name }) => name)).toEqual(['GET /bots/{botId}', 'GET /bots/{botId}']);
  expect(server.requests[0]?.headers['traceparent']).toBeUndefined();
});
