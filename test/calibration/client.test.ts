import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import {
  AbortError,
  ConfigurationError,
  ConflictError,
  HttpClient,
  NotFoundError,
  PermissionDeniedError,
  ResponseValidationError,
  TimeoutError,
} from 'agent-assist-sdk';
import { CalibrationClient } from 'agent-assist-sdk/calibration';
import { calibration, rejection, startWorld } from './world.js';

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
      for (const status of ['queued', 'warming_up', 'done_soon']) {
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
        'done_soon',
        'running',
        end,
      ]);
      expect(states[0]).toEqual({ jobId, status: 'queued', progress: 0.5 });
    },
  );

  it.each(['cancelled', 'CANCELED', 'expired', 'Completed'])(
    'have ended as well where the platform says %s, which nothing changes any more',
    async (status) => {
      await using world = await startWorld();
      const { jobId } = await world.run(world.calibrations.apply(calibration));
      const fault = { kind: 'status', status: 200, body: { id: jobId, status } } as const;
      world.tenant.inject({ route: 'GET /agentassist/sentiment/calibration/jobs/{jobId}', fault });
      const startedAt = world.clock.monotonic();
      expect(await world.run(rejection(world.calibrations.wait(jobId)))).toEqual({ resolved: { jobId, status } });
      expect(world.clock.monotonic()).toBe(startedAt);
    },
  );

  it('are named with their last status where the time is over', async () => {
    await using world = await startWorld();
    const { jobId } = await world.run(world.calibrations.apply(calibration));
    const fault = { kind: 'status', status: 200, body: { id: jobId, status: 'on hold\n' } } as const;
    world.tenant.inject({ route: 'GET /agentassist/sentiment/calibration/jobs/{jobId}', fault, times: 3 });
    const late = await world.run(rejection(world.calibrations.wait(jobId, { totalTimeoutMs: 5000 })));
    expect(late).toMatchObject({
      name: 'TimeoutError',
      message: `calibration job ${jobId} did not finish within 5000 ms; its last status was "on hold\\n"`,
    });
  });

  it('cannot put control characters into a message by their id', async () => {
    await using world = await startWorld();
    const fault = { kind: 'status', status: 200, body: { id: 'job', status: 'running' } } as const;
    world.tenant.inject({ route: 'GET /agentassist/sentiment/calibration/jobs/{jobId}', fault });
    const late = world.calibrations.wait('job\n\u001b[31m', { totalTimeoutMs: 1000 });
    expect(await world.run(rejection(late))).toMatchObject({
      message: 'calibration job "job\\n\\u001b[31m" did not finish within 1000 ms; its last status was running',
    });
  });

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
    expect(busy).toMatchObject({ message: 'calibration did not finish within 7000 ms', timeoutMs: 7000 });
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
      message: `The operation was aborted (calibration job ${jobId})`,
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

  it.each([{ maxWaitMs: 0 }, { timeoutMs: -1 }, { maxRetries: 0.5 }])(
    'of no batch can be %j: applyAll rejects instead of failing each batch',
    async (options) => {
      await using world = await startWorld();
      await expect(world.calibrations.applyAll(calibration, options)).rejects.toThrow(ConfigurationError);
      expect(world.tenant.requests.all).toEqual([]);
    },
  );

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
