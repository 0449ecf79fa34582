import { compareRuns, runSuite, type RunComparison, type SuiteCase, type SuiteRun } from 'agent-assist-sdk/simulation';
import { startTenant } from 'agent-assist-sdk/testing';
import { caseOf, clientOf, simulationOf } from './helpers.js';

export const attack =
  '<script>alert(1)</script> "\'&]]>`|\u202e\u0007\u0000\ud800 <!-- @everyone [x](javascript:alert(1))';

/** Runs to report: one with every status, and one whose every text is hostile, compared with a better one. */
export async function runsToReport(): Promise<{ plain: SuiteRun; run: SuiteRun; comparison: RunComparison }> {
  await using tenant = await startTenant();
  tenant.simulation.durationMs = 1;
  const client = clientOf(tenant);
  const cases: SuiteCase[] = [
    caseOf('good', ['book flight to paris', 'book_flight', { city: 'paris' }], ['bye', 'goodbye']),
    {
      ...caseOf('bad', ['book flight to paris', 'goodbye', { city: 'oslo', seat: null }], ['bye', 'goodbye']),
      name: 'Ends too soon',
    },
    caseOf('failed', ['hi', 'greeting'], ['bye', 'goodbye']),
    { id: 'nothing expected', simulation: { ...simulationOf(['hi', 'greeting']), assertions: [] } },
    caseOf('errored', ['hi', 'greeting']),
  ];
  tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 500, body: 'out of order' }, skip: 4 });
  tenant.simulation.scriptNext({}, {}, { failAfterSteps: 1 });
  const plain = await runSuite(cases, { client, concurrency: 1, pollIntervalMs: 2 });
  tenant.simulation.train([
    { text: 'x', intent: attack, entities: { [attack]: 'x1' } },
    { text: 'y', intent: 'y' },
  ]);
  const hostile = [
    { ...caseOf(attack, [attack, attack, { [attack]: attack }], ['x', 'y']), name: attack },
    ...cases.slice(1, 2),
  ];
  const run = await runSuite(hostile, { client, concurrency: 1, pollIntervalMs: 2 });
  const comparison = compareRuns({ results: run.results.map((result) => ({ ...result, status: 'passed' })) }, run, {
    minPassRate: 50,
  });
  return { plain, run, comparison };
}
