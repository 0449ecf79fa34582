import * as z from '../../schema.js';
import { absentable, anyString, filledString, jsonObject, listOf, type ApiResponse } from '../../http/internal.js';
import { ConfigurationError, ResponseValidationError } from '../../errors.js';
import { isRecord } from '../../json.js';
import { required } from '../../options.js';
import type { FlowAnswer, FlowInput, FlowOutput } from './types.js';

export const flowInput: z.Schema<FlowInput> = z.refine(
  z.object({
    userId: filledString,
    sessionId: filledString,
    text: z.optional(anyString),
    data: z.optional(jsonObject),
  } satisfies z.Fields<FlowInput>),
  ({ text = '', data }) => text !== '' || data !== undefined,
  { path: ['text'], message: 'must not be empty without data' },
);

const flowOutput: z.Schema<FlowOutput> = z.looseObject({
  text: absentable(anyString),
  data: absentable(jsonObject),
  traceId: absentable(anyString),
  source: absentable(anyString),
} satisfies z.Fields<FlowOutput>);

// A transformer of the endpoint can replace the whole answer, so no field is required, and it need not be an object. If
// it returns nothing, the platform sends nothing.
export const flowAnswer: z.Schema<FlowAnswer> = z.preprocess(
  (value = {}) => (isRecord(value) ? value : { answer: value }),
  z.looseObject({
    outputStack: absentable(listOf(flowOutput)),
    text: absentable(anyString),
    data: absentable(jsonObject),
    userId: absentable(anyString),
    sessionId: absentable(anyString),
  } satisfies z.Fields<FlowAnswer>),
);

/** @throws {@link ConfigurationError} if the token is missing, or looks like the URL it was to be taken from. */
export function checkedUrlToken(urlToken: string | undefined): string {
  const token = required('urlToken', urlToken);
  if (/\s|:\/\//.test(token))
    throw new ConfigurationError("urlToken: expected only the last part of the endpoint's URL, without spaces");
  return token;
}

/**
 * Creates the error for a flow's answer that a mapping cannot read. The path contains the URL token's name, never the
 * token.
 */
export function unexpectedAnswer(
  { status, attempts }: Pick<ApiResponse<unknown>, 'status' | 'attempts'>,
  path: string,
  message: string,
): ResponseValidationError {
  return new ResponseValidationError({ method: 'POST', path: '/{urlToken}', attempts }, status, [{ path, message }]);
}
