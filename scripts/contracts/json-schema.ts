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
  return tidied;
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
    // What an answer may write as `null` is made `undefined` before it is checked.
    const { def } = zodSchema._zod;
    if (def.type === 'pipe' && def.in._zod.def.type === 'transform' && typeof jsonSchema.type === 'string')
      Object.assign(jsonSchema, { type: [jsonSchema.type, 'null'] });
    // A schema with further checks knows the one without.
    let base: z.core.$ZodType = zodSchema;
    while (base._zod.parent !== undefined) base = base._zod.parent;
    Object.assign(jsonSchema, atoms.get(zodSchema) ?? atoms.get(base), rangeOf(zodSchema));
  },
};

/** Returns what a schema accepts: for a response the wire itself, since the mapping follows the check. */
export function accepted(schema: z.ZodMiniType): JsonSchema {
  return tidy(z.toJSONSchema(schema, { ...options, io: 'input' })) as JsonSchema;
}

/** Returns a request with its defaults filled in. */
export function sent(schema: z.ZodMiniType): JsonSchema {
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
