import { isObject } from '../json.js';
import { checkCounts, checkKind, checkOptions } from '../options.js';
import { visibleText } from '../text.js';
import type { PromptOptions } from './types.js';

/** The three lines of protocol 9 in the syntax of `PromptOptions.template`. */
export const defaultPromptTemplate: string = [
  'Customer: {customerProfile.fullName|Unknown} | Segment: {customerProfile.segment|Standard}',
  'Recent Orders: {recentOrders.length|0} items. Last order: {recentOrders.0.orderNumber|N/A|None}',
  'Open Tickets: {openTickets.length|0} active cases. Priority: {openTickets.0.priority|Normal|None}',
].join('\n');

const DEFAULT_MAX_VALUE_LENGTH = 100;

const PLACEHOLDER = /\{([\w-]+(?:\.[\w-]+)*)(?:\|([^{}|]*))?(?:\|([^{}|]*))?\}/gu;

/** Characters without a common meaning. */
const PRIVATE = /[\p{Co}\p{Noncharacter_Code_Point}]/gu;
/**
 * The bar that separates the fields of a line, and its lookalikes: vertical lines among signs, box drawings, blocks and
 * strokes. Not Unicode's confusables, for which `|` equals `l`, `I` and `1`.
 */
const BARS =
  /[|\u00A6\u01C0\u01C1\u05C0\u2016\u2223\u2225\u23AE\u23B8\u23B9\u23D0\u23FD\u2502\u2503\u2506\u2507\u250A\u250B\u254E\u254F\u2551\u2575\u2577\u2579\u257B-\u257F\u258F\u2595\u2758-\u275A\u2AFC\u2AFE\u2F01\u31D1\u4E28\uA7FE\uFE31\uFE33\uFF5C\uFFE4\uFFE8\u{1D100}\u{1FB70}-\u{1FB75}]/gu;

/**
 * Makes an untrusted value safe for a line of a prompt. Line breaks, tabs and runs of spaces become one space. The bar
 * `|`, which separates the fields of a line, and its lookalikes become `/`. Invisible characters are removed (control
 * and format characters, variation selectors, tags, private-use characters, lone surrogates), except joiners and emoji
 * selectors that are visible. The text is cut to `maxLength` code points, without splitting a grapheme cluster.
 * Numbers, booleans and big integers are printed.
 *
 * The result is still untrusted text: it cannot leave its line, but a model may read it as an instruction. Mark the
 * context as data in the prompt around it.
 *
 * @returns the cleaned text, or `undefined` if nothing printable is left.
 * @throws `ConfigurationError` for a `maxLength` that is not a number.
 */
export function cleanPromptValue(value: unknown, maxLength: number = DEFAULT_MAX_VALUE_LENGTH): string | undefined {
  checkKind('maxLength', maxLength, 'a number');
  if (!isPrintable(value)) return undefined;
  const cleaned = visibleText(String(value).replace(PRIVATE, '')).replace(BARS, '/').trim();
  const cut = cutText(cleaned, maxLength).trimEnd();
  return cut === '' ? undefined : cut;
}

function isPrintable(value: unknown): value is string | number | boolean | bigint {
  return Number.isFinite(value) || ['string', 'boolean', 'bigint'].includes(typeof value);
}

function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // A code point has at most two units, so this contains more than `maxLength` of them if the text does.
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
 * Builds the text for the agent-assist prompt (protocol 9): by default three lines about the customer, the recent
 * orders and the open tickets. Each value passes {@link cleanPromptValue}, and loses the colon of each label of the
 * template (`Segment:`), so that no value looks like another field.
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
  checkKind('data', data, 'an object');
  checkOptions('buildPromptContext', options, { template: 'a string', maxValueLength: true });
  return promptBuilder(options)(data);
}

/**
 * Prepares {@link buildPromptContext} for many calls with the same options.
 *
 *  @throws `ConfigurationError` if `maxValueLength` is not a positive integer.
 */
export function promptBuilder(options: PromptOptions): (data: object) => string {
  const { template = defaultPromptTemplate, maxValueLength = DEFAULT_MAX_VALUE_LENGTH } = options;
  checkCounts({ maxValueLength });
  const withoutLabels = labelRemover(template);
  const { texts, fields } = parseTemplate(template);
  const write = (data: object, { keys, last, missing, absent }: Field): string => {
    const holder = keys.reduce<unknown>(member, data);
    if (!isObject(holder)) return absent;
    const value = cleanPromptValue(member(holder, last), maxValueLength);
    return value === undefined ? missing : withoutLabels(value);
  };
  return (data) => String.raw({ raw: texts }, ...fields.map((field) => write(data, field)));
}

/** A placeholder of a template. */
interface Field {
  /** Names that lead to the object with the value. */
  readonly keys: readonly string[];
  readonly last: string;
  /** Written if there is no value. */
  readonly missing: string;
  /** Written if the object with the value is missing. */
  readonly absent: string;
}

function parseTemplate(template: string): { readonly texts: readonly string[]; readonly fields: readonly Field[] } {
  const texts: string[] = [];
  const fields: Field[] = [];
  let end = 0;
  for (const { 0: whole, 1: path = '', 2: missing = '', 3: absent = missing, index } of template.matchAll(
    PLACEHOLDER,
  )) {
    texts.push(template.slice(end, index));
    const keys = path.split('.');
    fields.push({ last: keys.pop() ?? '', keys, missing, absent });
    end = index + whole.length;
  }
  return { texts: [...texts, template.slice(end)], fields };
}

/** The colon and its lookalikes. */
const COLONS = String.raw`:\u02D0\u02F8\u0589\u05C3\u0703\u0704\u0903\u0A83\u16EC\u1803\u1809\u205A\u2236\u2982\uA4FD\uA789`;

/** Removes the colon from each label of the template inside a value, so that no value looks like another field. */
function labelRemover(template: string): (value: string) => string {
  const texts = template.replace(PLACEHOLDER, '\n');
  const labels = Array.from(texts.matchAll(/([\p{L}\p{N} ]+):/gu), ([, label = '']) => label.trim()).filter(Boolean);
  if (labels.length === 0) return (value) => value;
  const forged = new RegExp(`(${labels.join('|')})(?: ?[${COLONS}])+`, 'giu');
  return (value) => {
    // Letters and colons of other widths read the same.
    const compatible = value.normalize('NFKC');
    const harmless = compatible.replace(forged, '$1');
    return harmless === compatible ? value : harmless;
  };
}

// Own members only: a template never reaches `constructor` and the like.
function member(holder: unknown, key: string): unknown {
  return isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}
