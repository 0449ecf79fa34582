import { isObject } from '../json.js';
import { checkCounts } from '../options.js';
import { visibleText } from '../text.js';
import type { PromptOptions } from './types.js';

/**
 * The three lines of protocol 9 in the syntax of `PromptOptions.template`.
 */
export const defaultPromptTemplate: string = [
  'Customer: {customerProfile.fullName|Unknown} | Segment: {customerProfile.segment|Standard}',
  'Recent Orders: {recentOrders.length|0} items. Last order: {recentOrders.0.orderNumber|N/A|None}',
  'Open Tickets: {openTickets.length|0} active cases. Priority: {openTickets.0.priority|Normal|None}',
].join('\n');

const DEFAULT_MAX_VALUE_LENGTH = 100;

const PLACEHOLDER = /\{([\w-]+(?:\.[\w-]+)*)(?:\|([^{}|]*))?(?:\|([^{}|]*))?\}/gu;

/** Characters without a meaning that everybody knows. */
const PRIVATE = /[\p{Co}\p{Noncharacter_Code_Point}]/gu;
/**
 * The bar that parts the fields of a line, and what looks like it: vertical lines among the signs, box drawings, blocks
 * and strokes. Not the confusables of Unicode, to which `|` is the same as `l`, `I` and `1`.
 */
const BARS =
  /[|\u00A6\u01C0\u01C1\u05C0\u2016\u2223\u2225\u23AE\u23B8\u23B9\u23D0\u23FD\u2502\u2503\u2506\u2507\u250A\u250B\u254E\u254F\u2551\u2575\u2577\u2579\u257B-\u257F\u258F\u2595\u2758-\u275A\u2AFC\u2AFE\u2F01\u31D1\u4E28\uA7FE\uFE31\uFE33\uFF5C\uFFE4\uFFE8\u{1D100}\u{1FB70}-\u{1FB75}]/gu;

/**
 * Makes one value from outside fit to stand in a line of a prompt: line breaks of every kind, tabs and runs of blanks
 * become one space; the bar `|`, which parts the fields of a line, and its lookalikes become `/`; what a person does not
 * see is taken out (control and format characters, variation selectors, tags, private-use characters, halves of surrogate
 * pairs), except joiners and emoji selectors where they are visible; the rest is cut to `maxLength` code points without
 * splitting a character as a reader sees it. Numbers, booleans and big integers are printed.
 *
 * What stays is still text that somebody else wrote: it can no longer leave its line, but a model may read it as an
 * instruction all the same. Mark the context as data in the prompt around it.
 *
 * @returns the cleaned text, or `undefined` when nothing printable is left.
 */
export function cleanPromptValue(value: unknown, maxLength: number = DEFAULT_MAX_VALUE_LENGTH): string | undefined {
  if (!isPrintable(value)) return undefined;
  const cleaned = visibleText(String(value).replace(PRIVATE, '')).replace(BARS, '/').trim();
  const cut = cutText(cleaned, maxLength).trimEnd();
  return cut === '' ? undefined : cut;
}

function isPrintable(value: unknown): value is string | number | boolean | bigint {
  return Number.isFinite(value) || ['string', 'boolean', 'bigint'].includes(typeof value);
}

function cutText(text: string, maxLength: number): string {
  // A code point takes at most two units, so this holds more than `maxLength` of them whenever the text does.
  const head = text.slice(0, 2 * (maxLength + 1));
  if (countCodePoints(head) <= maxLength) return head;
  let kept = '';
  let length = 0;
  for (const { segment } of new Intl.Segmenter().segment(head)) {
    length += countCodePoints(segment);
    if (length > maxLength) break;
    kept += segment;
  }
  return kept;
}

function countCodePoints(text: string): number {
  return Array.from(text).length;
}

/**
 * The text that enters the agent-assist prompt (protocol 9): by default three lines about the customer, the recent orders
 * and the open tickets. Every value that enters it goes through {@link cleanPromptValue}, and loses the colon of each label
 * of the template (`Segment:`), so that no value looks like a field of its own.
 *
 * @param data - the parts of an enrichment, by name.
 * @throws `ConfigurationError` if `maxValueLength` is not a positive integer.
 *
 * @example
 * ```ts
 * import { buildPromptContext } from 'agent-assist-sdk/enrichment';
 *
 * buildPromptContext(data, { template: '{customerProfile.fullName|A customer} prefers {preferences.language|English}.' });
 * ```
 */
export function buildPromptContext(data: object, options: PromptOptions = {}): string {
  const { template = defaultPromptTemplate, maxValueLength = DEFAULT_MAX_VALUE_LENGTH } = options;
  checkCounts({ maxValueLength });
  const withoutLabels = labelRemover(template);
  return template.replace(
    PLACEHOLDER,
    (_, path: string, missing: string | undefined = '', absent: string = missing) => {
      const keys = path.split('.');
      const last = keys.pop() ?? '';
      const holder = keys.reduce<unknown>(member, data);
      if (!isObject(holder)) return absent;
      const value = cleanPromptValue(member(holder, last), maxValueLength);
      return value === undefined ? missing : withoutLabels(value);
    },
  );
}

/** Takes the colon from each label of the template that a value has, so that no value looks like a field of its own. */
function labelRemover(template: string): (value: string) => string {
  const labels = template
    .replace(PLACEHOLDER, '\n')
    .split(':')
    .slice(0, -1)
    .map(
      (before) =>
        before
          .split(/[^\p{L}\p{N} ]/u)
          .at(-1)
          ?.trim() ?? '',
    )
    .filter((label) => label !== '');
  if (labels.length === 0) return (value) => value;
  const forged = new RegExp(`(${labels.join('|')})(?: ?[:\\u02D0\\u05C3\\u2236\\uA789])+`, 'giu');
  return (value) => {
    // Other widths of the letters and of the colon read the same.
    const compatible = value.normalize('NFKC');
    const harmless = compatible.replace(forged, '$1');
    return harmless === compatible ? value : harmless;
  };
}

// Own members only: a template never reaches `constructor` and the like.
function member(holder: unknown, key: string): unknown {
  return isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}
