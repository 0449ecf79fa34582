import * as z from 'zod/mini';
import { absentable, jsonObject, listOf } from '../http/internal.js';
import type { FlowAnswer, FlowInput, FlowOutput } from './flow-types.js';

const id = z.string().check(z.minLength(1));

export const flowInput: z.ZodMiniType<FlowInput> = z
  .object({ userId: id, sessionId: id, text: z.optional(z.string()), data: z.optional(jsonObject) })
  .check(
    z.refine(({ text = '', data }) => text !== '' || data !== undefined, {
      path: ['text'],
      error: 'must not be empty where there is no data',
    }),
  );

const flowOutput: z.ZodMiniType<FlowOutput> = z.looseObject({
  text: absentable(z.string()),
  data: absentable(jsonObject),
  traceId: absentable(z.string()),
  source: absentable(z.string()),
});

// A transformer of the endpoint can replace the whole answer, so no field is required.
export const flowAnswer: z.ZodMiniType<FlowAnswer> = z.looseObject({
  outputStack: absentable(listOf(flowOutput)),
  text: absentable(z.string()),
  data: absentable(jsonObject),
  userId: absentable(z.string()),
  sessionId: absentable(z.string()),
});
