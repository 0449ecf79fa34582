import * as z from 'zod/mini';
import {
  absentable,
  anyString,
  checkedBy,
  finiteNumber,
  flag,
  integer,
  jsonObject,
  listOf,
  numberFrom,
} from '../http/internal.js';
import type {
  BotEnvironment,
  BotVersion,
  Simulation,
  SimulationResult,
  SimulationStep,
  SubmittedSimulation,
} from './types.js';

// Their failure must not end the checks of the object, including those of the indices.
const text = checkedBy<string>((value) => typeof value === 'string', 'expected string', { type: 'string' });
const name = checkedBy<string>(
  (value) => typeof value === 'string' && value !== '',
  ({ input }) => (input === '' ? 'must be at least 1 character' : 'expected string'),
  { type: 'string', minLength: 1 },
);
const wholeNumber = checkedBy<number>(
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  ({ input }) => (Number.isFinite(input) ? 'expected a whole number of at least 0' : 'expected number'),
  { type: 'number' },
);

const shape = z.strictObject({
  botId: name,
  environmentId: name,
  versionId: name,
  inputs: z.array(z.strictObject({ text, delayMs: wholeNumber })).check(z.minLength(1)),
  context: jsonObject,
  assertions: z.array(
    z.strictObject({
      stepIndex: wholeNumber,
      expectedIntent: name,
      expectedConfidenceMin: numberFrom(0, 1),
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
  userInput: absentable(anyString),
  botResponse: absentable(anyString),
  nlu: z.looseObject({
    intent: absentable(anyString),
    confidence: absentable(finiteNumber),
    entities: z.pipe(
      absentable(listOf(z.looseObject({ type: anyString, value: z.optional(z.unknown()) }))),
      z.transform((entities) => entities ?? []),
    ),
  }),
  durationMs: absentable(finiteNumber),
});

/** `GET /simulations/{id}`. */
export const simulationResult: z.ZodMiniType<SimulationResult> = z.looseObject({
  id: anyString,
  status: anyString,
  failReason: absentable(anyString),
  durationMs: absentable(finiteNumber),
  steps: absentable(listOf(step)),
});

/** `POST /simulations`. */
export const submittedSimulation: z.ZodMiniType<SubmittedSimulation> = z.looseObject({
  id: name,
  status: anyString,
  createdAt: absentable(anyString),
});

/** `GET /bots/{botId}/versions`. */
export const botVersions: z.ZodMiniType<readonly BotVersion[]> = listOf(
  z.looseObject({
    id: anyString,
    name: absentable(anyString),
    status: anyString,
    deployed: absentable(flag),
  }),
);

/** `GET /environments/{environmentId}`. */
export const botEnvironment: z.ZodMiniType<BotEnvironment> = z.pipe(
  z.looseObject({
    id: anyString,
    name: absentable(anyString),
    isolation_mode: anyString,
    allowed_bot_ids: absentable(listOf(anyString)),
  }),
  z.transform(({ isolation_mode: isolationMode, allowed_bot_ids: allowedBotIds, ...rest }) => ({
    ...rest,
    isolationMode,
    allowedBotIds: allowedBotIds ?? [],
  })),
);
