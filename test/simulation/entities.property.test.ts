import { evaluate, type EntityMatch, type SimulationAssertion, type SimulationStep } from 'agent-assist-sdk/simulation';
import fc from 'fast-check';
import { expect, test } from 'vitest';

interface Entity {
  readonly type: string;
  readonly value?: unknown;
}

const type = fc.constantFrom('city', 'date', 'a"b');
const value = fc.constantFrom<unknown>(
  ...['Paris', '1', 1, 0, -0, Number.NaN, true, null, undefined, '', '{}', {}, []],
  ...[
    [1, 2],
    [2, 1],
    { 0: 1, 1: 2 },
    { a: 1, b: [2] },
    { b: [2], a: 1 },
    { a: undefined },
    { a: { b: { c: 'deep' } } },
  ],
  ...[{ a: { b: { c: 'deeper' } } }, { 'a:1,"b"': 2 }, { a: 1, b: 2 }],
);
const nested = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : { next: nested(levels - 1, leaf) });
const anyValue = fc.oneof(
  { weight: 9, arbitrary: value },
  fc.constantFrom(nested(20, 'x'), nested(20, 'x'), nested(20, 'y')),
);
const entities = fc.array(fc.record({ type, value: anyValue }), { maxLength: 6 });
const expected = fc.dictionary(type, anyValue, { maxKeys: 3 });

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
}

const same = (a: Entity, b: Entity): boolean => a.type === b.type && equal(a.value, b.value);

/** Each entity compared with each other one. */
function counts(found: readonly Entity[], asserted: readonly Record<string, unknown>[], match: EntityMatch) {
  const needs = (need: unknown): boolean => match === 'value' && need !== undefined && need !== null;
  const all = asserted.flatMap((one) =>
    Object.entries(one).map(([name, need]) => ({ type: name, value: needs(need) ? need : undefined })),
  );
  const distinct = (list: readonly Entity[]): Entity[] =>
    list.filter((entity, index) => list.findIndex((other) => same(other, entity)) === index || equalsNothing(entity));
  const equalsNothing = (entity: Entity): boolean => !same(entity, entity);
  const meets = (entity: Entity, need: Entity): boolean =>
    need.value === undefined ? entity.type === need.type : same(entity, need);
  const [wanted, got] = [distinct(all), distinct(all.length === 0 ? [] : found)];
  const unexpected = got.filter((entity) => !wanted.some((need) => meets(entity, need)));
  return {
    truePositives: wanted.filter((need) => got.some((entity) => meets(entity, need))).length,
    falseNegatives: wanted.filter((need) => !got.some((entity) => meets(entity, need))).length,
    falsePositives: match === 'type' ? new Set(unexpected.map((entity) => entity.type)).size : unexpected.length,
  };
}

test('values of any depth, and with cycles, are compared', () => {
  const cycle = (length: number): unknown => {
    const first: Record<string, unknown> = {};
    let last = first;
    for (let at = 1; at < length; at += 1) last = last['next'] = {};
    last['next'] = first;
    return first;
  };
  const judge = (found: unknown, need: unknown): boolean => {
    const nlu = { intent: 'greet', confidence: 1, entities: [{ type: 'city', value: found }] };
    const step = { index: 0, userInput: 'hi', botResponse: 'hello', nlu };
    const assertion = {
      stepIndex: 0,
      expectedIntent: 'greet',
      expectedConfidenceMin: 0,
      expectedEntities: { city: need },
    };
    return evaluate({ id: 's', status: 'COMPLETED', steps: [step] }, [assertion]).passed;
  };
  let [one, same, other]: unknown[] = ['x', 'x', 'y'];
  for (let level = 0; level < 50_000; level += 1) [one, same, other] = [{ one }, { one: same }, { one: other }];
  expect([judge(one, same), judge(one, other)]).toEqual([true, false]);
  expect([judge(cycle(2), cycle(3)), judge(cycle(2), { next: { next: {} } })]).toEqual([true, false]);
});

test('entities are judged as if each were compared with each other one', () => {
  fc.assert(
    fc.property(
      entities,
      fc.array(expected, { maxLength: 4 }),
      fc.constantFrom<EntityMatch>('value', 'type'),
      (found, asserted, entityMatch) => {
        const step: SimulationStep = {
          index: 0,
          userInput: 'hi',
          botResponse: 'hello',
          nlu: { intent: 'greet', confidence: 1, entities: found },
        };
        const assertions = asserted.map((expectedEntities): SimulationAssertion => ({
          stepIndex: 0,
          expectedIntent: 'greet',
          expectedConfidenceMin: 0,
          expectedEntities,
        }));
        const result = evaluate({ id: 's', status: 'COMPLETED', steps: [step] }, assertions, { entityMatch });
        expect(result.entities).toMatchObject(counts(found, asserted, entityMatch));
        for (const [index, { failures }] of result.verdicts.entries()) {
          const reasons = Object.entries(asserted[index] ?? {}).flatMap(([name, need]) => {
            const values = found.filter((entity) => entity.type === name).map((entity) => entity.value);
            const needsValue = entityMatch === 'value' && need !== undefined && need !== null;
            if (values.length === 0)
              return [{ reason: 'entity-missing', type: name, ...(needsValue ? { expected: need } : {}) }];
            if (!needsValue || values.some((one) => equal(one, need))) return [];
            return [{ reason: 'entity-value', type: name, expected: need, actual: values }];
          });
          expect(failures).toEqual(reasons);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
