import { describe, expect, it, vi } from 'vitest';
import { AbortError, ConfigurationError, ServerError, TimeoutError } from 'agent-assist-sdk';
import { CalibrationClient } from 'agent-assist-sdk/calibration';
import { calibration, rejection, startWorld } from './world.js';

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

  it('that this client started and saw end is not the one that a later 503 without a name is about', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.namesRunningJob = false;
    world.tenant.calibrations.reweightDurationMs = 3000;
    await world.run(world.calibrations.apply(reweight));
    await world.run(world.calibrations.apply(calibration));
    const before = gets(world).length;
    world.tenant.calibrations.reweightDurationMs = 600;
    world.tenant.calibrations.startReweight(othersJob);
    const { attempts } = await world.run(world.calibrations.apply(calibration).withResponse());
    expect(attempts).toBeGreaterThan(1);
    expect(gets(world)).toHaveLength(before);
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
    ['the id of an error', { id: 'err_51f', error: 'overloaded', status: 503 }],
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

  it('is also named by a 503 whose body is the job', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = 3000;
    world.tenant.calibrations.namesRunningJob = false;
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    world.tenant.inject({
      route: 'PUT /agentassist/sentiment/calibration',
      fault: { kind: 'status', status: 503, body: { id, status: 'running' } },
      times: 1,
    });
    expect((await world.run(world.calibrations.apply(calibration))).jobId).toBe('calibration-2');
    expect(new Set(gets(world))).toEqual(new Set([id]));
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

  it('is told to every call that it holds up, also to one that comes later, and named where its wait is over', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.reweightDurationMs = Infinity;
    const { id } = world.tenant.calibrations.startReweight(othersJob);
    const wait = { waitMs: 90_000, reason: 'busy' };
    const [first, behind, later, idle] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    const runningJob = { totalTimeoutMs: 90_000 };
    const calls = [
      world.calibrations.apply(calibration, { onWait: first, runningJob }),
      world.calibrations.run(calibration, { onWait: behind }),
    ];
    await world.pass(10_000);
    const late = rejection(world.calibrations.run(calibration, { onWait: later, maxWaitMs: 20_000 }));
    expect(await world.run(late)).toMatchObject({
      name: 'RateLimitError',
      message: `PUT /agentassist/sentiment/calibration was not sent: its turn behind calibration job ${id} is 20000 ms away`,
      retryAfterMs: 20_000,
    });
    for (const onWait of [first, behind, later]) expect(onWait).toHaveBeenCalledExactlyOnceWith(wait);
    world.tenant.calibrations.finish(id);
    await world.run(Promise.all(calls));
    await world.run(world.calibrations.apply(calibration, { onWait: idle }));
    expect(idle).not.toHaveBeenCalled();
    for (const onWait of [first, behind, later]) expect(onWait).toHaveBeenCalledOnce();
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

  it.each([{ pollIntervalMs: 0 }, { onProgress: 'log' as never }, { pollIntervall: 5 }])(
    'is not waited for with %j, which cannot be kept: nothing is sent',
    async (runningJob) => {
      await using world = await startWorld();
      const error = await world.run(rejection(world.calibrations.apply(calibration, { runningJob })));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(world.puts()).toHaveLength(0);
    },
  );

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
