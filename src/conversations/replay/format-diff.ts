import { isRecord } from '../../json.js';
import { code } from '../../simulation/reports/markdown.js';
import type { ReplayChange, ReplayDiff } from './compare.js';
import type { AskedQuestion, ReplayTotals } from './outcome.js';
import { checkDiff } from './gate.js';

const LISTED = 50;
/** A comment on GitHub has at most 65,536 characters, and the totals and other words need some of them. */
const LISTED_CHARACTERS = 60_000;
/** Of cards, if no call of a service says what is shown. */
const NOT_REPORTED = 'not reported';

/**
 * Returns a diff as Markdown that also reads well as plain text: the totals, then the changes by event, at most 50, and
 * as many as fit into a comment on GitHub. Texts of conversations are in code spans, where they can neither format nor
 * mention anyone.
 *
 * @throws `ConfigurationError` for a value that is not a diff.
 */
export function formatReplayDiff(diff: ReplayDiff): string {
  checkDiff(diff);
  const { before, after, changes, changed } = diff;
  const listed = listedChanges(changes);
  const more = changed - listed.length;
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
    ...listed,
    ...(more > 0 ? ['', `… and ${more} more event${more === 1 ? '' : 's'}.`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns the text of each change that is listed. One that does not fit is left out, and later ones may fit. */
function listedChanges(changes: readonly ReplayChange[]): readonly string[] {
  let left = LISTED_CHARACTERS;
  return changes.slice(0, LISTED).flatMap((change) => {
    const text = changeLines(change).join('\n');
    if (text.length >= left) return [];
    left -= text.length + 1;
    return [text];
  });
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

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
}

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));
