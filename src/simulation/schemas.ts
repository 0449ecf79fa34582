import * as z from 'zod/mini';
import { absentable, integer, jsonObject, listOf } from '../http/internal.js';
import type {
  BotEnvironment,
  BotVersion,
  Simulation,
  SimulationResult,
  SimulationStep,
  SubmittedSimulation,
} from './types.js';

const name = z.string().check(z.minLength(1));
// `z.int()` would end all checks of the object at the first fraction, including those of the indices.
const wholeNumber = z
  .number()
  .check(z.refine((value) => Number.isSafeInteger(value) && value >= 0, 'expected a whole number of at least 0'));

const shape = z.strictObject({
  botId: name,
  environmentId: name,
  versionId: name,
  inputs: z.array(z.strictObject({ text: z.string(), delayMs: wholeNumber })).check(z.minLength(1)),
  context: jsonObject,
  assertions: z.array(
    z.strictObject({
      stepIndex: wholeNumber,
      expectedIntent: name,
      expectedConfidenceMin: z.number().check(z.minimum(0), z.maximum(1)),
      expectedEntities: jsonObject,
    }),
  ),
});

/**
 * The rules of protocol 7. They check the indices even if something else is invalid, to report all problems at once.
 */
export const simulationSchema: z.ZodMiniType<Simulation> = shape.check(
  z.superRefine(
    (value, context) => {
      const simulation = value as unknown as { inputs?: unknown; assertions?: unknown } | null | undefined;
      const { inputs, assertions } = simulation ?? {};
      if (!Array.isArray(inputs) || !Array.isArray(assertions)) return;
      assertions.forEach((assertion: { stepIndex?: unknown } | null, position) => {
        const index = assertion?.stepIndex;
        if (typeof index !== 'number' || index < inputs.length) return;
        context.addIssue({
          code: 'custom',
          path: ['assertions', position, 'stepIndex'],
          input: index,
          message: `is outside of the ${inputs.length} inputs, which count from 0`,
        });
      });
    },
    { when: () => true },
  ),
);

/** Returns a simulation in the form of the wire (protocol 7). */
export function toWire(simulation: Simulation): unknown {
  const { botId, environmentId, versionId, inputs, context, assertions } = simulation;
  return {
    botId,
    environmentId,
    versionId,
    inputs: inputs.map(({ text, delayMs }) => ({ text, delay_ms: delayMs })),
    context,
    assertions: assertions.map(({ stepIndex, expectedIntent, expectedConfidenceMin, expectedEntities }) => ({
      step_index: stepIndex,
      expected_intent: expectedIntent,
      expected_confidence_min: expectedConfidenceMin,
      // JSON has no `undefined`; `null` also expects the type alone.
      expected_entities: Object.fromEntries(
        Object.entries(expectedEntities).map(([type, value]) => [type, value ?? null]),
      ),
    })),
  };
}

const step: z.ZodMiniType<SimulationStep> = z.looseObject({
  index: integer,
  userInput: absentable(z.string()),
  botResponse: absentable(z.string()),
  nlu: z.looseObject({
    intent: absentable(z.string()),
    confidence: absentable(z.number()),
    entities: z.pipe(
      absentable(listOf(z.looseObject({ type: z.string(), value: z.optional(z.unknown()) }))),
      z.transform((entities) => entities ?? []),
    ),
  }),
  durationMs: absentable(z.number()),
});

/** `GET /simulations/{id}`. */
export const simulationResult: z.ZodMiniType<SimulationResult> = z.looseObject({
  id: z.string(),
  status: z.string(),
  failReason: absentable(z.string()),
  durationMs: absentable(z.number()),
  steps: absentable(listOf(step)),
});

/** `POST /simulations`. */
export const submittedSimulation: z.ZodMiniType<SubmittedSimulation> = z.looseObject({
  id: name,
  status: z.string(),
  createdAt: absentable(z.string()),
});

/** `GET /bots/{botId}/versions`. */
export const botVersions: z.ZodMiniType<readonly BotVersion[]> = listOf(
  z.looseObject({
    id: z.string(),
    name: absentable(z.string()),
    status: z.string(),
    deployed: absentable(z.boolean()),
  }),
);

/** `GET /environments/{environmentId}`. */
export const botEnvironment: z.ZodMiniType<BotEnvironment> = z.pipe(
  z.looseObject({
    id: z.string(),
    name: absentable(z.string()),
    isolation_mode: z.string(),
    allowed_bot_ids: absentable(listOf(z.string())),
  }),
  z.transform(({ isolation_mode: isolationMode, allowed_bot_ids: allowedBotIds, ...rest }) => ({
    ...rest,
    isolationMode,
    allowedBotIds: allowedBotIds ?? [],
  })),
);
