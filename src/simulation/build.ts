import { validateRequest } from '../http/internal.js';
import { isRecord } from '../json.js';
import { simulationSchema } from './schemas.js';
import type { Simulation } from './types.js';

/** Pause before an input when none is given, in ms (protocol 7). */
const DEFAULT_DELAY_MS = 500;
/** Least confidence when none is given (protocol 7). */
const DEFAULT_CONFIDENCE_MIN = 0.85;

/** One thing that the customer says: the text alone, or with the pause before it. */
export type InputDraft =
  | string
  | {
      /** What is said. */
      readonly text: string;
      /**
       * Pause before it in ms.
       *
       * @defaultValue 500
       */
      readonly delayMs?: number | undefined;
    };

/** An expectation with its defaults left out. */
export interface AssertionDraft {
  /** Position of the input in `inputs`, from 0. */
  readonly stepIndex: number;
  /** The intent that must be recognized. */
  readonly expectedIntent: string;
  /**
   * The least confidence, 0 to 1.
   *
   * @defaultValue 0.85
   */
  readonly expectedConfidenceMin?: number | undefined;
  /**
   * Entities that must be found, by type; `null` asks for the type alone.
   *
   * @defaultValue none
   */
  readonly expectedEntities?: Readonly<Record<string, unknown>> | undefined;
}

/** A simulation with its defaults left out. */
export interface SimulationDraft {
  /** The bot. */
  readonly botId: string;
  /** The environment that it runs in. */
  readonly environmentId: string;
  /** The bot's version. */
  readonly versionId: string;
  /** What the customer says, in order; at least one input. */
  readonly inputs: readonly InputDraft[];
  /**
   * Variables that the conversation starts with.
   *
   * @defaultValue none
   */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What is expected.
   *
   * @defaultValue nothing, which never passes
   */
  readonly assertions?: readonly AssertionDraft[] | undefined;
}

/**
 * Makes a simulation: fills in the defaults (500 ms before each input, confidence of at least 0.85) and checks every
 * rule of protocol 7, among them that each assertion's index lies within the inputs.
 *
 * @throws `RequestValidationError` with all problems and their paths.
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

/** Fills in the defaults and checks nothing: whatever is malformed stays as it is, for the schema to name. */
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
  // Whatever is no object was meant as the text: an error about it should say that a text is expected.
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
