import type { Keyv } from 'keyv';
import type * as z from 'zod/mini';
import { expectTypeOf, it } from 'vitest';
import type {
  AssistMetrics,
  AssistOutcome,
  PolicyOptions,
  Suggestion,
  SuggestionSource,
  SuggestRequest,
  SuggestResult,
} from 'agent-assist-sdk/suggestions';
import type { KeyValueStore, Logger } from 'agent-assist-sdk/http';
import type { AssistEngine, SuggestionsClient } from 'agent-assist-sdk/suggestions';
import type { WidgetConfig } from 'agent-assist-sdk/widget';
import type { suggestRequest, suggestResult } from '../../src/suggestions/schemas.js';
import type { widgetConfigSchema } from '../../src/widget/handler.js';

it('the public types are what the schemas yield', () => {
  expectTypeOf<z.output<typeof suggestRequest>>().toEqualTypeOf<
    SuggestRequest & Required<Pick<SuggestRequest, 'context'>>
  >();
  expectTypeOf<z.output<typeof suggestResult>>().toEqualTypeOf<SuggestResult>();
  expectTypeOf<z.output<typeof widgetConfigSchema>>().toEqualTypeOf<WidgetConfig>();
});

it('the payload of the stream fits as it is', () => {
  interface Payload {
    readonly interactionId: string;
    readonly transcript: string;
    readonly sentimentScore: number;
    readonly agentId?: string | undefined;
    readonly context?: Record<string, unknown> | undefined;
  }
  expectTypeOf<Payload>().toExtend<Parameters<SuggestionsClient['suggest']>[0]>();
  expectTypeOf<Payload>().toExtend<Parameters<AssistEngine['handle']>[0]>();
});

it('collaborators fit together', () => {
  expectTypeOf<SuggestionsClient>().toExtend<SuggestionSource>();
  expectTypeOf<Keyv>().toExtend<KeyValueStore>();
  expectTypeOf<WidgetConfig>().toExtend<PolicyOptions>();
  expectTypeOf<AssistMetrics>().toExtend<NonNullable<Parameters<Logger['debug']>[1]>>();
});

it('the status tells the outcomes apart', () => {
  expectTypeOf<AssistOutcome['status']>().toEqualTypeOf<'skipped' | 'fresh' | 'cached' | 'fallback'>();
  expectTypeOf<Extract<AssistOutcome, { status: 'fallback' }>['error']>().toBeUnknown();
  expectTypeOf<AssistOutcome['suggestions']>().toEqualTypeOf<readonly Suggestion[]>();
});
