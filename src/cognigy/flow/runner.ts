import { ConfigurationError, TimeoutError } from '../../errors.js';
import { checkResult, sleep, systemClock, withinLimit, type CallOptions, type Clock } from '../../http/internal.js';
import { isObject } from '../../json.js';
import { checkKind, checkOptions } from '../../options.js';
import type {
  NluEntity,
  NluResult,
  RunOptions,
  Simulation,
  SimulationResult,
  SimulationRunner,
  SimulationStep,
  UnsupportedParts,
} from '../../simulation/index.js';
import type { FlowClient } from './client.js';
import type { FlowAnswer, FlowInput } from './types.js';
import { callsWithin } from '../nlu/runner.js';

/** Options of {@link flowRunner}. */
export interface FlowRunnerOptions {
  /** The client to use; `testMode` must be `true`, since other conversations are billed. */
  readonly client: Pick<FlowClient, 'send' | 'isTestMode'>;
  /**
   * Returns the input of a step, e.g. with the simulation's context as data.
   *
   * @defaultValue the text alone; a context is then not supported
   */
  readonly toInput?: ((simulation: Simulation, stepIndex: number) => Pick<FlowInput, 'text' | 'data'>) | undefined;
  /**
   * Returns what the flow understood.
   *
   * @defaultValue `intent`, `confidence` and `entities` (a list of `{type, value}`) of the first output whose data has
   * an `intent`, set by the flow or a transformer of the endpoint
   */
  readonly toUnderstanding?: ((answer: FlowAnswer) => NluResult | Promise<NluResult>) | undefined;
  /**
   * Parts that the flow does not report, with the reason for each, e.g. `{ confidence: 'our flow reports none' }`.
   *
   * @defaultValue none
   */
  readonly unsupported?: UnsupportedParts | undefined;
  /** Source of time. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
}

/**
 * Runs simulated conversations with a flow, for `runSuite`: one session for each simulation, pauses included. The
 * endpoint decides which flow, locale and snapshot answer, so `botId`, `environmentId` and `versionId` have no effect.
 * An interrupted case starts again.
 *
 * The vendor allows 600 test inputs an hour.
 *
 * @throws `ConfigurationError` for an unknown option, or a client that is not in test mode.
 *
 * @example
 * ```ts
 * import { FlowClient, cognigyAi, flowRunner } from 'agent-assist-sdk/cognigy';
 * import { runSuite, type SuiteCase, type SuiteRun } from 'agent-assist-sdk/simulation';
 *
 * function conversations(cases: readonly SuiteCase[], urlToken: string): Promise<SuiteRun> {
 *   const flow = new FlowClient({ platform: cognigyAi({ environment: 'trial' }), urlToken, testMode: true });
 *   const client = flowRunner({ client: flow, unsupported: { confidence: 'the flow tells intents alone' } });
 *   return runSuite(cases, { client, unsupported: 'note' });
 * }
 * ```
 */
export function flowRunner(options: FlowRunnerOptions): SimulationRunner {
  checkOptions('flowRunner', options, {
    client: 'anything',
    toInput: 'a function',
    toUnderstanding: 'a function',
    unsupported: 'an object',
    clock: 'a clock with monotonic()',
  });
  const { client, toInput, toUnderstanding = usualUnderstanding, clock = systemClock } = options;
  checkKind('client', client, 'a FlowClient with send()', 'a FlowClient with testMode: true');
  if (!client.isTestMode) throw new ConfigurationError('client: expected a FlowClient with testMode: true');

  const converse = async (
    simulation: Simulation,
    id: string,
    nextCall: () => CallOptions,
  ): Promise<SimulationStep[]> => {
    const steps: SimulationStep[] = [];
    for (const [index, { text, delayMs }] of simulation.inputs.entries()) {
      if (delayMs > 0) await sleep(clock, delayMs, nextCall().signal);
      const given = toInput?.(simulation, index) ?? usualInput(text);
      checkResult('toInput()', given, 'an object');
      const input = { userId: 'agent-assist-sdk', sessionId: id, ...given };
      const startedAt = clock.monotonic();
      const answer = await client.send(input, nextCall());
      const durationMs = clock.monotonic() - startedAt;
      const nlu = await toUnderstanding(answer);
      steps.push({ index, userInput: text, botResponse: textOf(answer), nlu, durationMs });
    }
    return steps;
  };

  return {
    unsupported: {
      target: 'the endpoint determines the flow and the version',
      ...(toInput === undefined ? { context: 'the option toInput must pass it to the flow' } : {}),
      ...options.unsupported,
    },
    async run(simulation: Simulation, runOptions: RunOptions = {}): Promise<SimulationResult> {
      const callOptions = callsWithin(simulation, runOptions, clock);
      const { totalTimeoutMs: timeoutMs } = callOptions();
      const id = `simulation-${crypto.randomUUID()}`;
      const startedAt = clock.monotonic();
      const steps = await withinLimit((signal) => converse(simulation, id, () => ({ ...callOptions(), signal })), {
        clock,
        timeoutMs,
        timeoutError: (cause) =>
          new TimeoutError(`the conversation did not end within ${timeoutMs} ms`, timeoutMs, { cause }),
        signal: runOptions.signal,
      });
      return { id, status: 'COMPLETED', steps, durationMs: clock.monotonic() - startedAt };
    },
  };
}

/** An empty text is an input too; the platform requires text or data. */
function usualInput(text: string): Pick<FlowInput, 'text' | 'data'> {
  return text === '' ? { data: {} } : { text };
}

function textOf({ outputStack, text }: FlowAnswer): string | undefined {
  return outputStack === undefined ? text : outputStack.flatMap((output) => output.text ?? []).join('\n');
}

function usualUnderstanding({ outputStack = [], data }: FlowAnswer): NluResult {
  const told = [...outputStack.map((output) => output.data), data].find((set) => typeof set?.['intent'] === 'string');
  const { intent, confidence, entities }: Readonly<Record<string, unknown>> = told ?? {};
  return {
    intent: typeof intent === 'string' ? intent : undefined,
    confidence: typeof confidence === 'number' && confidence >= 0 && confidence <= 1 ? confidence : undefined,
    entities: Array.isArray(entities) ? entities.filter(isEntity) : [],
  };
}

function isEntity(value: unknown): value is NluEntity {
  return isObject(value) && typeof value['type'] === 'string';
}
