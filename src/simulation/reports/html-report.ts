import { hasFailed } from '../../http/internal.js';
import { checkOptions } from '../../options.js';
import type { AssertionVerdict } from '../judge/assertion.js';
import type { RunComparison } from '../judge/compare.js';
import type { CaseResult, SuiteRun } from '../run/suite.js';
import type { SimulationStep } from '../types.js';
import {
  assertionCounts,
  caseProblems,
  checkRun,
  describeFailure,
  describeUnchecked,
  duration,
  passRateChange,
  percent,
  scores,
  show,
  unsupportedNotes,
  type ReportOptions,
} from './describe.js';
import { heatMap, histogram } from './charts.js';
import { html, htmlPage, type Markup } from './html.js';

/** Number of failing cases that the page shows expanded. */
const OPENED = 10;

/**
 * Writes a run as a single HTML page without scripts, network or fonts. Failing cases come first, each with its
 * conversation and assertions; then the confusion table as a heat map, the distribution of confidences, and the cases
 * that passed. External text is escaped, and a content security policy keeps the page from loading or running anything.
 */
export function htmlReport(run: SuiteRun, options: ReportOptions): string {
  checkOptions('htmlReport', options, { name: 'anything', comparison: 'an object' });
  checkRun(run, options);
  const { name, comparison } = options;
  const { summary } = run;
  const inStatus = (status: CaseResult['status']): CaseResult[] =>
    run.results.filter((result) => result.status === status);
  const failing = [...inStatus('failed'), ...inStatus('errored')];
  const passed = inStatus('passed');
  const body = html`<header>
<h1>${name}</h1>
<p class="meta">${run.startedAt.slice(0, 19).replace('T', ' ')} UTC · ${duration(run.elapsedMs)} · entities by ${run.entityMatch}</p>
</header>
${comparison === undefined ? undefined : gate(comparison)}
${tiles(run)}
${unsupportedNotes(run).map(
  (note) => html`<p class="note"><strong>Note:</strong> ${note}</p>
`,
)}<nav>${failing.length > 0 ? html`<a href="#failing">Not passed</a>` : undefined}<a href="#confusion">Confusions</a><a href="#confidence">Confidence</a>${
    passed.length > 0 ? html`<a href="#passed">Passed</a>` : undefined
  }</nav>
${comparison === undefined ? undefined : changes(comparison)}
${
  failing.length === 0
    ? undefined
    : html`<section id="failing"><h2>Not passed (${failing.length})</h2>
${failing.map((result, index) => caseBlock(result, index < OPENED))}</section>`
}
<section id="confusion"><h2>Confused intents</h2>
${summary.confusion.length === 0 ? html`<p class="note">No intent was expected.</p>` : heatMap(summary.confusion)}</section>
<section id="confidence"><h2>Confidence of the bot</h2>
${histogram(run.results.flatMap(({ evaluation }) => evaluation?.verdicts ?? []))}</section>
${
  passed.length === 0
    ? undefined
    : html`<section id="passed"><h2>Passed (${passed.length})</h2>
${passed.map((result) => caseBlock(result, false))}</section>`
}
`;
  return htmlPage(`${name}: ${summary.passed} of ${run.results.length} cases pass`, body);
}

function gate({ gate: { holds, failures } }: RunComparison): Markup {
  if (holds) return html`<p class="gate good"><strong>The gate holds.</strong></p>`;
  return html`<p class="gate bad"><strong>The gate does not hold:</strong> ${failures.map(({ message }) => message).join('; ')}.</p>`;
}

function tiles({ summary, results }: SuiteRun): Markup {
  const { intentAccuracy, precision, recall, f1 } = scores(summary);
  const tile = (value: string, label: string, tone = ''): Markup =>
    html`<div class="tile"><b class="${tone}">${value}</b><span>${label}</span></div>`;
  return html`<div class="tiles">
${tile(`${summary.passed} of ${results.length}`, `cases pass (${percent(summary.passRate, results.length)})`, summary.passed === results.length ? 'good' : '')}
${tile(String(summary.failed), 'fail', summary.failed > 0 ? 'bad' : '')}
${tile(String(summary.errored), 'have no verdict', summary.errored > 0 ? 'warn' : '')}
${tile(assertionCounts(summary), 'assertions hold')}
${tile(intentAccuracy, 'intent accuracy')}
${tile(f1, `entity F1 (precision ${precision}, recall ${recall})`)}
</div>`;
}

