import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpClient, RequestValidationError } from 'agent-assist-sdk';
import { CalibrationClient, type Calibration } from 'agent-assist-sdk/calibration';
import { calibration, rejection, startWorld } from './world.js';

describe('rules', () => {
  const issuesOf = async (payload: unknown): Promise<readonly string[]> => {
    let sent = 0;
    const transport = (): Promise<never> => {
      sent += 1;
      return Promise.reject(new Error('sent'));
    };
    const client = new CalibrationClient(new HttpClient({ baseUrl: 'http://tenant.test', transport, maxRetries: 0 }));
    const error = await rejection(client.apply(payload as Calibration));
    if (sent === 1) return [];
    expect(error).toBeInstanceOf(RequestValidationError);
    return (error as RequestValidationError).issues.map(({ path }) => path);
  };

  /** Numbers on either side of a closed range, its ends and their neighbours among them. */
  const around = (low: number, high: number) => {
    const step = 1e-9;
    return fc.oneof(
      fc.double({ min: low, max: high, noNaN: true }).map((value) => ({ value, ok: true })),
      fc.constantFrom(low, high, low + step, high - step).map((value) => ({ value, ok: true })),
      fc.constantFrom(low - step, high + step, Infinity, -Infinity, NaN).map((value) => ({ value, ok: false })),
      fc.double({ min: high + step, max: 1e6, noNaN: true }).map((value) => ({ value, ok: false })),
      fc.double({ min: -1e6, max: low - step, noNaN: true }).map((value) => ({ value, ok: false })),
    );
  };
  const holds = async (path: string, low: number, high: number, build: (value: number) => unknown): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(around(low, high), async ({ value, ok }) => {
        expect(await issuesOf(build(value))).toEqual(ok ? [] : [path]);
      }),
    );
  };

  it.each([
    ['negative', -1, 0],
    ['neutral', -0.5, 0.5],
    ['positive', 0, 1],
  ] as const)('polarityMatrix.%s lies within %d and %d', async (name, low, high) => {
    await holds(`polarityMatrix.${name}`, low, high, (value) => ({
      ...calibration,
      polarityMatrix: { ...calibration.polarityMatrix, [name]: value },
    }));
  });

  it('sensitivityLevel lies within 0.05 and 0.95', async () => {
    await holds('sensitivityLevel', 0.05, 0.95, (sensitivityLevel) => ({ ...calibration, sensitivityLevel }));
  });

  it.each(['notify', 'escalate', 'log'] as const)('the threshold of %s lies within 0 and 0.95', async (directive) => {
    await holds('alertTriggers[0].threshold', 0, 0.95, (threshold) => ({
      ...calibration,
      alertTriggers: [{ emotion: 'anger', threshold, directive }],
    }));
  });

  it('the threshold of block lies within 0.7 and 0.95', async () => {
    await fc.assert(
      fc.asyncProperty(around(0.7, 0.95), async ({ value, ok }) => {
        const paths = await issuesOf({
          ...calibration,
          alertTriggers: [{ emotion: 'anger', threshold: value, directive: 'block' }],
        });
        expect(new Set(paths)).toEqual(new Set(ok ? [] : ['alertTriggers[0].threshold']));
      }),
    );
  });

  it('the directive is one of four', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.constantFrom('block', 'notify', 'escalate', 'log', 'Block', 'block ')),
        async (directive) => {
          const paths = await issuesOf({
            ...calibration,
            alertTriggers: [{ emotion: 'anger', threshold: 0.9, directive }],
          });
          expect(paths).toEqual(
            ['block', 'notify', 'escalate', 'log'].includes(directive) ? [] : ['alertTriggers[0].directive'],
          );
        },
      ),
    );
  });

  it('there are 1 to 50 interactions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.integer({ min: 0, max: 120 }), fc.constantFrom(0, 1, 50, 51)), async (count) => {
        const interactionIds = Array.from({ length: count }, (_, index) => `conv_${index}`);
        expect(await issuesOf({ ...calibration, interactionIds })).toEqual(
          count >= 1 && count <= 50 ? [] : ['interactionIds'],
        );
      }),
    );
  });

  it('there may be no alert at all', async () => {
    expect(await issuesOf({ ...calibration, alertTriggers: [] })).toEqual([]);
  });

  it('reports every broken rule at once, each with its path, without quoting what was given', async () => {
    const client = new CalibrationClient(new HttpClient({ baseUrl: 'http://tenant.test' }));
    const broken = {
      interactionIds: ['a', 7, ''],
      polarityMatrix: { negative: 0.1, neutral: 0.6, positive: -0.1 },
      alertTriggers: [
        { emotion: 'anger', threshold: 0.69, directive: 'block' },
        { threshold: 0.5, directive: 'block' },
        { emotion: '', threshold: 0.96, directive: 'shout' },
        null,
      ],
      sensitivityLevel: 0.96,
      triggerModelReweight: 'yes',
      sensitivity_level: 0.5,
    };
    const error = await rejection(client.apply(broken as never));
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as RequestValidationError).issues.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: '', message: 'unknown sensitivity_level' },
      { path: 'alertTriggers[0].threshold', message: 'must be at least 0.7 for block' },
      { path: 'alertTriggers[1].emotion', message: 'expected a string of at least 1 character' },
      { path: 'alertTriggers[1].threshold', message: 'must be at least 0.7 for block' },
      { path: 'alertTriggers[2].directive', message: 'expected "block" or "notify" or "escalate" or "log"' },
      { path: 'alertTriggers[2].emotion', message: 'expected a string of at least 1 character' },
      { path: 'alertTriggers[2].threshold', message: 'must be at most 0.95' },
      { path: 'alertTriggers[3]', message: 'expected object' },
      { path: 'interactionIds[1]', message: 'expected a string of at least 1 character' },
      { path: 'interactionIds[2]', message: 'expected a string of at least 1 character' },
      { path: 'polarityMatrix.negative', message: 'must be at most 0' },
      { path: 'polarityMatrix.neutral', message: 'must be at most 0.5' },
      { path: 'polarityMatrix.positive', message: 'must be at least 0' },
      { path: 'sensitivityLevel', message: 'must be at most 0.95' },
      { path: 'triggerModelReweight', message: 'expected boolean' },
    ]);
  });

  it('agree with those that the tenant enforces on its own', async () => {
    await using world = await startWorld();
    const { accessToken } = await world.run(tokenOf(world));
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          negative: fc.constantFrom(-1, 0, -1.01, 0.01),
          neutral: fc.constantFrom(-0.5, 0.5, 0.51),
          positive: fc.constantFrom(0, 1, 1.01),
          threshold: fc.constantFrom(0, 0.69, 0.7, 0.95, 0.96),
          directive: fc.constantFrom('block', 'log', 'other'),
          level: fc.constantFrom(0.05, 0.95, 0.049, 0.951),
          count: fc.constantFrom(0, 1, 50, 51),
          id: fc.constantFrom('conv', ''),
        }),
        async ({ negative, neutral, positive, threshold, directive, level, count, id }) => {
          await world.clock.advance(60_000);
          const interactionIds = Array.from({ length: count }, () => id);
          const answer = await fetch(`${world.tenant.baseUrl}/agentassist/sentiment/calibration`, {
            method: 'PUT',
            headers: {
              authorization: `Bearer ${accessToken}`,
              'content-type': 'application/json',
              'x-format-version': '2.1',
              'x-idempotency-key': crypto.randomUUID(),
            },
            body: JSON.stringify({
              interaction_ids: interactionIds,
              polarity_matrix: { negative, neutral, positive },
              sensitivity_level: level,
              alert_triggers: [{ emotion: 'anger', threshold, directive }],
            }),
          });
          const issues = await issuesOf({
            interactionIds,
            polarityMatrix: { negative, neutral, positive },
            sensitivityLevel: level,
            alertTriggers: [{ emotion: 'anger', threshold, directive }],
          });
          expect(answer.status).toBe(issues.length === 0 ? 200 : 400);
        },
      ),
      { numRuns: 50 },
    );
  });
});

async function tokenOf(world: Awaited<ReturnType<typeof startWorld>>): Promise<{ accessToken: string }> {
  await world.calibrations.get('none').catch(() => undefined);
  const accessToken = world.tenant.issuedTokens.at(-1)?.accessToken ?? '';
  // Time moves by a minute for each case, so the token has to last.
  return { accessToken };
}
