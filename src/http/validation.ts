import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as z from '../schema.js';
import { ConfigurationError, RequestValidationError, type Issue } from '../errors.js';
import { isRecord } from '../json.js';

function describe(issue: z.SchemaIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'unrecognized_keys':
      return `unknown ${issue.keys.map(formatKey).join(', ')}`;
    default:
      return issue.message;
  }
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${formatKey(part)}`))
    .join('');
}

/** A key may come from outside; an arbitrary one could break or flood a log. */
export function formatKey(key: PropertyKey): string {
  const text = String(key);
  return /^[\p{L}\p{N}_$ -]{1,64}$/u.test(text) ? text : JSON.stringify(text.slice(0, 64));
}

/** Returns the issues of a failed parse, each with its path and without the invalid value. */
export function toIssues({ issues }: { readonly issues: readonly z.SchemaIssue[] }): Issue[] {
  return issues.map((issue) => ({ path: formatPath(issue.path), message: describe(issue) }));
}

/** Result of {@link safeParse}. */
export type Parsed<T> =
  { readonly success: true; readonly data: T } | { readonly success: false; readonly issues: readonly z.SchemaIssue[] };

/** Validates a value by a synchronous schema. A value whose getters throw is invalid. */
export function safeParse<T>(schema: z.Schema<T>, value: unknown): Parsed<T> {
  try {
    const result = schema['~standard'].validate(value);
    if (!(result instanceof Promise)) {
      if (result.issues === undefined) return { success: true, data: result.value };
      return { success: false, issues: result.issues as readonly z.SchemaIssue[] };
    }
    // After a throw zod validates again, asynchronously, and fails again.
    result.catch(() => undefined);
  } catch {
    // The schemas of browsers throw.
  }
  return { success: false, issues: [{ code: 'custom', path: [], message: 'cannot be read' }] };
}

/**
 * Validates a value before it is sent (protocol 3).
 *
 * @param subject - what the value is, for the error message, e.g. `suggest request`.
 * @throws `RequestValidationError` with all problems and their paths.
 */
export function validateRequest<T>(schema: z.Schema<T>, value: unknown, subject: string): T {
  const result = safeParse(schema, value);
  if (!result.success) throw new RequestValidationError(subject, toIssues(result));
  return result.data;
}

/**
 * Validates the value of an option.
 *
 * @param subject - what the option is, for the error message, e.g. `widget configuration`.
 * @throws `ConfigurationError` with all problems and their paths.
 */
export function validateOption<T>(schema: z.Schema<T>, value: unknown, subject: string): T {
  const result = safeParse(schema, value);
  if (!result.success) throw new ConfigurationError(new RequestValidationError(subject, toIssues(result)).message);
  return result.data;
}

/** An object with any fields, passed on unchanged; `z.record` would drop one named `__proto__`. */
export const jsonObject: z.Schema<Readonly<Record<string, unknown>>> = /* @__PURE__ */ z.custom(
  (value) => Object.prototype.toString.call(value) === '[object Object]',
  'expected object',
);

/** A string. */
export const anyString: z.Schema<string> = /* @__PURE__ */ z.custom(
  (value) => typeof value === 'string',
  'expected string',
);

/** A string that is not empty. */
export const filledString: z.Schema<string> = /* @__PURE__ */ z.refine(
  anyString,
  (value) => value !== '',
  'must be at least 1 character',
);

/** Returns whether a header can carry a token. `fetch` refuses other characters with an error that quotes them. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/** A token that a header can carry. */
export const tokenText: z.Schema<string> = /* @__PURE__ */ z.refine(
  anyString,
  isToken,
  'must be one or more visible ASCII characters',
);

/** A finite number. */
export const finiteNumber: z.Schema<number> = /* @__PURE__ */ z.custom<number>(Number.isFinite, 'expected number');

/** A boolean. */
export const flag: z.Schema<boolean> = /* @__PURE__ */ z.custom(
  (value) => typeof value === 'boolean',
  'expected boolean',
);

/** An integer. */
export const integer: z.Schema<number> = /* @__PURE__ */ z.custom<number>(Number.isSafeInteger, 'expected int');

/** An integer of at least 1. */
export const positiveInteger: z.Schema<number> = /* @__PURE__ */ z.custom(
  (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  'expected an integer of at least 1',
);

const ranges = new WeakMap<z.Schema, Readonly<Record<string, unknown>>>();

/** Returns what JSON Schema says of the range of a schema, for the contracts. */
export function rangeOf(schema: z.Schema): Readonly<Record<string, unknown>> | undefined {
  return ranges.get(schema);
}

/**
 * A value that a function checks. Unlike that of {@link anyString}, its failure does not end the checks of the whole object
 * around it.
 *
 * @param jsonSchema - what the contracts say of it.
 */
export function checkedBy<T>(
  test: (value: unknown) => boolean,
  message: string | ((value: unknown) => string),
  jsonSchema: Readonly<Record<string, unknown>>,
): z.Schema<T> {
  const schema = z.custom<T>(test, message, { isFinal: false });
  ranges.set(schema, jsonSchema);
  return schema;
}

/** A number in a range. */
export function numberFrom(minimum: number, maximum: number): z.Schema<number> {
  return checkedBy(
    (value) => Number.isFinite(value) && Number(value) >= minimum && Number(value) <= maximum,
    (value) => {
      if (!Number.isFinite(value)) return 'expected number';
      return Number(value) < minimum ? `must be at least ${minimum}` : `must be at most ${maximum}`;
    },
    { type: 'number', minimum, maximum },
  );
}

/** An integer with a minimum. */
export function integerFrom(minimum: number): z.Schema<number> {
  const schema = z.refine(integer, (value) => value >= minimum, `must be at least ${minimum}`);
  ranges.set(schema, { minimum });
  return schema;
}

/** One of these strings. */
export function oneOf<T extends string>(values: readonly T[]): z.Schema<T> {
  const message = `expected ${values.map((value) => JSON.stringify(value)).join(' or ')}`;
  return checkedBy((value) => values.includes(value as T), message, { type: 'string', enum: values });
}

/** A list of at least one item, and at most `maxItems`. */
export function filledList<T>(schema: z.Schema<T>, maxItems?: number): z.Schema<T[]> {
  const list = z.check(z.array(schema), ({ length }) => {
    if (length === 0) return [{ message: 'must have at least 1 item' }];
    return length > (maxItems ?? Infinity) ? [{ message: `must have at most ${maxItems} items` }] : [];
  });
  ranges.set(list, maxItems === undefined ? { minItems: 1 } : { minItems: 1, maxItems });
  return list;
}

/** Makes a schema change its result if it has problems, other than those of what is left out of it. */
function forgiving<S extends z.Schema>(
  schema: S,
  forgive: (payload: z.Payload, issues: readonly z.RawIssue[]) => void,
): S {
  const run = schema._zod.run.bind(schema._zod);
  schema._zod.run = (given, context) => {
    const payload = run(given, context) as z.Payload;
    const issues = payload.issues.length === 0 ? [] : payload.issues.filter((issue) => !z.isLeftOut(issue));
    if (issues.length > 0) forgive(payload, issues);
    return payload;
  };
  return schema;
}

/** Marks problems as those of a part whose path has this length. */
function mark(issues: readonly z.RawIssue[], depth: number, omission: object): void {
  for (const issue of issues)
    Object.assign(issue, { within: issue.within ?? (issue.path ?? []).length - depth }, omission);
}

/** With these marks, nothing is invalid any more. */
const leftOut = { isLeftOut: true, continue: true };

function lenientField<S extends z.Schema>(schema: S): S {
  return forgiving(schema, (payload, issues) => {
    mark(issues, 0, leftOut);
    payload.value = undefined;
  });
}

/** An optional field of a response; {@link readLeniently} leaves out an invalid value. */
export function lenient<T>(schema: z.Schema<T>): z.Optional<z.Schema<T>> {
  return lenientField(z.optional(schema));
}

/** A {@link lenient} field that also accepts `null`, which some servers send instead of leaving it out. */
export function absentable<T>(schema: z.Schema<T>): z.Optional<z.Schema<T | undefined>> {
  return lenientField(z.map(z.optional(z.nullable(schema)), (value) => value ?? undefined)) as never;
}

/** A field with a default, which is not checked. A default object is copied, because the caller may change it. */
export function withDefault<T>(schema: z.Schema<T>, fallback: T): z.Defaulted<z.Schema<T>> {
  const field = z.map(z.optional(schema), (value) => value ?? (isRecord(fallback) ? { ...fallback } : fallback));
  ranges.set(field, { default: fallback });
  return field as never;
}

/**
 * A list of a response. {@link readLeniently} leaves out invalid items, unless all are invalid: an empty list would hide
 * that the service means other items.
 */
export function listOf<T>(schema: z.Schema<T>): z.List<z.Schema<T>> {
  return forgiving(z.array(schema), (payload, issues) => {
    const invalid = new Set(issues.map(({ path = [] }) => path[0]));
    if (invalid.has(undefined)) return;
    const items = (payload.value as unknown[]).filter((_, index) => !invalid.has(index));
    mark(issues, 1, items.length > 0 ? leftOut : {});
    if (items.length > 0) payload.value = items;
  });
}

/** A problem of a response, and the part that was left out because of it. */
export interface OmittedPart extends Issue {
  /** Path of the field or list item that was left out: the invalid one, or the one that requires it. */
  readonly omitted: string;
}

/** Result of {@link readLeniently}. */
export type Reading<T> =
  | { readonly success: true; readonly data: T; readonly omitted: readonly OmittedPart[] }
  | { readonly success: false; readonly issues: readonly Issue[] };

/**
 * Validates a value from outside (protocol 3). Leaves out and reports an invalid {@link lenient} field or item of a
 * {@link listOf}. Any other problem fails the whole, as does a list without a valid item. Does not modify the value.
 */
export function readLeniently<T>(schema: z.Schema<T>, value: unknown): Reading<T> {
  const result = safeParse(schema, value);
  if (result.success) return { success: true, data: result.data, omitted: [] };
  const omitted = result.issues.flatMap((issue) => {
    const { path, within = 0 } = issue;
    if (issue.isLeftOut !== true) return [];
    const part = formatPath(path.slice(0, path.length - within));
    return [{ path: formatPath(path), message: describe(issue), omitted: part }];
  });
  if (omitted.length < result.issues.length) return { success: false, issues: toIssues(result) };
  const { value: data } = schema._zod.run({ value, issues: [] }, { async: false }) as { readonly value: T };
  return { success: true, data, omitted };
}

/**
 * Validates a value from outside with a schema of any library, sync or async. Only zod schemas can have lenient parts;
 * for others, each issue has the path and the message of the library.
 *
 * @see {@link https://standardschema.dev | Standard Schema}
 */
export function readBySchema<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
): Reading<T> | Promise<Reading<T>> {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) return result.then(toReading);
  if (result.issues === undefined || !('_zod' in schema)) return toReading(result);
  return readLeniently(schema as unknown as z.Schema<T>, value);
}

function toReading<T>(result: StandardSchemaV1.Result<T>): Reading<T> {
  if (result.issues === undefined) return { success: true, data: result.value, omitted: [] };
  const issues = result.issues.map(({ path = [], message }) => ({
    path: formatPath(path.map((part) => (typeof part === 'object' ? part.key : part))),
    message,
  }));
  return { success: false, issues };
}

/**
 * Date, time and offset. `Date` alone parses `5` as May 2001, and a time without an offset in this machine's time zone.
 * Java's libraries write an offset without a colon, and RFC 3339 §5.6 allows small letters.
 */
const ISO_MOMENT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i;

/** Returns whether a value is a moment in ISO 8601: with `Z` or an offset, and a day that exists. */
export function isIsoMoment(value: unknown): boolean {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return false;
  const day = ISO_MOMENT.exec(value)?.[1];
  // `Date` reads 30 February as 2 March.
  return day !== undefined && new Date(day).toISOString().startsWith(day);
}
