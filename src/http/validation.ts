import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as z from '../schema.js';
import { ConfigurationError, RequestValidationError, type Issue } from '../errors.js';

function describe(issue: z.SchemaIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue.maximum, issue.origin)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return `expected ${issue.format}`;
    case 'unrecognized_keys':
      return `unknown ${issue.keys.map(formatKey).join(', ')}`;
    default:
      return issue.message;
  }
}

function amount(limit: number | bigint, origin: string): string {
  const unit = units[origin];
  if (unit === undefined) return String(limit);
  return `${limit} ${unit}${limit === 1 ? '' : 's'}`;
}

const units: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item' };

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

/** Validates a value by a synchronous schema. */
export function safeParse<T>(schema: z.Schema<T>, value: unknown): Parsed<T> {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new TypeError('expected a synchronous schema');
  if (result.issues === undefined) return { success: true, data: result.value };
  return { success: false, issues: result.issues as readonly z.SchemaIssue[] };
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
    if (length === 0) return [{ message: 'must be at least 1 item' }];
    return length > (maxItems ?? Infinity) ? [{ message: `must be at most ${maxItems} items` }] : [];
  });
  ranges.set(list, maxItems === undefined ? { minItems: 1 } : { minItems: 1, maxItems });
  return list;
}

/** Fields and lists of responses that may be left out. */
const forgiving = new WeakSet<z.Schema>();

/** An optional field of a response; {@link readLeniently} leaves out an invalid value. */
export function lenient<T>(schema: z.Schema<T>): z.Optional<z.Schema<T>> {
  const field = z.optional(schema);
  forgiving.add(field);
  return field;
}

/** A {@link lenient} field that also accepts `null`, which some servers send instead of leaving it out. */
export function absentable<T>(schema: z.Schema<T>): z.Optional<z.Schema<T | undefined>> {
  const field = z.map(z.optional(z.nullable(schema)), (value) => value ?? undefined);
  forgiving.add(field);
  return field as never;
}

/** A field with a default, which is not checked. */
export function withDefault<T>(schema: z.Schema<T>, makeDefault: () => T): z.Defaulted<z.Schema<T>> {
  const field = z.map(z.optional(schema), (value) => (value === undefined ? makeDefault() : value));
  ranges.set(field, { default: makeDefault() });
  return field as never;
}

/** A list of a response. {@link readLeniently} leaves out invalid items, unless all are invalid. */
export function listOf<T>(schema: z.Schema<T>): z.List<z.Schema<T>> {
  const list = z.array(schema);
  forgiving.add(list);
  return list;
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
  const first = safeParse(schema, value);
  if (first.success) return { success: true, data: first.data, omitted: [] };
  const omissions: Omissions = new Map();
  const omitted: OmittedPart[] = [];
  for (const issue of first.issues) {
    const path = omittablePath(schema, issue.path);
    if (path.length === 0) return { success: false, issues: toIssues(first) };
    add(omissions, path);
    omitted.push({ path: formatPath(issue.path), message: describe(issue), omitted: formatPath(path) });
  }
  const second = safeParse(schema, without(value, omissions));
  return second.success ? { success: true, data: second.data, omitted } : { success: false, issues: toIssues(first) };
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

/** Returns the longest prefix of `path` that can be left out; empty if none can. */
function omittablePath(schema: z.Schema, path: readonly PropertyKey[]): readonly PropertyKey[] {
  let length = 0;
  let current: z.Schema | undefined = schema;
  for (const [index, key] of path.entries()) {
    const { value } = unwrapped(current);
    const { def } = value._zod;
    if (def.type === 'object') current = def.shape[String(key)];
    else if (def.type === 'array') current = def.element;
    else break;
    if (current === undefined) break;
    if (forgiving.has(value) || unwrapped(current).isLenient) length = index + 1;
  }
  return path.slice(0, length);
}

/** Returns the innermost schema, without wrappers for optional values and transforms. */
function unwrapped(schema: z.Schema, isLenient = false): { readonly value: z.AnySchema; readonly isLenient: boolean } {
  const value = schema as z.AnySchema;
  const { def } = value._zod;
  // What is changed first is no schema of the value.
  if (def.type === 'pipe') return unwrapped(def.in._zod.def.type === 'transform' ? def.out : def.in, isLenient);
  if (def.type === 'optional') return unwrapped(def.innerType, isLenient || forgiving.has(value));
  if (def.type === 'nullable') return unwrapped(def.innerType, isLenient);
  return { value, isLenient };
}

/** Keys to leave out; a key without nested keys is left out as a whole. */
type Omissions = Map<PropertyKey, Omissions | undefined>;

function add(omissions: Omissions, [key = '', ...rest]: readonly PropertyKey[]): void {
  const inner = omissions.has(key) ? omissions.get(key) : (new Map() as Omissions);
  omissions.set(key, rest.length === 0 ? undefined : inner);
  if (rest.length > 0 && inner !== undefined) add(inner, rest);
}

function without(value: unknown, omissions: Omissions): unknown {
  const keep = ([key, member]: [PropertyKey, unknown]): [PropertyKey, unknown][] => {
    const inner = omissions.get(key);
    if (inner !== undefined) return [[key, without(member, inner)]];
    return omissions.has(key) ? [] : [[key, member]];
  };
  if (Array.isArray(value)) {
    const items = [...value.entries()].flatMap(keep).map(([, member]) => member);
    // A list without a valid item is a value of another kind.
    return items.length === 0 ? undefined : items;
  }
  return Object.fromEntries(Object.entries(value as object).flatMap(keep));
}

/**
 * Date, time and offset. `Date` alone parses `5` as May 2001, and a time without an offset in this machine's time zone.
 */
const ISO_MOMENT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Returns whether a value is a moment in ISO 8601: with `Z` or an offset, and a day that exists. */
export function isIsoMoment(value: unknown): boolean {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return false;
  const day = ISO_MOMENT.exec(value)?.[1];
  // `Date` reads 30 February as 2 March.
  return day !== undefined && new Date(day).toISOString().startsWith(day);
}
