import {
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  TimeoutError,
} from 'agent-assist-sdk';
import type { Fault } from 'agent-assist-sdk/testing';
import { describe, expect, it } from 'vitest';
import { calibration, rejection, startWorld, type World } from './world.js';

const JOB = 'GET /agentassist/sentiment/calibration/jobs/{jobId}';

/** Returns the id of a job that runs until it is finished. */
async function runningJob(world: World): Promise<string> {
  world.tenant.calibrations.durationMs = Infinity;
  return (await world.run(world.calibrations.apply(calibration))).jobId;
}

describe('A poll during an outage', () => {
  const outages: Readonly<Record<string, Fault>> = {
    'answers 503': { kind: 'status', status: 503 },
    'answers 500': { kind: 'status', status: 500 },
    'answers 429': { kind: 'status', status: 429 },
    'breaks the connection': { kind: 'drop', at: 'before-work' },
  };
  it.each(Object.entries(outages))('goes on where the platform %s for 90 s', async (_, fault) => {
    await using world = await startWorld();
    const jobId = await runningJob(world);
    const states: string[] = [];
    const done = world.calibrations.wait(jobId, { onProgress: ({ status }) => states.push(status) });
    await world.pass(1000);
    const before = world.tenant.requests.total;
    using _outage = world.tenant.inject({ route: JOB, fault, every: 1 });
    await world.pass(90_000);
    // The attempts of one call, and then not more than without an outage.
    expect(world.tenant.requests.total - before).toBeLessThan(50);
    _outage.remove();
    world.tenant.calibrations.finish(jobId, 'completed');
    expect(await world.run(done)).toMatchObject({ jobId, status: 'completed' });
    expect(states).toEqual(['running', 'completed']);
  });

  it('fails at its own limit with the last failure as its cause', async () => {
    await using world = await startWorld();
    const jobId = await runningJob(world);
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 503 }, every: 1, skip: 1 });
    const startedAt = world.clock.monotonic();
    const error = await world.run(rejection(world.calibrations.wait(jobId, { totalTimeoutMs: 120_000 })));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      timeoutMs: 120_000,
      cause: { status: 503 },
      message: expect.stringMatching(
        /^calibration job \S+ did not finish within 120000 ms; its last status was running; its last failure: GET \S+ returned 503/,
      ) as string,
    });
    expect(world.clock.monotonic() - startedAt).toBeLessThanOrEqual(120_000);
  });

  it('names the last failure where it is aborted during its wait', async () => {
    await using world = await startWorld();
    const jobId = await runningJob(world);
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 503 }, every: 1, skip: 1 });
    const controller = new AbortController();
    const options = { signal: controller.signal, maxRetries: 0 };
    const ended = rejection(world.calibrations.wait(jobId, options));
    await world.pass(3000);
    controller.abort();
    expect(await world.run(ended)).toMatchObject({
      name: 'AbortError',
      cause: { status: 503 },
      message: expect.stringMatching(
        /aborted; its last failure: GET \S+ returned 503.* \(calibration job \S+\)$/,
      ) as string,
    });
  });

  it('waits as long as the platform asks for, and ends at once where that is too long', async () => {
    await using world = await startWorld();
    const jobId = await runningJob(world);
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 503, retryAfter: 50 }, skip: 1 });
    const startedAt = world.clock.monotonic();
    const done = world.calibrations.wait(jobId, { maxRetries: 0, totalTimeoutMs: 120_000 });
    await world.pass(51_000);
    expect(world.tenant.requests.count(JOB)).toBe(2);
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 503, retryAfter: 3600 } });
    expect(await world.run(rejection(done))).toMatchObject({ status: 503, retryAfterMs: 3_600_000 });
    expect(world.clock.monotonic() - startedAt).toBe(52_000);
  });

  it.each([
    [400, BadRequestError],
    [401, AuthenticationError],
    [403, PermissionDeniedError],
    [404, NotFoundError],
  ])('ends at once with a %i, which no time mends', async (status, kind) => {
    await using world = await startWorld();
    const jobId = await runningJob(world);
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status }, every: 1, skip: 1 });
    const startedAt = world.clock.monotonic();
    expect(await world.run(rejection(world.calibrations.wait(jobId)))).toBeInstanceOf(kind);
    expect(world.clock.monotonic() - startedAt).toBe(2000);
  });
});

describe('A poll whose first call fails', () => {
  it('ends with it, since the host may be wrong', async () => {
    await using world = await startWorld();
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 503 }, every: 1 });
    expect(await world.run(rejection(world.calibrations.wait('job')))).toMatchObject({ status: 503, attempts: 4 });
  });

  it('continues if the platform has just accepted the job', async () => {
    await using world = await startWorld();
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 503 }, times: 10 });
    expect(await world.run(world.calibrations.run(calibration))).toMatchObject({ status: 'completed' });
  });
});

describe('A job that is not found yet', () => {
  it('is asked for again by the run that submitted it', async () => {
    await using world = await startWorld();
    const fault = world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 404 }, times: 2 });
    expect(await world.run(world.calibrations.run(calibration))).toMatchObject({ status: 'completed' });
    expect(fault.hits).toBe(2);
  });

  it('is missing after ten seconds', async () => {
    await using world = await startWorld();
    world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 404 }, every: 1 });
    const startedAt = world.clock.monotonic();
    expect(await world.run(rejection(world.calibrations.run(calibration)))).toBeInstanceOf(NotFoundError);
    expect(world.clock.monotonic() - startedAt).toBeGreaterThanOrEqual(10_000);
    expect(world.clock.monotonic() - startedAt).toBeLessThanOrEqual(12_000);
  });

  it('is missing at once if it was found before, or if only its id is known', async () => {
    await using world = await startWorld();
    world.tenant.calibrations.durationMs = Infinity;
    const missing = world.tenant.inject({ route: JOB, fault: { kind: 'status', status: 404 }, every: 1, skip: 1 });
    expect(await world.run(rejection(world.calibrations.run(calibration)))).toBeInstanceOf(NotFoundError);
    expect(missing.hits).toBe(1);
    expect(await world.run(rejection(world.calibrations.wait('unknown')))).toBeInstanceOf(NotFoundError);
    expect(missing.hits).toBe(2);
  });
});
