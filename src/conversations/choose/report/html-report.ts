import { html, htmlPage, type Markup } from '../../../simulation/reports/html.js';
import type { AlertCurve, AlertTuning, OperatingPoint } from '../types.js';
import {
  checkReport,
  comparisonRows,
  dataText,
  exact,
  exactPercent,
  familyText,
  isOfKind,
  objectiveText,
  rateRows,
  ruleText,
  signed,
  verdictText,
  type TuningReportOptions,
} from './describe.js';
import { plot, type PlotLine, type PlotMark } from './plot.js';

/** Colors of the lines: enough for all kinds of rules with two scores. */
const COLORS = 10;

const STYLE = `
:root { --k0: #2f6fde; --k1: #c2561a; --k2: #0b7a4b; --k3: #8a4fc7; --k4: #8a6d00;
  --k5: #c2286b; --k6: #007f8c; --k7: #6d4c41; --k8: #5b6b76; --k9: #6f8a00; }
@media (prefers-color-scheme: dark) { :root { --k0: #6ea0ff; --k1: #ff9a5c; --k2: #4cc38a; --k3: #c49bff; --k4: #e0c04a;
  --k5: #ff85b8; --k6: #4dd0e1; --k7: #bc9f94; --k8: #a8b7c1; --k9: #c5dd5c; } }
.curve { max-width: 50rem; } .curve .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.curve .axis { fill: var(--text); } .curve .rule { stroke-width: 1.5; stroke-dasharray: 5 4; }
.curve .halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; fill: var(--text); font-weight: 600; }
.curve .chosen .mark { fill: var(--text); stroke: var(--ground); stroke-width: 2; } .curve .chosen .rule { stroke: var(--text); }
.curve .baseline .mark { fill: var(--ground); stroke: var(--text); stroke-width: 2; } .curve .baseline .rule { stroke: var(--soft); }
.curve .limit .rule { stroke: var(--bad); } .curve .limit .halo { fill: var(--bad); }
.curve .bound { stroke-dasharray: 2 3; }
.legend .item { white-space: nowrap; margin-right: 1rem; } .legend .key { width: 1.4rem; height: .25rem; vertical-align: 3px; margin-left: 0; }
${Array.from({ length: COLORS }, (_, index) => `.k${index} { --color: var(--k${index}); }`).join('\n')}
.curve .line { stroke: var(--color); } .curve .dot { fill: var(--color); } .legend .key { background: var(--color); }
.legend .key.bound { background: repeating-linear-gradient(90deg, var(--color) 0 3px, transparent 3px 6px); }
.curve .leader { stroke: var(--text); fill: none; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr.chosen td { font-weight: 600; }
`;

/**
 * Writes a tuning as a single HTML page without scripts, network or fonts, in the reader's light or dark theme: the
 * choice and its promise, the curves of precision, recall and alert volume with the chosen point and that of protocol
 * 8, the cross-validation, and the comparison of the rules. Names of scores are escaped.
 *
 * @throws `ConfigurationError` for an unknown option, or without a tuning or a name.
 */
export function tuningHtmlReport(tuning: AlertTuning, options: TuningReportOptions): string {
  checkReport('tuningHtmlReport', tuning, options);
  const { name } = options;
  const isChosen = tuning.status === 'chosen';
  const title = `${name}: ${isChosen ? ruleText(tuning.point.rule) : 'no choice'}`;
  const body = html`<h1>${name}</h1>
<p class="meta">${dataText(tuning)} · objective: ${objectiveText(tuning.objective)}</p>
<p class="gate ${isChosen ? 'good' : 'bad'}">${verdictText(tuning)}</p>
${tiles(tuning)}
<section><h2>Precision and recall</h2>
${precisionRecall(tuning)}
</section>
${byThreshold(tuning)}
<section><h2>Rules compared</h2>
<div class="scroll"><table><thead><tr><th scope="col">alert on</th>${[
    'precision',
    'recall',
    'alerts per 100',
    'bound',
    'difference, interval',
  ].map((title) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
<tbody>
${comparisonRows(tuning).map(
  ({ isChosen: chosen, cells: [first, ...numbers] }) =>
    html`<tr class="${chosen ? 'chosen' : ''}"><td>${first}</td>${numbers.map((cell) => html`<td class="number">${cell}</td>`)}</tr>\n`,
)}</tbody></table></div>
<p class="note">Differences of ${tuning.objective.type === 'f-beta' ? 'the F-beta score' : 'recall'} from the chosen rule, on the same resampled conversations. Each rule has its best threshold for the objective.</p>
</section>
`;
  return htmlPage(title, body, STYLE);
}

