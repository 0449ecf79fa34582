/**
 * Replaces `zod-core.ts` in bundles for browsers (condition `browser`), where the rest of zod's core (promises, locales,
 * codecs, lazy properties) would be a fifth of a client's size. A property test compares both.
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isRecord } from './json.js';

interface Issue {
  readonly code?: string;
  readonly message?: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  path?: PropertyKey[];
  /** Whether the checks after it still run: not if `false`, and if it is missing, only those that always run. */
  readonly continue?: boolean;
}

interface Payload {
  value: unknown;
  readonly issues: Issue[];
}

interface Check {
  readonly _zod: { readonly def: { readonly when?: () => boolean }; readonly check: (payload: Payload) => void };
}

interface Definition {
  readonly checks?: readonly Check[];
}

/** A definition with the schema of its items, or of its value. */
type Around<Part extends string> = Definition & Readonly<Record<Part, $ZodType>>;

interface Internals {
  readonly def: Definition;
  run: (payload: Payload) => Payload;
  /** Whether a field may be left out of the input. */
  readonly optin: 'optional' | undefined;
  /** Whether the output then lacks it, too. */
  optout: 'optional' | undefined;
}

abstract class $ZodType {
  readonly _zod: Internals;

  constructor(def: Definition, parse: Internals['run'], optin?: 'optional', optout: 'optional' | undefined = optin) {
    this._zod = { def, optin, optout, run: (payload: Payload) => runChecks(parse(payload), def.checks ?? []) };
  }

  get '~standard'(): StandardSchemaV1.Props {
    const validate = (given: unknown): StandardSchemaV1.Result<unknown> => {
      const { value, issues } = this._zod.run({ value: given, issues: [] });
      return issues.length === 0 ? { value } : { issues: issues.map((issue) => ({ message: '', path: [], ...issue })) };
    };
    return { version: 1, vendor: 'zod', validate };
  }
}

function runChecks(payload: Payload, checks: readonly Check[]): Payload {
  const { issues } = payload;
  for (const { _zod } of checks) {
    const isAlwaysRun = _zod.def.when !== undefined;
    if (issues.every((issue) => issue.continue ?? isAlwaysRun)) _zod.check(payload);
  }
  return payload;
}

/** Runs the schema of a part, adds its problems to those of the whole, and returns its value. */
function runPart(schema: $ZodType, value: unknown, key: PropertyKey, { issues }: Payload): unknown {
  const part = schema._zod.run({ value, issues: [] });
  issues.push(...part.issues.map((issue) => ({ ...issue, path: [key, ...(issue.path ?? [])] })));
  return part.value;
}

function fail(payload: Payload, expected: string): Payload {
  payload.issues.push({ code: 'invalid_type', expected });
  return payload;
}

export class $ZodUnknown extends $ZodType {
  constructor(def: Definition) {
    super(def, (payload) => payload);
  }
}

/** Not run: it only stands for the fields that {@link $ZodObject} does not name. */
export class $ZodNever extends $ZodUnknown {}

export class $ZodOptional extends $ZodType {
  constructor(def: Around<'innerType'>) {
    const { _zod } = def.innerType;
    super(def, (payload) => (payload.value === undefined ? payload : _zod.run(payload)), 'optional');
  }
}

export class $ZodNullable extends $ZodType {
  constructor(def: Around<'innerType'>) {
    const { _zod } = def.innerType;
    super(def, (payload) => (payload.value === null ? payload : _zod.run(payload)), _zod.optin, _zod.optout);
  }
}

export class $ZodArray extends $ZodType {
  constructor(def: Around<'element'>) {
    super(def, (payload) => {
      if (!Array.isArray(payload.value)) return fail(payload, 'array');
      payload.value = Array.from(payload.value, (item: unknown, index) => runPart(def.element, item, index, payload));
      return payload;
    });
  }
}

export class $ZodObject extends $ZodType {
  constructor(def: Definition & { readonly shape: Readonly<Record<string, $ZodType>>; readonly catchall?: $ZodType }) {
    super(def, (payload) => {
      const { shape, catchall } = def;
      const { value: input, issues } = payload;
      if (!isRecord(input)) return fail(payload, 'object');
      const output: Record<string, unknown> = {};
      payload.value = output;
      for (const [key, field] of Object.entries(shape)) {
        const isMissing = !(key in input);
        const { optin, optout } = field._zod;
        if (isMissing && optout !== undefined) continue;
        const { length } = issues;
        const value = runPart(field, input[key], key, payload);
        if (!isMissing || (optin !== undefined && value !== undefined)) output[key] = value;
        if (isMissing && optin === undefined && issues.length === length)
          issues.push({ code: 'invalid_type', expected: 'nonoptional', path: [key] });
      }
      if (catchall === undefined) return payload;
      const unknownKeys: string[] = [];
      for (const key in input) {
        if (Object.hasOwn(shape, key)) continue;
        if (catchall instanceof $ZodNever) unknownKeys.push(key);
        else if (key !== '__proto__') output[key] = input[key];
      }
      if (unknownKeys.length > 0) issues.push({ code: 'unrecognized_keys', keys: unknownKeys, continue: true });
      return payload;
    });
  }
}

/** Returns a schema like the given one, of another definition. */
export function clone<T extends $ZodType>({ constructor }: T, def: Definition): T {
  return new (constructor as new (def: Definition) => T)(def);
}
