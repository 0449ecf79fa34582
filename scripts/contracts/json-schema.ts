import * as z from 'zod/mini';
import {
  anyString,
  filledString,
  finiteNumber,
  flag,
  integer,
  jsonObject,
  positiveInteger,
  rangeOf,
} from '#src/http/validation.js';

/** A JSON Schema of draft 2020-12, which OpenAPI 3.1 and AsyncAPI 3 embed unchanged. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT_KEYS = new Set(['$schema', '~standard']);

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !DRAFT_KEYS.has(key));
  const tidied = Object.fromEntries(entries.map(([key, part]) => [key, tidy(part)]));
  // JavaScript's range of safe integers does not apply to the wire.
  if (tidied['maximum'] === Number.MAX_SAFE_INTEGER) delete tidied['maximum'];
  if (tidied['minimum'] === Number.MIN_SAFE_INTEGER) delete tidied['minimum'];
  // A value that may be `null`.
  const [either, other] = Array.isArray(tidied['anyOf']) ? (tidied['anyOf'] as JsonSchema[]) : [];
  if (typeof either?.['type'] !== 'string' || other?.['type'] !== 'null') return tidied;
  return { ...either, type: [either['type'], 'null'] };
}

/** What JSON Schema says for the schemas that zod itself cannot express. */
const atoms = new Map<z.core.$ZodType, JsonSchema>([
  [anyString, { type: 'string' }],
  [filledString, { type: 'string', minLength: 1 }],
  [finiteNumber, { type: 'number' }],
  [flag, { type: 'boolean' }],
  [jsonObject, { type: 'object' }],
  [integer, { type: 'integer' }],
  [positiveInteger, { type: 'integer', minimum: 1 }],
]);

const options: Parameters<typeof z.toJSONSchema>[1] = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }) => {
    // A schema with further checks knows the one without.
    let atom: z.core.$ZodType = zodSchema;
    while (!atoms.has(atom) && atom._zod.parent !== undefined) atom = atom._zod.parent;
    const { enum: values, ...rest } = rangeOf(zodSchema) ?? {};
    const [first, ...others] = Array.isArray(values) ? (values as unknown[]) : [];
    const choice = values === undefined ? {} : others.length === 0 ? { const: first } : { enum: values };
    Object.assign(jsonSchema, atoms.get(atom), rest, choice);
  },
};

/** Returns what a schema accepts: for a response the wire itself, since the mapping follows the check. */
export function accepted(schema: z.core.$ZodType): JsonSchema {
  return tidy(z.toJSONSchema(schema, { ...options, io: 'input' })) as JsonSchema;
}

/** Returns a request with its defaults filled in. */
export function sent(schema: z.core.$ZodType): JsonSchema {
  return tidy(z.toJSONSchema(schema, { ...options, io: 'output' })) as JsonSchema;
}

/** Returns the schema with the wire names of its properties. */
export function onWire(schema: JsonSchema, names: Readonly<Record<string, string>>): JsonSchema {
  const rename = (name: string): string => names[name] ?? name;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => {
        if (key === 'required') return [key, (part as string[]).map(rename)];
        if (key !== 'properties') return [key, walk(part)];
        const properties = Object.entries(part as Record<string, unknown>);
        return [key, Object.fromEntries(properties.map(([name, property]) => [rename(name), walk(property)]))];
      }),
    );
  };
  return walk(schema) as JsonSchema;
}
