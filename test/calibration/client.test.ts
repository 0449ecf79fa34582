import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  AbortError,
  ConfigurationError,
  ConflictError,
  HttpClient,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  RequestValidationError,
  ResponseValidationError,
  ServerError,
  TimeoutError,
} from 'agent-assist-sdk';
import { CalibrationClient, type Calibration } from 'agent-assist-sdk/calibration';
import { calibration, rejection, startWorld, watch } from './world.js';

describe('apply', () => {
  it('sends its headers under the names that the tenant has for them', async () => {
    const sent: Readonly<Record<string, string>>[] = [];
    const http = new HttpClient({
      baseUrl: 'https://acme.example',
      headerNames: { idempotencyKey: 'Idempotency-Key', formatVersion: 'X-Schema' },
      transport: ({ headers }) => {
        sent.push(headers);
        return Promise.resolve(new Response('{"job_id":"job-1"}'));
      },
    });
    await new CalibrationClient(http).apply(calibration);
    expect(sent).toMatchObject([{ 'idempotency-key': expect.stringMatching(/^calib_/) as string, 'x-schema': '2.1' }]);
    expect(sent[0]).not.toHaveProperty('x-format-version');
  });

  it('sends what the protocol says, and gives the job and the measured latency', async () => {
    await using world = await startWorld();
    const result = await world.run(world.calibrations.apply({ ...calibration, triggerModelReweight: true }));
    expect(result).toEqual({ jobId: 'calibration-1', calibrationLatencyMs: 0 });
    const [put] = world.puts();
    expect(put?.path).toBe('/api/v1/agentassist/sentiment/calibration');
    expect(put?.headers['x-idempotency-key']).toMatch(/^calib_[0-9a-f]{12}$/);
    expect(put?.headers['x-format-version']).toBe('2.1');
    expect(put?.headers['prefer']).toBe('return=minimal');
    expect(put?.json).toEqual({
      interaction_ids: ['conv_8f3a2c1d', 'conv_9b4e7f2a'],
      polarity_matrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
      alert_triggers: [
        { emotion: 'frustration', threshold: 0.82, directive: 'escalate' },
        { emotion: 'anger', threshold: 0.88, directive: 'block' },
      ],
      sensitivity_level: 0.85,
      trigger_model_reweight: true,
    });
  });

  it('sends no reweight unless it is asked for', async () => {
    await using world = await startWorld();
    await world.run(world.calibrations.apply(calibration));
    expect(world.puts()[0]?.json).toMatchObject({ trigger_model_reweight: false });
  });

  it('keeps its key and its bytes through all repeats, and makes another one for another call', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 500 },
      times: 2,
    });
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'drop', at: 'before-headers' },
      times: 1,
    });
    const { data, attempts } = await world.run(world.calibrations.apply(calibration).withResponse());
    expect(attempts).toBe(4);
    await world.run(world.calibrations.apply(calibration));
    const keys = world.puts().map(({ headers }) => headers['x-idempotency-key']);
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(keys[4]).not.toBe(keys[0]);
    expect(new Set(world.puts().map(({ bodyText }) => bodyText)).size).toBe(1);
    // The dropped attempt was carried out; the repeat was answered with the same job.
    expect(data.jobId).toBe('calibration-1');
    expect(world.tenant.calibrations.jobs).toHaveLength(2);
  });

  it('measures from the first request to the answer, repeats included, and not the wait before', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 429, retryAfter: 3 },
      times: 1,
    });
    const [first, second] = await world.run(
      Promise.all([world.calibrations.apply(calibration), world.calibrations.apply(calibration)]),
    );
    // 1 ms more than asked for: a slot is free strictly after the one before it.
    expect(first.calibrationLatencyMs).toBeGreaterThanOrEqual(3000);
    expect(first.calibrationLatencyMs).toBeLessThan(3010);
    expect(second.calibrationLatencyMs).toBe(0);
  });

  it('uses the key of the caller: the same body gets the same job, another one a conflict', async () => {
    await using world = await startWorld();
    const options = { idempotencyKey: 'mine-1' };
    const one = await world.run(world.calibrations.apply(calibration, options));
    const again = await world.run(world.calibrations.apply(calibration, options));
    expect(again.jobId).toBe(one.jobId);
    const other = await world.run(
      rejection(world.calibrations.apply({ ...calibration, sensitivityLevel: 0.5 }, options)),
    );
    expect(other).toBeInstanceOf(ConflictError);
    expect(world.puts().map(({ headers }) => headers['x-idempotency-key'])).toEqual(['mine-1', 'mine-1', 'mine-1']);
  });

  it('lets the format version of another tenant through', async () => {
    await using world = await startWorld();
    const error = await world.run(
      rejection(world.calibrations.apply(calibration, { headers: { 'X-Format-Version': '3.0' } })),
    );
    expect(error).toMatchObject({ status: 400, serverCode: 'wrong_format_version' });
  });

  it('names the scope when it is missing', async () => {
    await using world = await startWorld({ clients: [{ clientId: 'c', clientSecret: 's', scopes: ['audit:read'] }] });
    const error = await world.run(rejection(world.calibrations.apply(calibration)));
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect((error as PermissionDeniedError).scopes).toEqual(['sentiment:calibrate']);
  });

  it.each([
    [
      { job_id: 'a', accepted: true },
      { jobId: 'a', accepted: true },
    ],
    [
      { jobId: 'b', status: 'queued' },
      { jobId: 'b', status: 'queued' },
    ],
    [{ id: 'c', status: null }, { jobId: 'c' }],
    [
      { id: 7, job_id: 'd' },
      { id: 7, jobId: 'd' },
    ],
    [
      { id: 'other', job_id: 'e' },
      { id: 'other', jobId: 'e' },
    ],
    [
      { id: 'f', job_id: 'f', echo: 'f' },
      { jobId: 'f', echo: 'f' },
    ],
    [{ job_id: 'a', status: 3 }, { jobId: 'a' }],
  ])('understands the answer %j', async (body, expected) => {
    await using world = await startWorld();
    world.tenant.inject({
      fault: { kind: 'status', status: 200, body },
      route: 'PUT /agentassist/sentiment/calibration',
    });
    expect(await world.run(world.calibrations.apply(calibration))).toEqual({ ...expected, calibrationLatencyMs: 0 });
  });

  it.each([[{}], [{ job_id: '' }], [{ id: 7 }], [null], [7], [[]]])('refuses the answer %j', async (body) => {
    await using world = await startWorld();
    world.tenant.inject({
      fault: { kind: 'status', status: 200, body },
      route: 'PUT /agentassist/sentiment/calibration',
    });
    expect(await world.run(rejection(world.calibrations.apply(calibration)))).toBeInstanceOf(ResponseValidationError);
  });

  it('shows the token in no error, even when the platform quotes it', async () => {
    await using world = await startWorld();
    const token = (): string => world.tenant.issuedTokens.at(-1)?.accessToken ?? 'no token yet';
    await world.run(world.calibrations.apply(calibration));
    const errors: unknown[] = [];
    for (const status of [400, 409, 422, 500, 503]) {
      const body = { error: `echo ${token()}`, job_id: token() };
      world.tenant.inject({
        route: 'PUT /agentassist/sentiment/calibration',
        fault: { kind: 'status', status, body },
        times: 4,
      });
      errors.push(await world.run(rejection(world.calibrations.apply(calibration, { maxRetries: 0 }))));
      world.tenant.clearFaults();
    }
    const shown = errors
      .map((error) => `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`)
      .join('\n');
    expect(errors.every((error) => error instanceof Error)).toBe(true);
    expect(shown).toContain('[redacted]');
    expect(shown).not.toContain(token());
  });
});

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
      { path: 'alertTriggers[1].emotion', message: 'expected string' },
      { path: 'alertTriggers[1].threshold', message: 'must be at least 0.7 for block' },
      { path: 'alertTriggers[2].directive', message: 'expected "block" or "notify" or "escalate" or "log"' },
      { path: 'alertTriggers[2].emotion', message: 'must be at least 1 character' },
      { path: 'alertTriggers[2].threshold', message: 'must be at most 0.95' },
      { path: 'alertTriggers[3]', message: 'expected object' },
      { path: 'interactionIds[1]', message: 'expected string' },
      { path: 'interactionIds[2]', message: 'must be at least 1 character' },
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

