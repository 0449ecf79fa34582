import { findPhoneNumbersInText } from 'libphonenumber-js';
import { describe, expectTypeOf, it } from 'vitest';
import type { AssistStream } from 'agent-assist-sdk';
import type { FlowStreamEvents, FlowStreamInput } from 'agent-assist-sdk/cognigy';
import {
  engineTarget,
  readRecording,
  recordStream,
  redactPersonalData,
  serviceTarget,
  type ReadEvent,
  type RecordableStream,
  type Redact,
  type ReplayTarget,
  type ServiceCalls,
  type StreamRecorder,
  type VirtualClock,
} from 'agent-assist-sdk/conversations';
import type { NotificationEvents } from 'agent-assist-sdk/cxone';
import type { Clock } from 'agent-assist-sdk/http';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import type { SuggestionSource } from 'agent-assist-sdk/suggestions';
import type { CognigyTenant, Cxone, Tenant } from 'agent-assist-sdk/testing';

declare const client: SuggestionSource;
declare const stream: AssistStream;

describe('recordStream', () => {
  it('takes a stream of any protocol', () => {
    expectTypeOf<AssistStream>().toExtend<RecordableStream>();
    expectTypeOf<AssistStream<NotificationEvents>>().toExtend<RecordableStream>();
    expectTypeOf<AssistStream<FlowStreamEvents, FlowStreamInput>>().toExtend<RecordableStream>();
    expectTypeOf(recordStream(stream, 'x', { redact: (event) => event })).resolves.toEqualTypeOf<StreamRecorder>();
  });

  it('removes personal data unless another hook is given', () => {
    void recordStream(stream, 'x');
    void recordStream(stream, 'x', { redact: redactPersonalData() });
    // @ts-expect-error redact is synchronous
    void recordStream(stream, 'x', { redact: (event) => Promise.resolve(event) });
    expectTypeOf(
      redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') }),
    ).toEqualTypeOf<Redact>();
    // @ts-expect-error a key is a text or bytes
    void recordStream(stream, 'x', { redact: (event) => event, pseudonymize: { key: 5 } });
  });
});

describe('replay', () => {
  it('reads events with their times', () => {
    expectTypeOf(readRecording('x')).toExtend<AsyncIterable<ReadEvent>>();
    expectTypeOf(readRecording(['x'])).toExtend<AsyncIterable<ReadEvent>>();
  });

  it('takes the options of the engine except its clock, for updates of any type', () => {
    expectTypeOf(engineTarget({ client, pauseMs: 0 })).toEqualTypeOf<ReplayTarget>();
    engineTarget<InteractionUpdate>({ client, triggers: [({ agentId }) => (agentId === 'a' ? [] : [])] });
    // @ts-expect-error the time is that of the recording
    engineTarget({ client, clock: {} as Clock });
    expectTypeOf<VirtualClock>().toExtend<Clock>();
  });

  it('takes the requests of every embedded tenant', () => {
    expectTypeOf<Tenant['requests']>().toExtend<ServiceCalls>();
    expectTypeOf<Cxone['requests']>().toExtend<ServiceCalls>();
    expectTypeOf<CognigyTenant['requests']>().toExtend<ServiceCalls>();
    // @ts-expect-error without calls there is nothing to compare
    serviceTarget({ send: () => 1 });
  });
});
