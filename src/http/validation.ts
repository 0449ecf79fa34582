import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as z from 'zod/mini';
import { ConfigurationError, RequestValidationError, type Issue } from '../errors.js';

type ZodIssue = z.core.$ZodIssue;

function describe(issue: ZodIssue): string {
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

/** A key may come from outside; one that is no name could break a log's lines or flood them. */
export function formatKey(key: PropertyKey): string {
  const text = String(key);
  return /^[\p{L}\p{N}_$ -]{1,64}$/u.test(text) ? text : JSON.stringify(text.slice(0, 64));
}

/** The issues of a failed parse, each with its path and without the offending value. */
export function toIssues(error: z.core.$ZodError): Issue[] {
  return error.issues.map((issue) => ({ path: formatPath(issue.path), message: describe(issue) }));
}

/**
 * Checks a value that is about to be sent (protocol 3).
 *
 * @param subject - what the value is, for the error's message, e.g. `suggest request`.
 * @throws `RequestValidationError` with all problems and their paths.
 */
export function validateRequest<T>(schema: z.ZodMiniType<T>, value: unknown, subject: string): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new RequestValidationError(subject, toIssues(result.error));
  return result.data;
}

/**
 * Checks what an option holds.
 *
 * @param subject - what the option is, for the error's message, e.g. `widget configuration`.
 * @throws `ConfigurationError` that names every broken rule and its path.
 */
export function validateOption<T>(schema: z.ZodMiniType<T>, value: unknown, subject: string): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new ConfigurationError(new RequestValidationError(subject, toIssues(result.error)).message);
  return result.data;
}

/** An object with whatever fields, passed on as it is; `z.record` would drop one named `__proto__`. */
export const jsonObject: z.ZodMiniType<Readonly<Record<string, unknown>>> = /* @__PURE__ */ z.custom(
  // Not the function of `z.core.util`, which brings all of zod into a bundle.
  (value) => Object.prototype.toString.call(value) === '[object Object]',
  'expected object',
);

/** An integer; lighter in a bundle than `z.int()`. */
export const integer: z.ZodMiniType<number> = /* @__PURE__ */ z.custom<number>(Number.isSafeInteger, 'expected int');

/** An integer of at least 1; lighter in a bundle than `z.int()`. */
export const positiveInteger: z.ZodMiniType<number> = /* @__PURE__ */ z.custom(
  (value) => Number.isSafeInteger(value) && value >= 1,
  'expected an integer of at least 1',
);

/** Fields and lists of answers that the rest does not hang on. */
const forgiving = new WeakSet<z.core.$ZodType>();

/** A field of an answer without which the whole stands; {@link readLeniently} leaves out a value that breaks `schema`. */
export function lenient<T>(schema: z.ZodMiniType<T>): z.ZodMiniOptional<z.ZodMiniType<T>> {
  const field = z.optional(schema);
  forgiving.add(field);
  return field;
}

/** A {@link lenient} field where a `null`, which some servers write, says the same as leaving it out. */
export function absentable<T>(schema: z.ZodMiniType<T>): z.ZodMiniOptional<z.ZodMiniType<T | undefined>> {
  return lenient(
    z.pipe(
      z.nullable(schema),
      z.transform((value) => value ?? undefined),
    ),
  );
}

/** A list of an answer. {@link readLeniently} leaves out the items that break `schema`, unless all do. */
export function listOf<T>(schema: z.ZodMiniType<T>): z.ZodMiniArray<z.ZodMiniType<T>> {
  const list = z.array(schema);
  forgiving.add(list);
  return list;
}

/** A broken rule of an answer, and what was left out of the answer because of it. */
export interface OmittedPart extends Issue {
  /** Path of the field or list item that was left out; a field's own path, or that of what cannot do without it. */
  readonly omitted: string;
}

/** What {@link readLeniently} made of a value. */
export type Reading<T> =
  | { readonly success: true; readonly data: T; readonly omitted: readonly OmittedPart[] }
  | { readonly success: false; readonly issues: readonly Issue[] };

/**
 * Reads a value from outside (protocol 3). A {@link lenient} field or an item of a {@link listOf} that breaks its rule
 * is left out and reported; anything else that does fails the whole, and so does a list in which no item keeps its rule.
 * The value itself stays as it is.
 */
export function readLeniently<T>(schema: z.ZodMiniType<T>, value: unknown): Reading<T> {
  const first = schema.safeParse(value);
  if (first.success) return { success: true, data: first.data, omitted: [] };
  const omissions: Omissions = new Map();
  const omitted: OmittedPart[] = [];
  for (const issue of first.error.issues) {
    const path = omittablePath(schema, issue.path);
    if (path.length === 0) return { success: false, issues: toIssues(first.error) };
    add(omissions, path);
    omitted.push({ path: formatPath(issue.path), message: describe(issue), omitted: formatPath(path) });
  }
  const second = schema.safeParse(without(value, omissions));
  return second.success
    ? { success: true, data: second.data, omitted }
    : { success: false, issues: toIssues(first.error) };
}

/**
 * Reads a value from outside with a schema of any library, sync or async. Only a zod schema can have lenient parts; for
 * the others each issue has the path and the message that the library gives.
 *
 * @see {@link https://standardschema.dev | Standard Schema}
 */
export async function readBySchema<T>(schema: StandardSchemaV1<unknown, T>, value: unknown): Promise<Reading<T>> {
  const validation = schema['~standard'].validate(value);
  const result = validation instanceof Promise ? await validation : validation;
  if (result.issues === undefined) return { success: true, data: result.value, omitted: [] };
  if (result === validation && '_zod' in schema) return readLeniently(schema as unknown as z.ZodMiniType<T>, value);
  const issues = result.issues.map(({ path = [], message }) => ({
    path: formatPath(path.map((part) => (typeof part === 'object' ? part.key : part))),
    message,
  }));
  return { success: false, issues };
}

/** The longest beginning of `path` that can be left out; empty when none can. */
function omittablePath(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly PropertyKey[] {
  let length = 0;
  let current: z.core.$ZodType | undefined = schema;
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

/** The schema of the value itself, inside of what says that it may be absent or is changed afterward. */
function unwrapped(
  schema: z.core.$ZodType,
  isLenient = false,
): { readonly value: z.core.$ZodTypes; readonly isLenient: boolean } {
  const value = schema as z.core.$ZodTypes;
  const { def } = value._zod;
  if (def.type === 'pipe') return unwrapped(def.in, isLenient);
  if (def.type === 'optional') return unwrapped(def.innerType, isLenient || forgiving.has(value));
  if (def.type === 'nullable' || def.type === 'default') return unwrapped(def.innerType, isLenient);
  return { value, isLenient };
}

/** What is to be left out, by its key; without a value of its own it is left out whole. */
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
    // A list without any item that can be read is a value of another kind.
    return items.length === 0 ? undefined : items;
  }
  return Object.fromEntries(Object.entries(value as object).flatMap(keep));
}

/** A day, a time of it and its offset. `Date` alone reads `5` as May 2001, and a time without offset by this machine's clock. */
const ISO_MOMENT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Whether a value is a text that names a moment in ISO 8601: with `Z` or an offset, and a day that there is. */
export function isIsoMoment(value: unknown): boolean {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return false;
  const day = ISO_MOMENT.exec(value)?.[1];
  // `Date` takes 30 February for 2 March.
  return day !== undefined && new Date(day).toISOString().startsWith(day);
}