describe('the line of ten a minute', () => {
  it('lets 25 calibrations asked for at once reach the tenant in their order, none refused, never more than 10 in 60 s', async () => {
    await using world = await startWorld();
    const results = await world.run(
      Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          world.calibrations.apply({ ...calibration, interactionIds: [`conv_${index}`] }),
        ),
      ),
    );
    const puts = world.puts();
    expect(puts.map(({ status }) => status)).toEqual(Array.from({ length: 25 }, () => 200));
    expect(puts.map(({ json }) => (json as { interaction_ids: string[] }).interaction_ids[0])).toEqual(
      Array.from({ length: 25 }, (_, index) => `conv_${index}`),
    );
    expect(results.map(({ jobId }) => jobId)).toEqual(
      Array.from({ length: 25 }, (_, index) => `calibration-${index + 1}`),
    );
    for (const [index, { receivedAt }] of puts.slice(10).entries()) {
      expect(receivedAt - (puts[index]?.receivedAt ?? NaN)).toBeGreaterThan(60_000);
    }
    // And no longer than needed: the last five go in the third minute.
    expect((puts[24]?.receivedAt ?? NaN) - (puts[0]?.receivedAt ?? NaN)).toBeLessThan(120_100);
  });

  it('holds for any rhythm, any failures and slow answers, whose repeats take their places too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            gapMs: fc.integer({ min: 0, max: 20_000 }),
            delayMs: fc.constantFrom(0, 0, 900, 7000),
            fails: fc.boolean(),
          }),
          { minLength: 11, maxLength: 24 },
        ),
        async (calls) => {
          await using world = await startWorld();
          const work: Promise<unknown>[] = [];
          for (const [index, { gapMs, delayMs, fails }] of calls.entries()) {
            const mine = { interactionIds: [`conv_${index}`] };
            const route = (request: { json: unknown }): boolean =>
              (request.json as { interaction_ids?: string[] } | undefined)?.interaction_ids?.[0] ===
              mine.interactionIds[0];
            if (fails) world.tenant.inject({ route, fault: { kind: 'status', status: 500, delayMs }, times: 1 });
            else if (delayMs > 0) world.tenant.inject({ route, fault: { kind: 'delay', delayMs }, times: 1 });
            // Limits that virtual time cannot reach while a busy machine still carries a request to the tenant.
            work.push(
              Promise.resolve(
                world.calibrations.apply({ ...calibration, ...mine }, { timeoutMs: 1e8, totalTimeoutMs: 1e9 }),
              ),
            );
            await world.clock.advance(gapMs);
          }
          await runSlow(world, Promise.all(work));
          const arrivals = world.puts().map(({ receivedAt }) => receivedAt);
          expect(world.puts().every(({ status }) => status !== 429)).toBe(true);
          arrivals.slice(10).forEach((at, index) => expect(at - (arrivals[index] ?? NaN)).toBeGreaterThan(60_000));
          const firsts = [
            ...new Set(world.puts().map(({ json }) => (json as { interaction_ids: string[] }).interaction_ids[0])),
          ];
          expect(firsts).toEqual(calls.map((_, index) => `conv_${index}`));
        },
      ),
      { numRuns: 8 },
    );
  }, 60_000);

  it('is one for all clients on the same HTTP client, and not for those on another', async () => {
    await using world = await startWorld();
    const sameLine = new CalibrationClient(world.http);
    const otherLine = new CalibrationClient(world.newHttp());
    await world.run(Promise.all(Array.from({ length: 5 }, () => world.calibrations.apply(calibration))));
    await world.run(Promise.all(Array.from({ length: 5 }, () => sameLine.apply(calibration))));
    const startedAt = world.clock.monotonic();
    const refused = await world.run(rejection(otherLine.apply(calibration, { totalTimeoutMs: 1000 })));
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(world.clock.monotonic() - startedAt).toBeLessThan(1000);
    await world.run(sameLine.apply(calibration));
    expect(world.clock.monotonic() - startedAt).toBeGreaterThan(55_000);
  });

  it.each([NaN, -1])('may not be limited to %d', async (maxWaitMs) => {
    await using world = await startWorld();
    await expect(world.calibrations.apply(calibration, { maxWaitMs })).rejects.toThrow('maxWaitMs: ');
  });

  it('does not count the wait as time of the call', async () => {
    await using world = await startWorld();
    const limits = { totalTimeoutMs: 5000, timeoutMs: 1000, maxWaitMs: Infinity };
    const calls = Array.from({ length: 11 }, () => world.calibrations.apply(calibration, limits));
    expect(await world.run(Promise.all(calls))).toHaveLength(11);
  });

  it('is left at once by a call whose turn comes later than it may take', async () => {
    await using world = await startWorld();
    const patient = Array.from({ length: 11 }, () => world.calibrations.apply(calibration));
    await world.run(Promise.all(patient.slice(0, 10)));
    const startedAt = world.clock.monotonic();
    const refused = await world.run(rejection(world.calibrations.apply(calibration, { totalTimeoutMs: 5000 })));
    expect(refused).toBeInstanceOf(RateLimitError);
    const { retryAfterMs, attempts } = refused as RateLimitError;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(attempts).toBe(0);
    expect(world.clock.monotonic() - startedAt).toBeLessThan(1000);
    await world.run(Promise.all(patient));
    expect(world.puts()).toHaveLength(11);
  });

  it('does not count the wait before a repeat either', async () => {
    await using world = await startWorld();
    const limits = { totalTimeoutMs: 10_000, timeoutMs: 1000, maxWaitMs: Infinity };
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 500 },
      skip: 9,
      times: 2,
    });
    const all = await world.run(
      Promise.all(Array.from({ length: 10 }, () => world.calibrations.apply(calibration, limits).withResponse())),
    );
    expect(all.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
  });

  it('repeats a refused token in the line as well', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'revoked-token' },
      skip: 9,
      times: 1,
    });
    await world.run(Promise.all(Array.from({ length: 10 }, () => world.calibrations.apply(calibration))));
    const puts = world.puts();
    expect(puts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 401, 200]);
    expect((puts[10]?.receivedAt ?? NaN) - (puts[0]?.receivedAt ?? NaN)).toBeGreaterThan(60_000);
  });

  it('is left by an abort, and those behind move up', async () => {
    await using world = await startWorld();
    const controller = new AbortController();
    const ahead = Array.from({ length: 10 }, () => world.calibrations.apply(calibration));
    const waitsForSlot = rejection(world.calibrations.apply(calibration, { signal: controller.signal }));
    const waitsForTurn = rejection(world.calibrations.apply(calibration, { signal: controller.signal }));
    const behind = world.calibrations.apply({ ...calibration, interactionIds: ['behind'] });
    await world.run(Promise.all(ahead));
    controller.abort('enough');
    expect(await waitsForSlot).toBeInstanceOf(AbortError);
    expect(await waitsForTurn).toMatchObject({ name: 'AbortError', cause: 'enough' });
    await world.run(behind);
    expect(world.puts()).toHaveLength(11);
    expect(world.puts()[10]?.json).toMatchObject({ interaction_ids: ['behind'] });
  });

  it('sends nothing for a call that was aborted before it began', async () => {
    await using world = await startWorld();
    const error = await world.run(rejection(world.calibrations.apply(calibration, { signal: AbortSignal.abort() })));
    expect(error).toBeInstanceOf(AbortError);
    expect(world.puts()).toEqual([]);
  });

  it('is not held silently by a 429 of a day: it is logged, and each call ends by its own time', async () => {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    await using world = await startWorld();
    const calibrations = new CalibrationClient(world.newHttp({ logger }));
    const fault = { kind: 'status', status: 429, retryAfter: 86_400 } as const;
    world.tenant.inject({ route: 'PUT /agentassist/sentiment/calibration', fault, times: 1 });
    const onWait = vi.fn();
    expect(await world.run(rejection(calibrations.apply(calibration)))).toMatchObject({
      retryAfterMs: 86_400_000,
    });
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('wait 86400000 ms'), undefined);
    const later = await world.run(rejection(calibrations.apply(calibration, { onWait })));
    expect(later).toBeInstanceOf(RateLimitError);
    expect((later as RateLimitError).retryAfterMs).toBeGreaterThan(86_000_000);
    expect(onWait).not.toHaveBeenCalled();
    await world.run(calibrations.apply(calibration, { onWait, maxWaitMs: Infinity }));
    expect(onWait).toHaveBeenCalledExactlyOnceWith({ waitMs: expect.any(Number) as number, reason: 'hold' });
    expect(world.puts()).toHaveLength(2);
  });

  it('tells all calls in it of the wait that a Retry-After begins, though nobody logs', async () => {
    await using world = await startWorld();
    const fault = { kind: 'status', status: 429, retryAfter: 60 } as const;
    world.tenant.inject({ route: 'PUT /agentassist/sentiment/calibration', fault, times: 1 });
    const onWaits = [vi.fn(), vi.fn(), vi.fn()];
    await world.run(Promise.all(onWaits.map((onWait) => world.calibrations.apply(calibration, { onWait }))));
    for (const onWait of onWaits) expect(onWait).toHaveBeenCalledExactlyOnceWith({ waitMs: 60_000, reason: 'hold' });
  });

  it('is held up as a whole by a Retry-After that ended one call', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 429, retryAfter: 300 },
      times: 1,
    });
    const first = rejection(world.calibrations.apply(calibration));
    const second = world.calibrations.apply(calibration, { totalTimeoutMs: 400_000 });
    expect(await world.run(first)).toMatchObject({ name: 'RateLimitError', retryAfterMs: 300_000 });
    await world.run(second);
    const [refused, accepted] = world.puts();
    expect((accepted?.receivedAt ?? NaN) - (refused?.receivedAt ?? NaN)).toBeGreaterThan(300_000);
  });

  it('goes on after a call that failed', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 400 },
      times: 1,
    });
    const [one, other] = await world.run(
      Promise.all([rejection(world.calibrations.apply(calibration)), world.calibrations.apply(calibration)]),
    );
    expect(one).toMatchObject({ status: 400 });
    expect(other.jobId).toBe('calibration-1');
  });
});

