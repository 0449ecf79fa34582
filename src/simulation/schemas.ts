import * as z from '../schema.js';
import {
  absentable,
  anyString,
  checkedBy,
  filledList,
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
  (value) => (value === '' ? 'must be at least 1 character' : 'expected string'),
  { type: 'string', minLength: 1 },
);
const wholeNumber = checkedBy<number>(
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  (value) => (Number.isFinite(value) ? 'expected a whole number of at least 0' : 'expected number'),
  { type: 'number' },
);

const shape = z.strictObject({
  botId: name,
  environmentId: name,
  versionId: name,
  inputs: filledList(z.strictObject({ text, delayMs: wholeNumber })),
  context: jsonObject,
  assertions: z.array(
    z.strictObject({
      stepIndex: wholeNumber,
      expectedIntent: name,
      expectedConfidenceMin: numberFrom(0, 1),
      expectedEntities: jsonObject,
    }),
  ),
} satisfies z.Fields<Simulation>);

/**
 * The rules of protocol 7. They check the indices even if something else is invalid, to report all problems at once.
 */
export const simulationSchema: z.Schema<Simulation> = z.check(
  shape,
  (value) => {
    const simulation = value as unknown as { inputs?: unknown; assertions?: unknown } | null | undefined;
    const { inputs, assertions } = simulation ?? {};
    if (!Array.isArray(inputs) || !Array.isArray(assertions)) return [];
    return assertions.flatMap((assertion: { stepIndex?: unknown } | null, position) => {
      const index = assertion?.stepIndex;
      if (typeof index !== 'number' || index < inputs.length) return [];
      const message = `is out of range (inputs: ${inputs.length}, counted from 0)`;
      return [{ path: ['assertions', position, 'stepIndex'], message }];
    });
  },
  { isAlwaysRun: true },
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

// A step that the bot answered without understanding it, e.g. after a button, may have no result.
const nlu = absentable(
  z.looseObject({
    intent: absentable(anyString),
    confidence: absentable(finiteNumber),
    entities: absentable(listOf(z.looseObject({ type: anyString, value: z.optional(z.unknown()) }))),
  }),
);

const step: z.Schema<SimulationStep> = z.map(
  z.looseObject({
    index: integer,
    userInput: absentable(anyString),
    botResponse: absentable(anyString),
    nlu,
    durationMs: absentable(finiteNumber),
  }),
  // Here, since a mapped copy of an absentable field is no longer one.
  ({ nlu: { entities = [], ...rest } = {}, ...others }) => ({ ...others, nlu: { ...rest, entities } }),
);

/** `GET /simulations/{id}`. */
export const simulationResult: z.Schema<SimulationResult> = z.looseObject({
  id: anyString,
  status: anyString,
  failReason: absentable(anyString),
  durationMs: absentable(finiteNumber),
  steps: absentable(listOf(step)),
} satisfies z.Fields<SimulationResult>);

/** `POST /simulations`. */
export const submittedSimulation: z.Schema<SubmittedSimulation> = z.looseObject({
  id: name,
  status: anyString,
  createdAt: absentable(anyString),
} satisfies z.Fields<SubmittedSimulation>);

/** `GET /bots/{botId}/versions`. */
export const botVersions: z.Schema<readonly BotVersion[]> = listOf(
  z.looseObject({
    id: anyString,
    name: absentable(anyString),
    status: anyString,
    deployed: absentable(flag),
  } satisfies z.Fields<BotVersion>),
);

/** `GET /environments/{environmentId}`. */
export const botEnvironment: z.Schema<BotEnvironment> = z.map(
  z.looseObject({
    id: anyString,
    name: absentable(anyString),
    isolation_mode: anyString,
    allowed_bot_ids: absentable(listOf(anyString)),
  }),
  ({ isolation_mode: isolationMode, allowed_bot_ids: allowedBotIds, ...rest }) => ({
    ...rest,
    isolationMode,
    allowedBotIds: allowedBotIds ?? [],
  }),
);
