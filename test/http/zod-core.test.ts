import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as small from '#dist/zod-core.browser.js';
import * as zod from '#dist/zod-core.js';

/** The classes of both are used as `schema.ts` uses them. */
type Core = Record<keyof typeof zod, never>;

interface Issue {
  readonly code?: string;
  readonly message?: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly path?: readonly PropertyKey[];
  continue?: boolean;
}

interface Payload {
  value: unknown;
  readonly issues: Issue[];
}

interface Schema {
  readonly _zod: {
    readonly def: { readonly checks?: readonly object[] };
    run: (payload: Payload, context: object) => Payload;
    optout: 'optional' | undefined;
  };
  readonly '~standard': {
    readonly validate: (value: unknown) => { readonly value?: unknown; readonly issues?: readonly Issue[] };
  };
}

type Recipe =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'optional' | 'nullable' | 'array' | 'mapped' | 'lenient'; readonly inner: Recipe }
  | {
      readonly kind: 'checked';
      readonly inner: Recipe;
      readonly type: string;
      readonly isFinal: boolean;
      readonly isAlwaysRun: boolean;
    }
  | {
      readonly kind: 'object';
      readonly shape: Readonly<Record<string, Recipe>>;
      readonly others: 'dropped' | 'kept' | 'refused';
    };

function make(core: Core, recipe: Recipe): Schema {
  const create = (name: keyof typeof zod, def: object): Schema => new (core[name] as new (def: object) => Schema)(def);
  const clone = core.clone as (schema: Schema, def: object, params: object) => Schema;
  const withCheck = (schema: Schema, isAlwaysRun: boolean, check: (payload: Payload) => void): Schema => {
    const { def } = schema._zod;
    const added = { _zod: { def: { check: 'custom', ...(isAlwaysRun && { when: () => true }) }, onattach: [], check } };
    return clone(schema, { ...def, checks: [...(def.checks ?? []), added] }, { parent: true });
  };
  const unknown = () => create('$ZodUnknown', { type: 'unknown' });
  if (recipe.kind === 'unknown') return unknown();
  if (recipe.kind === 'object') {
    const shape = Object.fromEntries(Object.entries(recipe.shape).map(([key, field]) => [key, make(core, field)]));
    const catchall = { dropped: undefined, kept: unknown(), refused: create('$ZodNever', { type: 'never' }) };
    const { [recipe.others]: others } = catchall;
    return create('$ZodObject', { type: 'object', shape, ...(others !== undefined && { catchall: others }) });
  }
  const inner = make(core, recipe.inner);
  switch (recipe.kind) {
    case 'optional':
      return create('$ZodOptional', { type: 'optional', innerType: inner });
    case 'nullable':
      return create('$ZodNullable', { type: 'nullable', innerType: inner });
    case 'array':
      return create('$ZodArray', { type: 'array', element: inner });
    case 'checked': {
      const { type, isFinal, isAlwaysRun } = recipe;
      return withCheck(inner, isAlwaysRun, ({ value, issues }) => {
        if (typeof value !== type)
          issues.push({ code: 'custom', message: `no ${type}`, path: ['at'], continue: !isFinal });
      });
    }
    case 'mapped': {
      const mapped = withCheck(inner, false, (payload) => {
        if (payload.issues.length === 0) payload.value = [payload.value];
      });
      mapped._zod.optout = undefined;
      return mapped;
    }
    case 'lenient': {
      const run = inner._zod.run.bind(inner._zod);
      inner._zod.run = (given, context) => {
        const payload = run(given, context);
        for (const issue of payload.issues) Object.assign(issue, { continue: true });
        if (payload.issues.length > 0) payload.value = undefined;
        return payload;
      };
      return inner;
    }
  }
}

const keys = fc.constantFrom('a', 'b', 'c');
const { recipe } = fc.letrec<{ recipe: Recipe }>((tie) => ({
  recipe: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<Recipe>({ kind: 'unknown' }),
    fc.record({
      kind: fc.constantFrom('optional' as const, 'nullable' as const, 'array' as const, 'mapped' as const),
      inner: tie('recipe'),
    }),
    fc.record({ kind: fc.constant('lenient' as const), inner: tie('recipe') }),
    fc.record({
      kind: fc.constant('checked' as const),
      inner: tie('recipe'),
      type: fc.constantFrom('string', 'number', 'object'),
      isFinal: fc.boolean(),
      isAlwaysRun: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('object' as const),
      shape: fc.dictionary(keys, tie('recipe')),
      others: fc.constantFrom('dropped' as const, 'kept' as const, 'refused' as const),
    }),
  ),
}));
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(undefined, null, 0, 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value')),
    // Keys that an object inherits, and a key that would set what it inherits.
    fc.dictionary(keys, tie('value')).map((inherited) => Object.create(inherited) as unknown),
    fc.constant(JSON.parse('{"__proto__":{"a":1},"a":"text"}')),
  ),
}));

/** What `validation.ts` reads of a result. */
function run(schema: Schema, value: unknown) {
  const payload = schema._zod.run({ value, issues: [] }, { async: false });
  const issues = payload.issues.map(({ code, message, expected, keys: unknownKeys, path = [], continue: goesOn }) => ({
    ...{ code, message, expected, unknownKeys, path, goesOn: goesOn ?? false },
  }));
  const standard = schema['~standard'].validate(value);
  const told = standard.issues?.map(({ code, path, message }) => ({
    path,
    message: code === 'custom' ? message : undefined,
  }));
  return { value: payload.value, issues, standard: told ?? { value: standard.value } };
}

test('the core for browsers reads and refuses the same as that of zod', () => {
  fc.assert(
    fc.property(recipe, values, (schema, value) => {
      const expected = run(make(zod as unknown as Core, schema), value);
      expect(run(make(small as unknown as Core, schema), value)).toStrictEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test.each(['optional', 'nullable', 'array', 'mapped'] as const)(
  'both agree on a field that is %s and missing',
  (kind) => {
    const schema: Recipe = { kind: 'object', shape: { a: { kind, inner: { kind: 'unknown' } } }, others: 'refused' };
    const expected = run(make(zod as unknown as Core, schema), { b: 1 });
    expect(expected.issues.map(({ code }) => code)).toContain('unrecognized_keys');
    expect(run(make(small as unknown as Core, schema), { b: 1 })).toStrictEqual(expected);
  },
);
