import { hasFailed } from '../../http/internal.js';
import { evaluate, type Simulation, type SimulationResult, type SimulationStep } from '../../simulation/index.js';
import type { PlaybookAssert, PlaybookAssertResult, PlaybookOutcome, PlaybookRun, PlaybookStepDraft } from './types.js';

/**
 * Returns the steps of a simulation: each input, with a check for each expected intent and each type of expected
 * entity.
 */
export function stepsFor({ inputs, assertions }: Simulation): PlaybookStepDraft[] {
  return inputs.map(({ text }, index) => {
    const own = assertions.filter(({ stepIndex }) => stepIndex === index);
    const intents = new Set(own.map(({ expectedIntent }) => expectedIntent));
    const slots = new Set(own.flatMap(({ expectedEntities }) => Object.keys(expectedEntities)));
    const asserts: PlaybookAssert[] = [
      ...[...intents].map((intent) => ({ type: 'assertIntent' as const, params: { intent } })),
      ...[...slots].map((slot) => ({ type: 'assertSlot' as const, params: { slot } })),
    ];
    return asserts.length === 0 ? { text } : { text, asserts };
  });
}

/**
 * Returns the steps of a run that belong to the inputs of a simulation. A step with another text is left out and counts
 * as missing.
 */
export function stepsOf({ stepResults }: PlaybookRun, { inputs }: Simulation): SimulationStep[] {
  return inputs.flatMap(({ text }, index): SimulationStep[] => {
    const step = stepResults[index];
    if (step === undefined || (step.text !== undefined && step.text !== text)) return [];
    const intents = step.asserts.filter((check) => check.type === 'assertIntent' && !isNegated(check));
    const slots = step.asserts.filter((check) => check.type === 'assertSlot' && !isNegated(check) && holds(check));
    const entities = slots.flatMap(({ params }) =>
      typeof params?.['slot'] === 'string' ? [{ type: params['slot'] }] : [],
    );
    return [{ index, userInput: text, nlu: { intent: recognised(intents), entities } }];
  });
}

/**
 * Returns the intent of a check that holds; otherwise the actual one of a failed check, unless it is the expected one.
 */
function recognised(checks: readonly PlaybookAssertResult[]): string | undefined {
  const held = checks.find(holds)?.params?.['intent'];
  if (typeof held === 'string') return held;
  const told = checks.map(
    ({ actual }) => (actual as { readonly intent?: unknown } | null | undefined)?.intent ?? actual,
  );
  return told.find(
    (name): name is string => typeof name === 'string' && checks.every(({ params }) => params?.['intent'] !== name),
  );
}

function holds({ status }: PlaybookAssertResult): boolean {
  return status === 'successful';
}

function isNegated({ params, ...check }: PlaybookAssertResult): boolean {
  return params?.['negate'] === true || check['negate'] === true;
}

/** Returns the result of a simulation. It is `FAILED` if the run failed for a reason that no assertion shows. */
export function resultOf(
  { task, run }: PlaybookOutcome,
  simulation: Simulation,
  completed: SimulationResult,
): SimulationResult {
  const failed = (failReason: string): SimulationResult => ({ ...completed, status: 'FAILED', failReason });
  if (run === undefined) {
    const end = hasFailed(task) ? `the task ended as ${task.status}` : 'the task is done, but does not name a run';
    return failed(task.failReason === undefined ? end : `${end}: ${task.failReason}`);
  }
  if (run.status === 'successful') return completed;
  const unsupported = { confidence: '', entityValues: '' };
  if (!evaluate(completed, simulation.assertions, { unsupported }).passed) return completed;
  const wrong = run.stepResults.findIndex(({ status }) => status !== 'successful');
  const step = run.stepResults[wrong];
  const what = step?.timeout === true ? 'took too long' : 'failed a check that the simulation does not have';
  return failed(`the playbook run ended as ${run.status}${step === undefined ? '' : `: step ${wrong} ${what}`}`);
}
