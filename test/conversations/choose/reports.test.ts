import {
  tuneAlerts,
  tuningHtmlReport,
  tuningMarkdownReport,
  type TuningObjective,
} from 'agent-assist-sdk/conversations';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { describe, expect, it } from 'vitest';
import { synthetic } from './labelled.js';

const labelled = synthetic({ conversations: 120, length: 10, correlation: 0.2, separation: 3, base: 0.2 }, 5);
const tune = (objective: TuningObjective) => tuneAlerts(labelled, { objective });

/** The text of a page's elements with one name. */
function textsOf(page: string, name: string): string[] {
  const texts: string[] = [];
  const visit = (node: DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document): void => {
    if (node.nodeName === name) texts.push(textOf(node));
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parse(page));
  return texts;
}

function textOf(node: DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

describe('the reports of a tuning', () => {
  it('show the choice, its promise, the curves and the marked points', () => {
    const tuning = tune({ type: 'precision', atLeast: 0.5 });
    if (tuning.status === 'undecided') throw new Error(tuning.message);
    const page = tuningHtmlReport(tuning, { name: 'anger' });
    expect(textsOf(page, 'h1')).toEqual(['anger']);
    expect(textsOf(page, 'svg')).toHaveLength(2);
    const [curves = '', byThreshold = ''] = textsOf(page, 'svg');
    expect(curves).toContain('recall: share of the updates that need an alert');
    expect(curves).toContain('at least 50 %');
    expect(curves).toContain('protocol 8: below −0.4');
    expect(curves).toContain(`chosen: `);
    expect(byThreshold).toContain('threshold of sentiment: alert below it');
    expect(textsOf(page, 'tr')).toHaveLength(1 + 5 + 1);
    const verdict =
      /Alert on .*sentiment below −?\d[\d.]*\. Promise: a precision of at least 50 % \(the data support \d+\.\d %\) in 30 unseen conversations, with 95 % confidence\./;
    expect(textsOf(page, 'p').join('\n')).toMatch(verdict);

    const markdown = tuningMarkdownReport(tuning, { name: 'anger' });
    expect(markdown).toMatch(/^## ✅ Alerts `anger`\n\n/);
    expect(markdown).toMatch(verdict);
    expect(markdown).toMatch(/\| precision \| \d+\.\d % \| \d+\.\d to \d+\.\d % \| \d+\.\d % \|/);
    expect(markdown).toContain('| `sentiment below −0.4 (protocol 8)` |');
  });

  it('say why there is no choice', () => {
    const tuning = tune({ type: 'precision', atLeast: 0.99 });
    const reason = 'No choice: no threshold has a precision of at least 0.99 in 30 unseen conversations';
    expect(tuningHtmlReport(tuning, { name: 'anger' })).toContain(reason);
    expect(tuningMarkdownReport(tuning, { name: 'anger' })).toContain(`## ❌ Alerts \`anger\`\n\n\`${reason}`);
    expect(tuningMarkdownReport(tuneAlerts([], { objective: tuning.objective }), { name: 'x' })).toContain(
      'No choice: 0 conversations are labelled',
    );
    expect(
      textsOf(tuningHtmlReport(tuneAlerts([], { objective: tuning.objective }), { name: 'x' }), 'svg'),
    ).toHaveLength(1);
  });

  it('draw the volume limit and describe each objective', () => {
    const page = tuningHtmlReport(tune({ type: 'alert-volume', atMostPer100: 20 }), { name: 'x' });
    expect(textsOf(page, 'svg')[1]).toContain('at most 20 alerts');
    expect(tuningMarkdownReport(tune({ type: 'f-beta', beta: 0.5 }), { name: 'x' })).toContain(
      'Objective: the highest F-beta score, beta 0.5.',
    );
  });

  it('draw each rule in a color of its own', () => {
    const two = labelled.map(({ scores, ...update }) => ({
      ...update,
      scores: { ...scores, anger: -(scores['sentiment'] ?? 0) },
    }));
    const tuning = tuneAlerts(two, { objective: { type: 'alert-volume', atMostPer100: 20 } });
    const [legend = ''] = /<p class="legend">.*?<\/p>/s.exec(tuningHtmlReport(tuning, { name: 'x' })) ?? [];
    const colors = [...legend.matchAll(/class="key (k\d+)"/g)].map(([, color]) => color);
    expect(colors).toHaveLength(9);
    expect(new Set(colors).size).toBe(9);
  });

  it('end the axis of thresholds where the scores end', () => {
    const clipped = labelled.map(({ scores, ...update }) => ({
      ...update,
      scores: { sentiment: Math.max(-1, Math.min(1, scores['sentiment'] ?? 0)) },
    }));
    clipped.push({ conversationId: 'pleased', label: false, scores: { sentiment: 1 } });
    const tuning = tuneAlerts(clipped, { objective: { type: 'precision', atLeast: 0.5 }, rules: ['score'] });
    const [, byThreshold = ''] = tuningHtmlReport(tuning, { name: 'x' }).split('<svg').slice(1);
    const texts = textsOf(`<svg${byThreshold}`, 'text');
    expect(texts).toContain('−0.5');
    expect(texts).not.toContain('1.5');
    // Each label stands on the outer side of its line.
    const at = (kind: string) =>
      ['rule" x1', 'halo" x'].map((name) =>
        Number(new RegExp(`class="${kind}">.*?${name}="([\\d.]+)"`).exec(byThreshold)?.[1]),
      );
    const [[chosen = NaN, chosenLabel = NaN], [usual = NaN, usualLabel = NaN]] = [
      at('chosen'),
      at('baseline'),
    ] as const;
    expect(Math.sign(chosenLabel - chosen)).toBe(Math.sign(chosen - usual));
    expect(Math.sign(usualLabel - usual)).toBe(Math.sign(usual - chosen));
  });

  it('neither run nor format the names of scores', () => {
    const name = '<script>alert(1)</script>`|**@team';
    const named = labelled.map(({ scores, ...update }) => ({
      ...update,
      scores: { [name]: -(scores['sentiment'] ?? 0) },
    }));
    const tuning = tuneAlerts(named, { objective: { type: 'precision', atLeast: 0.5 } });
    expect(tuning.status).toBe('chosen');
    const page = tuningHtmlReport(tuning, { name });
    expect(textsOf(page, 'script')).toEqual([]);
    expect(textsOf(page, 'h1')).toEqual([name]);
    expect(page).toContain("default-src 'none'");
    const rows = tuningMarkdownReport(tuning, { name }).split('\n');
    // Cells end at a pipe that no backslash escapes.
    for (const row of rows.filter((line) => line.startsWith('| ') && line.includes('script')))
      expect(row.split(/(?<!\\)\|/)).toHaveLength(8);
    expect(() => tuningHtmlReport(tuning, { name, theme: 'dark' } as { name: string })).toThrow(
      'unknown option "theme"',
    );
  });
});
