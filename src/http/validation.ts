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
      return `unknown ${issue.keys.join(', ')}`;
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
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** The issues of a failed parse, each with its path and without the offending value. */
export function toIssues(error: z.core.$ZodError): Issue[] {
  return error.issues.map((issue) => ({ path: formatPath(issue.path), message: describe(issue) }));
}

/**
 * Checks a value that is about to be sent (protocol 3).
 *
 * @param subject - what the value is, for the error's message, e.g. `suggest request`.
 * @throws `RequestValidationError` with every broken rule and its path.
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
export const jsonObject: z.ZodMiniType<Readonly<Record<string, unknown>>> = z.custom(
  z.core.util.isPlainObject,
  'expected object',
);

/** A field of an answer that may be left out. Some servers write `null` there, which says the same. */
export function absentable<T>(schema: z.ZodMiniType<T>): z.ZodMiniOptional<z.ZodMiniType<T | undefined>> {
  return z.optional(
    z.pipe(
      z.nullable(schema),
      z.transform((value) => value ?? undefined),
    ),
  );
}
