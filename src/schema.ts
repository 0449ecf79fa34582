/**
 * Schemas of zod, made from the classes of `zod/v4/core`, of which a bundle gets those that it uses. `zod/mini` gives
 * each schema methods, which bring parsers and kinds of errors into a bundle that nothing here calls.
 *
 * @module
 */

import * as core from '#zod-core';
import type {
  $ZodArray,
  $ZodNullable,
  $ZodObject,
  $ZodOptional,
  $ZodUnknown,
  $loose,
  $strict,
  $strip,
  $ZodCheck,
  $ZodDefault,
  $ZodIssue,
  $ZodLooseShape,
  $ZodRawIssue,
  $ZodType,
  output,
  ParsePayload,
  SomeType,
  util,
} from 'zod/v4/core';

/** A schema of values of this type. */
export type Schema<T = unknown> = $ZodType<T>;

/**
 * A schema for each field that a type names; one of any value needs none. An object's schema that satisfies it cannot
 * forget an optional field, which assigning it to the schema of the type alone would allow.
 */
export type Fields<T> = {
  readonly [Name in keyof T as string extends Name ? never : unknown extends T[Name] ? never : Name]-?: Schema<T[Name]>;
};

/** What {@link optional} returns. */
export type Optional<T extends SomeType> = $ZodOptional<T>;

/** A field that has a value even if it is left out. */
export type Defaulted<T extends SomeType> = $ZodDefault<T>;

/** What {@link array} returns. */
export type List<T extends SomeType> = $ZodArray<T>;

/** Marks a problem of a part that can be left out. */
interface Omission {
  /** Length of the path within the innermost such part. */
  readonly within?: number;
  readonly isLeftOut?: boolean;
}

/** A problem of a value, as zod describes it. */
export type SchemaIssue = $ZodIssue & Omission;

/** A problem while a value is checked. */
export type RawIssue = $ZodRawIssue & Omission;

/** A value while it is checked, with its problems so far. */
export type Payload = ParsePayload;

/** An object; fields that the shape does not name are left out. */
export function object<T extends $ZodLooseShape>(shape: T): $ZodObject<util.Writeable<T>, $strip> {
  return new core.$ZodObject({ type: 'object', shape }) as never;
}

/** An object that keeps fields that the shape does not name. */
export function looseObject<T extends $ZodLooseShape>(shape: T): $ZodObject<util.Writeable<T>, $loose> {
  return new core.$ZodObject({ type: 'object', shape, catchall: unknown() }) as never;
}

/** An object without fields that the shape does not name. */
export function strictObject<T extends $ZodLooseShape>(shape: T): $ZodObject<util.Writeable<T>, $strict> {
  return new core.$ZodObject({ type: 'object', shape, catchall: new core.$ZodNever({ type: 'never' }) }) as never;
}

/** A list. */
export function array<T extends SomeType>(element: T): List<T> {
  return new core.$ZodArray({ type: 'array', element: element as never }) as never;
}

/** A value that may be `undefined`, or a field that may be left out. */
export function optional<T extends SomeType>(innerType: T): Optional<T> {
  return new core.$ZodOptional({ type: 'optional', innerType: innerType as never }) as never;
}

/** A value that may be `null`. */
export function nullable<T extends SomeType>(innerType: T): $ZodNullable<T> {
  return new core.$ZodNullable({ type: 'nullable', innerType: innerType as never }) as never;
}

/** Any value. */
export function unknown(): $ZodUnknown {
  return new core.$ZodUnknown({ type: 'unknown' });
}

/** Makes a schema change a value before it checks it. */
export function preprocess<T>(change: (value: unknown) => unknown, schema: Schema<T>): Schema<T> {
  const run = schema._zod.run.bind(schema._zod);
  schema._zod.run = (payload, context) => run({ ...payload, value: change(payload.value) }, context);
  return schema;
}

/** Adds a check to a copy of a schema. */
function withCheck(schema: unknown, run: (payload: ParsePayload) => void, isAlwaysRun = false): Schema {
  const checked = schema as Schema;
  const { def } = checked._zod;
  const check: $ZodCheck<unknown> = {
    _zod: { def: { check: 'custom', ...(isAlwaysRun && { when: () => true }) }, onattach: [], check: run },
  };
  return core.clone(checked, { ...def, checks: [...(def.checks ?? []), check] }, { parent: true });
}

/** Changes a valid value. */
export function map<S extends SomeType, T>(schema: S, change: (value: output<S>) => T): Schema<T> {
  const changed = withCheck(schema, (payload) => {
    if (payload.issues.every(isLeftOut)) payload.value = change(payload.value as output<S>);
  });
  // The field of an object gets a value also if it is left out.
  changed._zod.optout = undefined;
  return changed as Schema<T>;
}

/** A problem that a check found. */
export interface Problem {
  readonly message: string;
  /** Path within the value. */
  readonly path?: readonly PropertyKey[] | undefined;
}

/** How a check fits among the others of a value. */
export interface CheckOptions {
  /** Whether a failure ends the checks of the whole value around this one. */
  readonly isFinal?: boolean | undefined;
  /** Whether it also runs on what is invalid already, so that all problems are reported at once. */
  readonly isAlwaysRun?: boolean | undefined;
}

/** Adds a check to a schema. @param find - returns the problems of a value. */
export function check<S extends SomeType>(
  schema: S,
  find: (value: output<S>) => readonly Problem[],
  { isFinal = false, isAlwaysRun = false }: CheckOptions = {},
): S {
  const checked = withCheck(
    schema,
    ({ value, issues }) => {
      for (const { message, path = [] } of find(value as output<S>))
        issues.push({ code: 'custom', message, path: [...path], input: value, continue: !isFinal });
    },
    isAlwaysRun,
  );
  return checked as never;
}

/** Adds a check to a schema that a value passes or fails. */
export function refine<S extends SomeType>(
  schema: S,
  test: (value: output<S>) => boolean,
  problem: string | Problem,
  options?: CheckOptions,
): S {
  const problems = [typeof problem === 'string' ? { message: problem } : problem];
  return check(schema, (value) => (test(value) ? [] : problems), options);
}

/** A value that a function checks. Its failure ends the checks of the whole value around it, unless `options` say so. */
export function custom<T>(
  test: (value: unknown) => boolean,
  message: string | ((value: unknown) => string),
  options: CheckOptions = { isFinal: true },
): Schema<T> {
  const checked = check(
    unknown(),
    (value) => (test(value) ? [] : [{ message: typeof message === 'string' ? message : message(value) }]),
    options,
  );
  return checked as never;
}

/** Returns whether the part with this problem is left out. */
export function isLeftOut(issue: RawIssue): boolean {
  return issue.isLeftOut === true;
}
