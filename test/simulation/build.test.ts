import { buildSimulation } from 'agent-assist-sdk/simulation';
import { describe, expect, test } from 'vitest';
import { target } from './helpers.js';

describe('buildSimulation', () => {
  test('fills in the defaults of the protocol', () => {
    const simulation = buildSimulation({
      ...target,
      inputs: ['hi', { text: 'bye', delayMs: 0 }],
      assertions: [{ stepIndex: 1, expectedIntent: 'bye' }],
    });
    expect(simulation).toEqual({
      ...target,
      inputs: [
        { text: 'hi', delayMs: 500 },
        { text: 'bye', delayMs: 0 },
      ],
      context: {},
      assertions: [{ stepIndex: 1, expectedIntent: 'bye', expectedConfidenceMin: 0.85, expectedEntities: {} }],
    });
  });

  test('names every broken rule at once, indices outside of the inputs among them', () => {
    expect(() =>
      buildSimulation({
        ...target,
        botId: '',
        inputs: ['hi', { text: 7 as never, delayMs: -1 }],
        assertions: [
          { stepIndex: 2, expectedIntent: 'a' },
          { stepIndex: -1, expectedIntent: '', expectedConfidenceMin: 1.1 },
          { stepIndex: 0.5, expectedIntent: 'a' },
        ],
      }),
    ).toThrow(
      expect.objectContaining({
        name: 'RequestValidationError',
        issues: expect.arrayContaining([
          { path: 'botId', message: 'must be at least 1 character' },
          expect.objectContaining({ path: 'inputs[1].text' }),
          expect.objectContaining({ path: 'inputs[1].delayMs' }),
          { path: 'assertions[0].stepIndex', message: 'is out of range (inputs: 2, counted from 0)' },
          expect.objectContaining({ path: 'assertions[1].stepIndex' }),
          expect.objectContaining({ path: 'assertions[1].expectedIntent' }),
          expect.objectContaining({ path: 'assertions[1].expectedConfidenceMin' }),
          expect.objectContaining({ path: 'assertions[2].stepIndex' }),
        ]) as unknown,
      }),
    );
  });

  test('says once what is wrong with an index', () => {
    const assertions = [{ stepIndex: '1' as never, expectedIntent: 'a' }];
    expect(() => buildSimulation({ ...target, inputs: ['hi'], assertions })).toThrow(
      expect.objectContaining({
        issues: [{ path: 'assertions[0].stepIndex', message: 'expected number' }],
      }),
    );
  });

  test('names what is no object at all', () => {
    const draft = { ...target, inputs: ['hi', null, 7], assertions: [null, 'x'] } as never;
    expect(() => buildSimulation(draft)).toThrow(
      /inputs\[1\]\.text: expected string; inputs\[2\]\.text: expected string; assertions\[0\]: expected object; assertions\[1\]/,
    );
    for (const nothing of [null, 'x', 5, []])
      expect(() => buildSimulation(nothing as never)).toThrow('Invalid simulation: expected object');
    expect(() => buildSimulation({ ...target, inputs: 'hi', context: [], assertions: {} } as never)).toThrow(
      /inputs: expected array; context: expected object; assertions: expected array/,
    );
  });

  test('looks for no index where there are no inputs at all', () => {
    const assertions = [{ stepIndex: 0, expectedIntent: 'a' }];
    for (const inputs of [undefined, null, 7]) {
      expect(() => buildSimulation({ ...target, inputs: inputs as never, assertions })).toThrow(
        expect.objectContaining({
          name: 'RequestValidationError',
          issues: [{ path: 'inputs', message: 'expected array' }],
        }),
      );
    }
  });

  test('refuses a misspelt field and an empty conversation', () => {
    const misspelt = { ...target, inputs: [], delay_ms: 3 } as never;
    expect(() => buildSimulation(misspelt)).toThrow(/unknown delay_ms/);
    expect(() => buildSimulation(misspelt)).toThrow(/inputs: must have at least 1 item(?!s)/);
  });
});
