import { NotFoundError, RequestValidationError, TimeoutError } from 'agent-assist-sdk';
import {
  auditRecord,
  buildSimulation,
  evaluate,
  runSuite,
  type JournalEntry,
  type RunOptions,
  type SimulationResult,
  type SimulationRunner,
  type SimulationStep,
  type SuiteCase,
  type SuiteJournal,
  type UnsupportedParts,
} from 'agent-assist-sdk/simulation';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { target } from './helpers.js';

type Step = SimulationStep['nlu'];

/** A runner that understands what it is told to, and writes down how it was asked. */
class FakeRunner implements SimulationRunner {
  readonly asked: RunOptions[] = [];
  readonly unsupported: UnsupportedParts | undefined;
  readonly maxInputs: number | undefined;
  readonly #nlu: Step;
  readonly fail: Error[] = [];

  constructor(nlu: Step, unsupported?: UnsupportedParts, maxInputs?: number) {
    this.#nlu = nlu;
    this.unsupported = unsupported;
    this.maxInputs = maxInputs;
  }

  async run(simulation: SuiteCase['simulation'], options: RunOptions = {}): Promise<SimulationResult> {
    this.asked.push(options);
    const id = options.submittedId ?? `run-${this.asked.length}`;
    if (options.submittedId === undefined) await options.onSubmitted?.(id);
    const failure = this.fail.shift();
    if (failure !== undefined) throw failure;
    return {
      id,
      status: 'COMPLETED',
      steps: simulation.inputs.map(({ text }, index) => ({ index, userInput: text, nlu: this.#nlu })),
    };
  }
}

const greeting = { intent: 'greeting', entities: [{ type: 'name' }] };
const noConfidence = { confidence: 'this bot has none' };

function caseOf(assertion: object = {}, rest: object = {}): SuiteCase {
  const assertions = [{ stepIndex: 0, expectedIntent: 'greeting', ...assertion }];
  return {
    id: 'hello',
    simulation: buildSimulation({ ...target, inputs: [{ text: 'hi', delayMs: 0 }], assertions, ...rest }),
  };
}

async function refusal(runner: SimulationRunner, ...cases: SuiteCase[]): Promise<readonly string[]> {
  const error = await runSuite(cases, { client: runner }).catch((caught: unknown) => caught);
  if (!(error instanceof RequestValidationError)) throw new Error('the suite was not refused', { cause: error });
  return error.issues.map(({ path, message }) => `${path}: ${message}`);
}

describe('a suite on another runner', () => {
  test('is run and judged as on the platform itself', async () => {
    const runner = new FakeRunner({ ...greeting, confidence: 0.9 });
    const options = { pollIntervalMs: 7, timeoutMs: 9000, clock: new FakeClock() };
    const run = await runSuite([caseOf()], { client: runner, ...options });
    expect(run.results[0]).toMatchObject({ status: 'passed', simulationId: 'run-1' });
    expect(run.results[0]?.evaluation?.metrics).toMatchObject({ avgIntentConfidence: 0.9 });
    expect(run.unsupported).toBeUndefined();
    expect(runner.asked[0]).toMatchObject({ pollIntervalMs: 7, totalTimeoutMs: 9000, submittedId: undefined });
  });

  test('goes on with the run that its journal names, and starts a new one where that is gone', async () => {
    const entries: JournalEntry[] = [];
    const journal: SuiteJournal = {
      read: () => Promise.resolve({ entries: [...entries] }),
      append: (entry) => Promise.resolve(void entries.push(entry)),
    };
    const runner = new FakeRunner({ ...greeting, confidence: 0.9 });
    runner.fail.push(new TimeoutError('too slow', 1));
    await runSuite([caseOf()], { client: runner, journal });
    expect(entries.map(({ type }) => type)).toEqual(['submitted', 'errored']);
    const call = { method: 'GET', path: '/runs', attempts: 1 };
    runner.fail.push(new NotFoundError({ call, status: 404, headers: new Headers(), body: '' } as never));
    const run = await runSuite([caseOf()], { client: runner, journal });
    expect(runner.asked.map(({ submittedId }) => submittedId)).toEqual([undefined, 'run-1', undefined]);
    expect(run.results[0]).toMatchObject({ status: 'passed', simulationId: 'run-3' });
  });
});

describe('what a runner cannot do', () => {
  test('is refused before anything is sent, each place by its path', async () => {
    const unsupported = { ...noConfidence, context: 'no variables', entityValues: 'types alone', delay: 'no pauses' };
    const runner = new FakeRunner(greeting, unsupported, 2);
    const suite = caseOf(
      { expectedEntities: { name: 'Ada', city: null } },
      { context: { tier: 'gold' }, inputs: ['hi', 'ho', 'he'] },
    );
    expect(await refusal(runner, caseOf({ expectedConfidenceMin: 0 }), { ...suite, id: 'b' })).toEqual([
      '[1].simulation.inputs: must have at most 2 items for this runner',
      expect.stringMatching(/^\[1\]\.simulation\.context: cannot be checked: no variables \(`unsupported: 'note'`/),
      expect.stringMatching(/^\[1\]\.simulation\.assertions\[0\]\.expectedConfidenceMin: cannot be checked: this bot/),
      expect.stringMatching(/^\[1\]\.simulation\.assertions\[0\]\.expectedEntities: cannot be checked: types alone/),
    ]);
    expect(runner.asked).toEqual([]);
  });

  test('is left out and named everywhere with "note"', async () => {
    const runner = new FakeRunner(greeting, noConfidence);
    const run = await runSuite([caseOf()], { client: runner, unsupported: 'note' });
    expect(run).toMatchObject({
      unsupported: [{ part: 'confidence', reason: 'this bot has none', cases: 1 }],
      summary: { passed: 1, passedAssertions: 1, uncheckedAssertions: 1, intentAccuracy: 1 },
    });
    const [result] = run.results;
    if (result?.result === undefined || result.evaluation === undefined) throw new Error('expected a verdict');
    expect(result.evaluation.verdicts[0]).toMatchObject({ passed: true, unchecked: ['confidence'], failures: [] });
    expect(result.evaluation.metrics.avgIntentConfidence).toBeUndefined();
    expect(JSON.stringify(result.evaluation.metrics)).not.toContain('confidence');
    expect(auditRecord(target, result.result, result.evaluation)).toMatchObject({ unchecked: ['confidence'] });
    const note = 'not checked in 1 case: confidence: this bot has none';
    expect(markdownReport(run, { name: 's' })).toContain(note);
    expect(markdownReport(run, { name: 's' })).toContain('| 1 of 1, 1 checked in part |');
    expect(htmlReport(run, { name: 's' })).toContain(note);
    expect(htmlReport(run, { name: 's' })).toContain('confidence not checked');
    expect(junitReport(run, { name: 's' })).toContain(`<property name="unsupported" value="${note}"/>`);
  });

  test('is only noted where the expectations are judged without it', async () => {
    const runner = new FakeRunner({ ...greeting, confidence: 1 }, { delay: 'no pauses', conversation: 'one by one' });
    const run = await runSuite([caseOf({}, { inputs: ['hi', 'ho'] })], { client: runner });
    expect(run.unsupported?.map(({ part }) => part)).toEqual(['delay', 'conversation']);
    expect(run.summary).toMatchObject({ passed: 1 });
    expect(run.summary.uncheckedAssertions).toBeUndefined();
  });

  test('never hides what fails', async () => {
    const runner = new FakeRunner({ ...greeting, intent: 'goodbye' }, noConfidence);
    const run = await runSuite([caseOf()], { client: runner, unsupported: 'note' });
    expect(run.results[0]?.evaluation?.verdicts[0]?.failures).toEqual([
      { reason: 'intent', expected: 'greeting', actual: 'goodbye' },
    ]);
    expect(run.summary).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('a verdict on what a runner does not support', () => {
  const resultOf = (nlu: Step): SimulationResult => ({ id: 'r', status: 'COMPLETED', steps: [{ index: 0, nlu }] });
  const assertion = (expectedEntities: Record<string, unknown>, expectedConfidenceMin = 0.5) => ({
    stepIndex: 0,
    expectedIntent: 'greeting',
    expectedConfidenceMin,
    expectedEntities,
  });

  test('judges a confidence that is there all the same', () => {
    const low = resultOf({ ...greeting, confidence: 0.4 });
    const { passed, metrics } = evaluate(low, [assertion({})], { unsupported: noConfidence });
    expect(passed).toBe(false);
    expect(metrics.avgIntentConfidence).toBe(0.4);
  });

  test('asks for no confidence where none is expected', () => {
    const { verdicts, passed } = evaluate(resultOf(greeting), [assertion({}, 0)], { unsupported: noConfidence });
    expect(passed).toBe(true);
    expect(verdicts[0]?.unchecked).toBeUndefined();
  });

  test('tells types that are missing from values that nobody knows, and counts neither as found', () => {
    const unsupported = { ...noConfidence, entityValues: 'types alone' };
    const { verdicts, metrics, entities } = evaluate(
      resultOf(greeting),
      [assertion({ name: 'Ada', city: 'Paris' }), assertion({ name: null })],
      { unsupported },
    );
    expect(verdicts[0]).toMatchObject({
      passed: false,
      entitiesMatched: false,
      unchecked: ['confidence', 'entityValues'],
      failures: [{ reason: 'entity-missing', type: 'city', expected: 'Paris' }],
    });
    expect(verdicts[1]).toMatchObject({ passed: true, entitiesMatched: true, unchecked: ['confidence'] });
    expect(metrics.avgEntityAccuracy).toBe(1);
    expect(entities).toMatchObject({ truePositives: 1, falsePositives: 0, falseNegatives: 0 });
  });

  test('leaves entities out of every figure where there are none', () => {
    const unsupported = { entities: 'none' };
    const seen = resultOf({ intent: 'greeting', confidence: 1, entities: [] });
    const { metrics, entities, verdicts } = evaluate(seen, [assertion({ name: null })], { unsupported });
    expect(verdicts[0]).toMatchObject({ unchecked: ['entities'], entitiesMatched: false });
    expect(metrics.avgEntityAccuracy).toBeUndefined();
    expect(entities).toMatchObject({ truePositives: 0, falseNegatives: 0 });
  });
});