/** Like `World.run`, for a tenant that answers late: moves time also while a request is on its way to its delay. */
async function runSlow<T>(world: Awaited<ReturnType<typeof startWorld>>, work: Promise<T>): Promise<T> {
  const isSettled = watch(work);
  while (!isSettled()) {
    const open = (): boolean => world.tenant.requests.all.some(({ status }) => status === undefined);
    // Waits until each request that was sent has come to the tenant's delay or been answered.
    for (let round = 0; round < 40; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    if (isSettled()) break;
    await world.clock.advance(open() ? 100 : Math.min(world.clock.pendingDelays[0] ?? 0, 1000));
  }
  return work;
}

describe('a reweight that is running', () => {
  const reweight = { ...calibration, triggerModelReweight: true };
  const othersJob = {
    interaction_ids: ['x'],
    polarity_matrix: { negative: 0, neutral: 0, positive: 0 },
    alert_triggers: [],
    sensitivity_level: 0.5,
  };
  const gets = (world: Awaited<ReturnType<typeof startWorld>>): string[] =>
    world.tenant.requests.all.filter(({ method }) => method === 'GET').map(({ path }) => path.split('/').at(-1) ?? '');

  it('is waited out by polling the job that the 503 names, then the calibration is submitted once more with its key', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = 11_000;
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    const states: string[] = [];
    const result = await world.run(
      world.calibrations.apply(calibration, {
        runningJob: { pollIntervalMs: 5000, onProgress: ({ jobId, status }) => states.push(`${jobId} ${status}`) },
      }),
    );
    expect(result.jobId).toBe('calibration-2');
    expect(states).toEqual([`${id} running`, `${id} running`, `${id} running`, `${id} completed`]);
    expect(world.puts().map(({ status }) => status)).toEqual([503, 200]);
    expect(new Set(world.puts().map(({ headers }) => headers['x-idempotency-key'])).size).toBe(1);
    expect(result.calibrationLatencyMs).toBe(0);
  });

  it('is polled with what the caller said of this call', async () => {
    await using world = await startWorld();
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    const route = 'GET /agentassist/sentiment/calibration/jobs/{jobId}';
    world.tenant.inject({ route, fault: { kind: 'status', status: 500 }, times: 2 });
    const failed = rejection(world.calibrations.apply(calibration, { maxRetries: 1, headers: { 'x-desk': '7' } }));
    expect(await world.run(failed)).toMatchObject({ status: 500, attempts: 2 });
    expect(gets(world)).toEqual([id, id]);
    expect(
      world.tenant.requests.all
        .filter(({ path }) => path.includes('calibration'))
        .map(({ headers }) => headers['x-desk']),
    ).toEqual(['7', '7', '7']);
  });

  it('that failed is over as well', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = Infinity;
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    const result = world.calibrations.apply(calibration);
    await world.pass(4000);
    world.tenant.calibrations.finish(id, 'failed');
    expect((await world.run(result)).jobId).toBe('calibration-2');
  });

  it('that this client started is known without its name', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.namesRunningJob = false;
    world.tenant.calibrations.reweightDurationMs = 3000;
    const results = await world.run(
      Promise.all([
        world.calibrations.apply(reweight),
        new CalibrationClient(world.http).apply(calibration),
        world.calibrations.apply(calibration),
      ]),
    );
    expect(results.map(({ jobId }) => jobId)).toEqual(['calibration-1', 'calibration-2', 'calibration-3']);
    expect(world.puts().map(({ status }) => status)).toEqual([200, 503, 200, 200]);
    expect(new Set(gets(world))).toEqual(new Set(['calibration-1']));
  });

  it('that nobody names is met by repeats like any other 503', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.namesRunningJob = false;
    world.tenant.calibrations.reweightDurationMs = 600;
    world.tenant.calibrations.startReweight(othersJob);
    const { data, attempts } = await world.run(world.calibrations.apply(calibration).withResponse());
    expect(data.jobId).toBe('calibration-2');
    expect(attempts).toBeGreaterThan(1);
    expect(gets(world)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a page of a proxy', '<h1>503</h1>'],
    ['a number', 7],
    ['no name in it', { error: 'busy' }],
  ])('cannot be told from any other trouble by a 503 with %s', async (_, body) => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 503, body },
      times: 2,
    });
    const { attempts } = await world.run(world.calibrations.apply(calibration).withResponse());
    expect(attempts).toBe(3);
    expect(gets(world)).toEqual([]);
  });

  it('of which the platform has forgotten the job is taken as over', async () => {
    await using world = await startWorld();
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 503, body: { job_id: 'forgotten' } },
      times: 1,
    });
    expect((await world.run(world.calibrations.apply(calibration))).jobId).toBe('calibration-1');
    expect(gets(world)).toEqual(['forgotten']);
  });

  it('is waited for once: a second 503 is the error of the call', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = 1000;
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 503, body: { error: 'again', job_id: id } },
      times: 9,
    });
    const error = await world.run(rejection(world.calibrations.apply(calibration)));
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ status: 503, serverMessage: 'again' });
    expect(world.puts()).toHaveLength(2);
  });

  it("that is over before the platform's Retry-After does not shorten that wait", async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = 1000;
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      times: 1,
      fault: { kind: 'status', status: 503, retryAfter: 30, body: { error: 'busy', job_id: id } },
    });
    await world.run(world.calibrations.apply(calibration));
    const [first, second] = world.puts();
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(30_000);
  });

  it('is not waited for with options that cannot be kept: nothing is sent', async () => {
    await using world = await startWorld();
    const error = await world.run(
      rejection(world.calibrations.apply(calibration, { runningJob: { pollIntervalMs: 0 } })),
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(world.puts()).toHaveLength(0);
  });

  it('that takes too long ends in a timeout, and an abort ends the wait at once', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = Infinity;
    world.tenant.calibrations.startReweight(othersJob);
    const late = await world.run(
      rejection(world.calibrations.apply(calibration, { runningJob: { totalTimeoutMs: 10_000 } })),
    );
    expect(late).toBeInstanceOf(TimeoutError);
    const controller = new AbortController();
    const aborted = rejection(world.calibrations.apply(calibration, { signal: controller.signal }));
    await world.pass(3000);
    controller.abort();
    expect(await aborted).toBeInstanceOf(AbortError);
  });
});

