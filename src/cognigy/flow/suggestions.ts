import { checkResult, type ApiResponse, type CallOptions } from '../../http/internal.js';
import { checkFields, checkKind, checkOptions } from '../../options.js';
import type { Suggestion, SuggestionSource, SuggestRequest, SuggestResult } from '../../suggestions/index.js';
import type { FlowClient } from './client.js';
import { unexpectedAnswer } from './schemas.js';
import type { FlowAnswer, FlowInput, FlowOutput, FlowSuggestionMapping } from './types.js';

/**
 * Returns suggestions from a flow, for `AssistEngine`: the engine's triggers, cache, policy and fallback work as with
 * this project's own protocol.
 *
 * A flow that sets no confidence yields suggestions without one. The default policy drops those: let the flow set
 * `data.confidence`, or approve them with `suggestionPolicy({ missingConfidence: 'approve' })`. A flow with a language
 * model needs more time than the engine's default of 5 s (`totalTimeoutMs`). Every call advances the conversation, so
 * the flow must not rely on one call for each update.
 *
 * @example
 * ```ts
 * import { AssistEngine } from 'agent-assist-sdk';
 * import { cognigyAi, FlowClient, flowSuggestions } from 'agent-assist-sdk/cognigy';
 * import { suggestionPolicy } from 'agent-assist-sdk/suggestions';
 *
 * const flow = new FlowClient({ platform: cognigyAi({ environment: 'app' }), urlToken: process.env['COGNIGY_URL_TOKEN'] });
 * const engine = new AssistEngine({
 *   client: flowSuggestions(flow),
 *   policy: suggestionPolicy({ missingConfidence: 'approve' }),
 *   totalTimeoutMs: 20_000,
 * });
 * ```
 */
export function flowSuggestions(flow: Pick<FlowClient, 'send'>, mapping: FlowSuggestionMapping = {}): SuggestionSource {
  checkKind('flow', flow, 'a FlowClient with send()');
  checkOptions('flowSuggestions', mapping, { toInput: 'a function', toSuggestions: 'a function' });
  const { toInput = usualInput, toSuggestions } = mapping;
  return {
    async suggest(request: SuggestRequest, options: CallOptions): Promise<SuggestResult> {
      checkFields('request', request, { interactionId: 'a string', transcript: 'a string' });
      const input = toInput(request);
      checkResult('toInput()', input, 'an object');
      const response = await flow.send(input, options).withResponse();
      const suggestions = toSuggestions?.(response.data) ?? usualSuggestions(response);
      checkResult('toSuggestions()', suggestions, 'a list of objects');
      return { suggestions };
    },
  };
}

function usualInput({ interactionId, transcript, sentimentScore, context }: SuggestRequest): FlowInput {
  return { userId: interactionId, sessionId: interactionId, text: transcript, data: { sentimentScore, context } };
}

/**
 * @throws `ResponseValidationError` for a response of another shape: an empty result would hide that a mapping is
 * missing.
 */
function usualSuggestions(response: ApiResponse<FlowAnswer>): readonly Suggestion[] {
  const { outputStack } = response.data;
  if (outputStack === undefined)
    throw unexpectedAnswer(response, 'outputStack', 'missing; map the answer with toSuggestions');
  return outputStack.flatMap(suggestionOf);
}

function suggestionOf({ text = '', data, traceId }: FlowOutput): readonly Suggestion[] {
  if (text.trim() === '') return [];
  const { confidence, source } = data ?? {};
  return [
    {
      text,
      ...(typeof confidence === 'number' && confidence >= 0 && confidence <= 1 && { confidence }),
      ...(typeof source === 'string' && { source }),
      ...(data !== undefined && { data }),
      ...(traceId !== undefined && { traceId }),
    },
  ];
}