function changes(comparison: RunComparison): Markup {
  const list = (label: string, ids: readonly string[]): Markup | undefined =>
    ids.length === 0
      ? undefined
      : html`<details><summary>${label}: ${ids.length}</summary><p>${ids.map((id) => html`<code>${id}</code> `)}</p></details>`;
  const { drifts } = comparison;
  return html`<section><h2>Compared with the baseline</h2>
<p>${passRateChange(comparison)}</p>
${list('Newly failing', comparison.newlyFailing)}
${list('Newly passing', comparison.newlyPassing)}
${list('Without a verdict in one of the runs', comparison.notJudged)}
${list('Added', comparison.added)}
${list('Removed', comparison.removed)}
${
  drifts.length === 0
    ? undefined
    : html`<details><summary>Confidence drifts: ${drifts.length}</summary><div class="scroll"><table>
<thead><tr><th>case</th><th>step</th><th>baseline</th><th>now</th><th>change</th></tr></thead>
<tbody>${drifts
        .slice(0, 200)
        .map(
          ({ id, stepIndex, baseline, candidate, change }) =>
            html`<tr><td>${id}</td><td>${stepIndex}</td><td>${baseline}</td><td>${candidate}</td><td>${change}</td></tr>`,
        )}</tbody>
</table></div></details>`
}
</section>`;
}

function caseBlock(result: CaseResult, open: boolean): Markup {
  const { id, name, status, simulationId } = result;
  const tone = { passed: 'good', failed: 'bad', errored: 'warn' }[status];
  const problems = caseProblems(result);
  const general =
    result.error !== undefined ||
    (result.evaluation?.verdicts.length ?? 0) === 0 ||
    (result.result !== undefined && hasFailed(result.result));
  // Looked up once: a case may have many inputs.
  const steps = Map.groupBy(result.result?.steps ?? [], ({ index }) => index);
  const verdicts = Map.groupBy(result.evaluation?.verdicts ?? [], ({ assertion }) => assertion.stepIndex);
  return html`<details${open ? html` open` : undefined}><summary><span class="${tone}">${status}</span> <code>${id}</code> <bdi>${name}</bdi></summary>
${general && problems.length > 0 ? html`<p>${problems[0]}</p>` : undefined}
<div class="scroll"><table class="turns"><thead><tr><th></th><th>customer</th><th>bot</th><th>understood</th><th>expected</th></tr></thead><tbody>
${result.simulation.inputs.map(({ text }, index) => turn(index, text, steps.get(index)?.[0], verdicts.get(index)))}</tbody></table></div>
<p class="meta">${simulationId === undefined ? 'never submitted' : `simulation ${simulationId}`} · ${duration(result.elapsedMs)}${result.resumed ? ' · from an earlier run' : ''}</p>
</details>
`;
}

function turn(
  index: number,
  text: string,
  step: SimulationStep | undefined,
  verdicts: readonly AssertionVerdict[] = [],
): Markup {
  const understood =
    step === undefined
      ? undefined
      : html`<code>${step.nlu.intent}</code> ${step.nlu.confidence}${entityList(step.nlu.entities.map(({ type, value }) => [type, value]))}`;
  return html`<tr><td>${index}</td><td><bdi>${text}</bdi></td><td><bdi>${step?.botResponse}</bdi></td><td>${understood}</td><td>${verdicts.map(expectation)}</td></tr>
`;
}

function expectation(verdict: AssertionVerdict): Markup {
  const { assertion, passed, failures, unchecked } = verdict;
  const { expectedIntent, expectedConfidenceMin, expectedEntities } = assertion;
  return html`<div><span class="${passed ? 'good' : 'bad'}">${passed ? '✓' : '✗'}</span> <code>${expectedIntent}</code> ≥ ${expectedConfidenceMin}${entityList(
    Object.entries(expectedEntities),
  )}${failures.map((failure) => html`<br><span class="bad">${describeFailure(failure)}</span>`)}${
    unchecked === undefined ? undefined : html`<br><span class="warn">${describeUnchecked(verdict)}</span>`
  }</div>`;
}

function entityList(entities: readonly (readonly [type: string, value: unknown])[]): Markup[] {
  return entities.map(
    ([type, value]) =>
      html`<br><span class="mono">${type}${value === undefined || value === null ? undefined : html` = <bdi>${show(value)}</bdi>`}</span>`,
  );
}
