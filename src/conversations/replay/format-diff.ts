import { isRecord } from '../../json.js';
import { code } from '../../simulation/reports/markdown.js';
import type { ReplayChange, ReplayDiff } from './compare.js';
import type { AskedQuestion, ReplayTotals } from './outcome.js';

/** A comment on GitHub has at most 65,536 characters. */
const LISTED = 50;
/** Of cards, if no call of a service says what is shown. */
const NOT_REPORTED = 'not reported';

/**
 * Returns a diff as Markdown that also reads well as plain text: the sums, then the changes by event, at most 50. Texts of
 * conversations are in code spans, where they can neither format nor mention anyone.
 */
export function formatReplayDiff(diff: ReplayDiff): string {
  const { before, after, changes, changed } = diff;
  const more = changed - Math.min(changes.length, LISTED);
  const isKnown = before.shown !== undefined || after.shown !== undefined;
  const cards = isKnown ? diff.changedCards : NOT_REPORTED;
  const lines = [
    diff.equal ? 'No differences.' : `Changed events: ${changed} of ${after.events}`,
    '',
    '| | before | after | change |',
    '|---|---:|---:|---:|',
    ...(['asked', 'shown', 'calls'] as const).map((name) => totalsRow(name, before, after)),
    '',
    `New questions: ${diff.asked} · no longer asked: ${diff.notAsked} · events with other cards: ${cards} · ` +
      `with another status: ${diff.changedStatus}`,
    ...changes.slice(0, LISTED).flatMap(changeLines),
    ...(more > 0 ? ['', `… and ${more} more.`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const labels = { asked: 'questions asked', shown: 'cards shown', calls: 'calls' } as const;

function totalsRow(name: keyof typeof labels, before: ReplayTotals, after: ReplayTotals): string {
  const [one, other] = [before[name], after[name]];
  const change = one === undefined || other === undefined ? '' : signed(other - one);
  return `| ${labels[name]} | ${one ?? NOT_REPORTED} | ${other ?? NOT_REPORTED} | ${change} |`;
}

function changeLines(change: ReplayChange): string[] {
  const { event, offsetMs, interactionId, status, calls } = change;
  const where = interactionId === undefined ? '' : `, ${code(interactionId)}`;
  return [
    '',
    `**${clock(offsetMs)}** event ${event}${where}${calls === 0 ? '' : `, calls ${signed(calls)}`}`,
    '',
    ...change.asked.map((question) => `- \`+\` asked ${describe(question)}`),
    ...change.notAsked.map((question) => `- \`-\` asked ${describe(question)}`),
    ...change.shown.map((card) => `- \`+\` shown ${code(textOf(card))}`),
    ...change.notShown.map((card) => `- \`-\` shown ${code(textOf(card))}`),
    ...(status === undefined ? [] : [`- status ${code(status[0])} → ${code(status[1])}`]),
  ];
}

function describe({ call, text, reasons = [] }: AskedQuestion): string {
  const how = [...(call === undefined ? [] : [call]), ...reasons];
  return `${code(text)}${how.length === 0 ? '' : ` (${how.map((part) => code(part)).join(', ')})`}`;
}

/** A card by its text, with the confidence, as far as it has them. */
function textOf(card: unknown): string {
  if (!isRecord(card)) return JSON.stringify(card);
  const { text, title, snippet, confidence } = card;
  const words = [text, title, snippet].filter((part) => typeof part === 'string');
  if (words.length === 0) return JSON.stringify(card);
  return `${words.join(': ')}${typeof confidence === 'number' ? ` (${confidence})` : ''}`;
}

/** Hours, minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
}

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));
