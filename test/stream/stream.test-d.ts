import { describe, expectTypeOf, test } from 'vitest';
import {
  AssistStream,
  cognigy,
  cxone,
  handleInOrder,
  type AgentAssistError,
  type AuthClient,
  type StreamItem,
  type SuggestionsClient,
  type WebSocketConstructor,
} from 'agent-assist-sdk';
import type { InteractionUpdate, StreamProtocol, UnknownEvent } from 'agent-assist-sdk/stream';
import type { WebSocket as Ws } from 'ws';

declare const stream: AssistStream;
declare const auth: AuthClient;
declare const suggestions: SuggestionsClient;

describe('options', () => {
  test('are a platform and a provider of tokens', () => {
    expectTypeOf(AssistStream).toBeConstructibleWith({ platform: cognigy({ tenant: 'acme' }), auth });
    expectTypeOf(AssistStream).toBeConstructibleWith({ platform: cxone(), auth, pingIntervalMs: undefined });
    // @ts-expect-error without a provider
    new AssistStream({ platform: cxone() });
    // @ts-expect-error no such place
    new AssistStream({ platform: cxone(), auth, streamToken: 'cookie' });
  });

  test('take any WebSocket class', () => {
    expectTypeOf<typeof WebSocket>().toExtend<WebSocketConstructor>();
    expectTypeOf<typeof Ws>().toExtend<WebSocketConstructor>();
  });
});

describe('listeners', () => {
  test('receive the event of their name', () => {
    stream.on('INTERACTION_UPDATE', ({ type, payload }) => {
      expectTypeOf(type).toEqualTypeOf<'INTERACTION_UPDATE'>();
      expectTypeOf(payload).toEqualTypeOf<InteractionUpdate>();
    });
    stream.on('TRANSCRIPT_FRAGMENT', ({ interactionId, text }) =>
      expectTypeOf([interactionId, text]).toEqualTypeOf<string[]>(),
    );
    stream.on('DIALOG_STATE', ({ state }) => expectTypeOf(state).toExtend<string>());
    stream.on('INSIGHT_ACCEPTED', ({ action }) => expectTypeOf(action).toEqualTypeOf<string | undefined>());
    stream.on('unknown', (event) => expectTypeOf(event).toEqualTypeOf<UnknownEvent>());
    stream.on('terminated', ({ error }) => expectTypeOf(error).toEqualTypeOf<AgentAssistError>());
    stream.on('close', ({ code, reason }) => expectTypeOf([code, reason]).toEqualTypeOf<(string | number)[]>());
    // @ts-expect-error no such event
    stream.on('message', () => undefined);
    // @ts-expect-error another event's field
    stream.on('HEARTBEAT', ({ payload: { interactionId } }) => interactionId);
  });

  test('may be async, and hand the payload straight to a client', () => {
    stream.on('INTERACTION_UPDATE', async ({ payload }) => {
      await suggestions.suggest(payload);
    });
  });
});

test('an iteration yields the events of interactions', () => {
  expectTypeOf(stream.events()).toExtend<AsyncIterable<StreamItem>>();
  expectTypeOf(stream).toExtend<AsyncIterable<StreamItem>>();
  expectTypeOf(stream).toExtend<AsyncDisposable>();
});

test('handleInOrder wants to know what becomes of errors', () => {
  void handleInOrder(stream, () => undefined, { onError: () => undefined });
  // @ts-expect-error no onError
  void handleInOrder(stream, () => undefined, {});
});

describe('a protocol', () => {
  interface NoteEvents {
    NOTE: { readonly type: 'NOTE'; readonly text: string };
  }
  const streamUrl = 'wss://acme.example/notes';
  const protocol = {} as StreamProtocol<NoteEvents, { readonly say: string }>;
  const tokenless = {} as typeof protocol & { readonly token: 'none' };

  test('types events, iterations and messages', () => {
    const notes = new AssistStream({ streamUrl, protocol, auth });
    notes.on('NOTE', ({ text }) => expectTypeOf(text).toBeString());
    notes.on('open', ({ connection }) => expectTypeOf(connection).toBeNumber());
    notes.on('invalid', ({ event }) => expectTypeOf(event).toEqualTypeOf<NoteEvents['NOTE'] | undefined>());
    // @ts-expect-error an event of another protocol
    notes.on('INTERACTION_UPDATE', () => undefined);
    expectTypeOf(notes).toExtend<AsyncIterable<StreamItem<NoteEvents['NOTE']>>>();
    expectTypeOf<Parameters<typeof notes.send>>().toEqualTypeOf<[message: { readonly say: string }]>();
    expectTypeOf<Parameters<typeof stream.send>>().toEqualTypeOf<[message: never]>();
  });

  test('needs a provider of tokens, unless it uses none', () => {
    new AssistStream({ streamUrl, protocol: tokenless });
    // @ts-expect-error without a provider
    new AssistStream({ streamUrl, protocol });
  });
});