describe('jobs', () => {
  it('are read with what the platform says of them', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.durationMs = Infinity;
    const { jobId } = await world.run(world.calibrations.apply(calibration));
    expect(await world.run(world.calibrations.get(jobId))).toEqual({
      jobId,
      status: 'running',
      created_at: '2026-01-01T00:00:00.000Z',
    });
    expect(await world.run(rejection(world.calibrations.get('a/../b?c#d')))).toBeInstanceOf(NotFoundError);
    expect(world.tenant.requests.last?.path).toBe('/api/v1/agentassist/sentiment/calibration/jobs/a%2F..%2Fb%3Fc%23d');
  });

  it.each(['completed', 'failed'] as const)(
    'are polled until they are %s, whatever they say on the way',
    async (end) => {
      await using world = await startWorld();
      world.tenant.calibrations.durationMs = Infinity;
      const { jobId } = await world.run(world.calibrations.apply(calibration));
      for (const status of ['queued', 'warming_up', 'COMPLETED']) {
        world.tenant.inject({
          route: 'GET /agentassist/sentiment/calibration/jobs/{jobId}',
          fault: { kind: 'status', status: 200, body: { id: jobId, status, progress: 0.5 } },
          times: 1,
        });
      }
      const states: unknown[] = [];
      const done = world.calibrations.wait(jobId, {
        pollIntervalMs: 1000,
        onProgress: (job) => states.push(job),
      });
      await world.pass(3500);
      world.tenant.calibrations.finish(jobId, end);
      expect(await world.run(done)).toMatchObject({ jobId, status: end });
      expect(states.map((state) => (state as { status: string }).status)).toEqual([
        'queued',
        'warming_up',
        'COMPLETED',
        'running',
        end,
      ]);
      expect(states[0]).toEqual({ jobId, status: 'queued', progress: 0.5 });
    },
  );

  it('are applied and waited for by run, within one limit', async () => {
    await using world = await startWorld();
    expect(await world.run(world.calibrations.run(calibration))).toMatchObject({ status: 'completed' });
    world.tenant.calibrations.durationMs = Infinity;
    const states: unknown[] = [];
    const options = { totalTimeoutMs: 7000, pollIntervalMs: 3000, onProgress: (job: unknown) => states.push(job) };
    const startedAt = world.clock.monotonic();
    expect(await world.run(rejection(world.calibrations.run(calibration, options)))).toBeInstanceOf(TimeoutError);
    expect(world.clock.monotonic() - startedAt).toBeLessThanOrEqual(7000);
    expect(states).toHaveLength(3);
    expect(world.puts()).toHaveLength(2);
    await expect(world.calibrations.run(calibration, { totalTimeoutMs: 0 })).rejects.toThrow('totalTimeoutMs');
    const noFunction = world.calibrations.run(calibration, { onProgress: 'log' as never });
    await expect(noFunction).rejects.toThrow('onProgress: expected a function');
    expect(world.puts()).toHaveLength(2);
  });

  it('end with run also while another job runs', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = Infinity;
    world.tenant.calibrations.startReweight({
      interaction_ids: ['x'],
      polarity_matrix: { negative: 0, neutral: 0, positive: 0 },
      alert_triggers: [],
      sensitivity_level: 0.5,
    });
    const startedAt = world.clock.monotonic();
    const busy = await world.run(rejection(world.calibrations.run(calibration, { totalTimeoutMs: 7000 })));
    expect(busy).toBeInstanceOf(TimeoutError);
    expect(busy).toMatchObject({ message: 'calibration was not done within 7000 ms', timeoutMs: 7000 });
    expect(world.clock.monotonic() - startedAt).toBe(7000);
    const waiting = world.calibrations.run(calibration, { totalTimeoutMs: 7000, runningJob: { totalTimeoutMs: 5000 } });
    expect(await world.run(rejection(waiting))).toMatchObject({
      message: expect.stringContaining('5000 ms') as string,
    });
    expect(world.puts()).toHaveLength(2);
  });

  it('that go on after an aborted run are named, to the program and in the error', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.durationMs = Infinity;
    const controller = new AbortController();
    const onSubmitted = vi.fn();
    const options = { onSubmitted, onProgress: () => controller.abort(new Error('deploy')), signal: controller.signal };
    const error = await world.run(rejection(world.calibrations.run(calibration, options)));
    const [[jobId] = []] = onSubmitted.mock.calls as string[][];
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({
      message: `The wait for calibration job ${jobId} was aborted`,
      reason: new Error('deploy'),
      cause: new Error('deploy'),
    });
    world.tenant.calibrations.finish(jobId ?? '');
    expect(await world.run(world.calibrations.wait(jobId ?? ''))).toMatchObject({ jobId, status: 'completed' });
  });

  it('are not polled if onSubmitted rejects', async () => {
    await using world = await startWorld();
    const onSubmitted = (): Promise<void> => Promise.reject(new Error('disk full'));
    expect(await world.run(rejection(world.calibrations.run(calibration, { onSubmitted })))).toEqual(
      new Error('disk full'),
    );
    expect(world.tenant.requests.all.filter(({ method }) => method === 'GET')).toEqual([]);
    const noFunction = world.calibrations.run(calibration, { onSubmitted: 'log' as never });
    await expect(noFunction).rejects.toThrow('onSubmitted: expected a function');
    expect(world.puts()).toHaveLength(1);
  });

  it.each([
    ['pollIntervalMs: expected ms above 0', { pollIntervalMs: '2000' as never }],
    ['totalTimeoutMs: expected ms above 0', { totalTimeoutMs: '7000' as never }],
    [`run: unknown option "pollIntervall"; did you mean 'pollIntervalMs'?`, { pollIntervall: 5 }],
    ['run: expected an object of options', 5 as never],
  ])('are refused by run with “%s”, before anything is sent', async (message, options: object) => {
    await using world = await startWorld();
    const error = await rejection(world.calibrations.run(calibration, options));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) as string });
    expect(world.tenant.requests.all).toEqual([]);
  });

  it('refuse an option that apply and applyAll do not have', async () => {
    await using world = await startWorld();
    const misspelt: object = { maxWait: 5 };
    const message = `unknown option "maxWait"; did you mean 'maxWaitMs'?`;
    await expect(world.calibrations.apply(calibration, misspelt)).rejects.toThrow(`apply: ${message}`);
    await expect(world.calibrations.applyAll(calibration, misspelt)).rejects.toThrow(`applyAll: ${message}`);
    expect(world.tenant.requests.all).toEqual([]);
  });

  it('are given up after the total time, or by an abort', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.durationMs = Infinity;
    const { jobId } = await world.run(world.calibrations.apply(calibration));
    expect(await world.run(rejection(world.calibrations.wait(jobId, { totalTimeoutMs: 7000 })))).toBeInstanceOf(
      TimeoutError,
    );
    const controller = new AbortController();
    const aborted = rejection(world.calibrations.wait(jobId, { signal: controller.signal }));
    await world.pass(3000);
    controller.abort();
    expect(await aborted).toBeInstanceOf(AbortError);
  });

  it('that end are in the audit log of the tenant', async () => {
    await using world = await startWorld();
    const { jobId } = await world.run(world.calibrations.apply(calibration));
    await world.run(world.calibrations.wait(jobId));
    expect(world.tenant.audit.entries).toMatchObject([
      { action: 'calibration.completed', job_id: jobId, sensitivity_level: 0.85 },
    ]);
  });
});
