import { validateRequest } from '../http/internal.js';
import { isRecord } from '../json.js';
import { simulationSchema } from './schemas.js';
import type { Simulation, SimulationAssertion, SimulationTarget } from './types.js';

/** Default pause before an input in ms (protocol 7). */
const DEFAULT_DELAY_MS = 500;
/** Default minimum confidence (protocol 7). */
const DEFAULT_CONFIDENCE_MIN = 0.85;

/** An input of the customer: its text, or its text and the pause before it. */
export type InputDraft =
  | string
  | {
      readonly text: string;
      /** Pause before the input in ms. @defaultValue 500 */
      readonly delayMs?: number | undefined;
    };

/** An assertion without its defaults. */
export interface AssertionDraft extends Pick<SimulationAssertion, 'stepIndex' | 'expectedIntent'> {
  /** Minimum confidence, 0 to 1. @defaultValue 0.85 */
  readonly expectedConfidenceMin?: number | undefined;
  /** Expected entities, by type. `null` expects the type with any value. @defaultValue none */
  readonly expectedEntities?: Readonly<Record<string, unknown>> | undefined;
}

/** A simulation without its defaults. */
export interface SimulationDraft extends SimulationTarget {
  /** The customer's inputs, in order; at least one. */
  readonly inputs: readonly InputDraft[];
  /** Initial variables of the conversation. @defaultValue none */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** The assertions. @defaultValue none, which never passes */
  readonly assertions?: readonly AssertionDraft[] | undefined;
}

/**
 * Builds a simulation: fills in the defaults (500 ms before each input, confidence of at least 0.85) and checks all
 * rules of protocol 7, e.g. that the index of each assertion is within the inputs.
 *
 * @throws `RequestValidationError` with all problems and their paths.
 *
 * @example
 * ```ts
 * import { buildSimulation } from 'agent-assist-sdk/simulation';
 *
 * const simulation = buildSimulation({
 *   botId: 'bot-123', environmentId: 'env-staging', versionId: 'ver-abc',
 *   inputs: ['book flight to paris', 'departing next monday'],
 *   assertions: [
 *     { stepIndex: 0, expectedIntent: 'book_flight' },
 *     { stepIndex: 1, expectedIntent: 'provide_date', expectedConfidenceMin: 0.8, expectedEntities: { date: 'next monday' } },
 *   ],
 * });
 * ```
 */
export function buildSimulation(draft: SimulationDraft): Simulation {
  return validateRequest(simulationSchema, withDefaults(draft), 'simulation');
}

/** Fills in the defaults without checks: malformed parts stay unchanged, for the schema to report. */
export function withDefaults(draft: unknown): unknown {
  if (!isRecord(draft)) return draft;
  const { inputs, context = {}, assertions = [], ...rest } = draft;
  return {
    ...rest,
    inputs: mapItems(inputs, completeInput),
    context,
    assertions: mapItems(assertions, completeAssertion),
  };
}

function completeInput(input: unknown): unknown {
  // A value that is not an object was meant as the text, so an error should expect a text.
  return isRecord(input)
    ? { ...input, delayMs: input['delayMs'] ?? DEFAULT_DELAY_MS }
    : { text: input, delayMs: DEFAULT_DELAY_MS };
}

function completeAssertion(assertion: unknown): unknown {
  if (!isRecord(assertion)) return assertion;
  const { expectedConfidenceMin = DEFAULT_CONFIDENCE_MIN, expectedEntities = {} } = assertion;
  return { ...assertion, expectedConfidenceMin, expectedEntities };
}

function mapItems(items: unknown, complete: (item: unknown) => unknown): unknown {
  return Array.isArray(items) ? items.map(complete) : items;
}