function tiles(tuning: AlertTuning): Markup | undefined {
  if (tuning.status === 'undecided') return undefined;
  const level = exactPercent(tuning.confidence);
  return html`<div class="tiles">${rateRows(tuning).map(
    ([label, value, interval, held]) =>
      html`<div class="tile"><b>${value}</b><span>${label}<br>${level} interval ${interval}<br>cross-validated ${held}</span></div>`,
  )}</div>`;
}

const axis = (label: string) => ({ label, min: 0, max: 100, format: (value: number) => `${value} %` });

function precisionRecall(tuning: AlertTuning): Markup {
  const { curves, objective, baseline } = tuning;
  const bounded = objective.type === 'precision' ? shownCurve(tuning) : undefined;
  const lines: PlotLine[] = curves.map(({ type, score, points }, index) => ({
    name: familyText(type, score),
    kind: `k${index % COLORS}`,
    points: points.map(({ recall, precision }) => [100 * recall, 100 * precision]),
  }));
  if (bounded !== undefined)
    lines.push({
      name: `lower bound of ${familyText(bounded.type, bounded.score)}`,
      kind: `bound k${curves.indexOf(bounded) % COLORS}`,
      points: bounded.points.flatMap(({ recall, bound }) =>
        bound === undefined ? [] : [[100 * recall, 100 * bound] as const],
      ),
    });
  const marks: PlotMark[] = [];
  if (objective.type === 'precision')
    marks.push({ kind: 'limit', label: `at least ${exactPercent(objective.atLeast)}`, y: 100 * objective.atLeast });
  if (baseline !== undefined) marks.push(markOf(baseline, 'baseline', 'protocol 8: below −0.4'));
  if (tuning.status === 'chosen') marks.push(markOf(tuning.point, 'chosen', `chosen: ${ruleText(tuning.point.rule)}`));
  return plot({
    title: 'precision against recall over all thresholds',
    x: axis('recall: share of the updates that need an alert'),
    y: axis('precision: share of right alerts'),
    lines: lines.filter(({ points }) => points.length > 0),
    marks,
  });
}

const markOf = ({ recall, precision }: OperatingPoint, kind: string, label: string): PlotMark => ({
  kind,
  label,
  x: 100 * recall,
  y: 100 * precision,
});

/** The curve of the chosen rule, else the first. */
function shownCurve(tuning: AlertTuning): AlertCurve | undefined {
  const { curves } = tuning;
  if (tuning.status === 'undecided') return curves[0];
  return curves.find((curve) => isOfKind(tuning.point.rule, curve)) ?? curves[0];
}

function byThreshold(tuning: AlertTuning): Markup | undefined {
  const curve = shownCurve(tuning);
  const points = (curve?.points ?? []).flatMap((point) =>
    point.rule.type === 'keyword' ? [] : [[point.rule.threshold, point] as const],
  );
  if (curve === undefined || points.length < 2) return undefined;
  const thresholds = points.map(([threshold]) => threshold);
  const marks: PlotMark[] = [];
  const { baseline, objective } = tuning;
  if (objective.type === 'alert-volume')
    marks.push({ kind: 'limit', label: `at most ${exact(objective.atMostPer100)} alerts`, y: objective.atMostPer100 });
  if (baseline?.rule.type === 'score' && curve.score === baseline.rule.score)
    marks.push({ kind: 'baseline', label: 'protocol 8: −0.4', x: baseline.rule.threshold });
  if (tuning.status === 'chosen' && tuning.point.rule.type !== 'keyword')
    marks.push({
      kind: 'chosen',
      label: `chosen: ${signed(tuning.point.rule.threshold)}`,
      x: tuning.point.rule.threshold,
    });
  // The loosest threshold of `below` is just some number above all scores, which would leave much of the plot empty.
  const marked = marks.flatMap(({ x = [] }) => x);
  const max = Math.max(...thresholds.slice(0, -1), ...marked);
  const line = (name: string, index: number, value: (point: OperatingPoint) => number): PlotLine => ({
    name,
    kind: `k${index}`,
    points: points.map(([threshold, point]) => [Math.min(threshold, max), value(point)]),
  });
  const fires = points[0]?.[1].rule;
  const direction = fires?.type !== 'keyword' && fires?.fires === 'below' ? 'alert below it' : 'alert at or above it';
  return html`<section><h2>Threshold of ${familyText(curve.type, curve.score)}</h2>
${plot({
  title: 'precision, recall and alert volume by threshold',
  x: {
    label: `threshold of ${curve.score ?? ''}: ${direction}`,
    min: Math.min(...thresholds, ...marked),
    max,
    format: signed,
  },
  y: axis('percent; alerts per 100 updates'),
  lines: [
    line('precision', 0, ({ precision }) => 100 * precision),
    line('recall', 1, ({ recall }) => 100 * recall),
    line('alerts per 100 updates', 2, ({ alertsPer100 }) => alertsPer100),
  ],
  marks,
})}
</section>`;
}
