import { describe, expect, it } from 'vitest';
import { RequestValidationError } from 'agent-assist-sdk';
import type { CalibrationBatch, CalibrationProgress } from 'agent-assist-sdk/calibration';
import { calibration, startWorld } from './world.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `conv-${n}`);
const sizes = (batches: readonly CalibrationBatch[]): [number, string][] =>
  batches.map(({ interactionIds, status }) => [interactionIds.length, status]);

describe('CalibrationClient.applyAll', () => {
  it('sends batches of 50, ten a minute, and tells of each', async () => {
    await using world = await startWorld();
    const progress: CalibrationProgress[] = [];
    const batches = await world.run(
      world.calibrations.applyAll(
        { ...calibration, interactionIds: ids(620), triggerModelReweight: true },
        { onProgress: (step) => progress.push(step) },
      ),
    );
    expect(sizes(batches)).toEqual([...Array.from({ length: 12 }, () => [50, 'applied']), [20, 'applied']]);
    expect(batches.flatMap(({ interactionIds }) => interactionIds)).toEqual(ids(620));
    expect(progress.map(({ done, total }) => [done, total])).toEqual(batches.map((_, at) => [at + 1, 13]));
    expect(progress.map(({ batch }) => batch)).toEqual(batches);
    const bodies = world.puts().map(({ json }) => json as Record<string, unknown>);
    // The model is computed anew once, at the end.
    expect(bodies.map((body) => body['trigger_model_reweight'])).toEqual([...Array<boolean>(12).fill(false), true]);
  });

  it('goes on after a batch that failed, and resumes with the same keys', async () => {
    await using world = await startWorld();
    world.tenant.inject({ route: 'PUT /agentassist/sentiment/calibration', fault: { kind: 'status', status: 403 } });
    const payload = { ...calibration, interactionIds: ids(120) };
    const first = await world.run(world.calibrations.applyAll(payload));
    expect(sizes(first)).toEqual([
      [50, 'failed'],
      [50, 'applied'],
      [20, 'applied'],
    ]);
    expect(first[0]).toMatchObject({ error: { name: 'PermissionDeniedError' } });
    const progress: number[] = [];
    const second = await world.run(
      world.calibrations.applyAll(payload, { resume: first, onProgress: ({ done }) => progress.push(done) }),
    );
    expect(sizes(second).map(([, status]) => status)).toEqual(['applied', 'applied', 'applied']);
    expect(second.slice(1)).toEqual(first.slice(1));
    expect(progress).toEqual([3]); // with the two that the first run applied
    const keys = world.puts().map(({ headers }) => headers['x-idempotency-key']);
    expect([keys.length, keys[3]]).toEqual([4, keys[0]]);
  });

  it('sends what no batch of an earlier run contains, e.g. after a crash', async () => {
    await using world = await startWorld();
    const saved: CalibrationBatch[] = [];
    const crashed = { ...calibration, interactionIds: ids(50) };
    await world.run(world.calibrations.applyAll(crashed, { onProgress: ({ batch }) => saved.push(batch) }));
    const payload = { ...calibration, interactionIds: ids(120), triggerModelReweight: true };
    const batches = await world.run(world.calibrations.applyAll(payload, { resume: saved }));
    expect(sizes(batches).map(([size]) => size)).toEqual([50, 50, 20]);
    expect(batches.flatMap(({ interactionIds }) => interactionIds)).toEqual(ids(120));
    const sent = world.puts().map(({ json }) => json as { interaction_ids: string[]; trigger_model_reweight: boolean });
    expect(sent.flatMap(({ interaction_ids }) => interaction_ids)).toEqual(ids(120));
    expect(sent.map((body) => body.trigger_model_reweight)).toEqual([false, false, true]);
  });

  it('begins anew with an empty result', async () => {
    await using world = await startWorld();
    const batches = await world.run(world.calibrations.applyAll(calibration, { resume: [] }));
    expect(sizes(batches)).toEqual([[2, 'applied']]);
  });

  it('refuses what breaks a rule before anything is sent', async () => {
    await using world = await startWorld();
    const { applyAll } = { applyAll: world.calibrations.applyAll.bind(world.calibrations) };
    await expect(applyAll({ ...calibration, interactionIds: [] })).rejects.toBeInstanceOf(RequestValidationError);
    await expect(applyAll({ ...calibration, interactionIds: ids(60), sensitivityLevel: 2 })).rejects.toBeInstanceOf(
      RequestValidationError,
    );
    expect(world.puts()).toHaveLength(0);
  });

  it('ends by its signal; what was not sent can be resumed', async () => {
    await using world = await startWorld();
    const controller = new AbortController();
    const payload = { ...calibration, interactionIds: ids(150) };
    const stopped = await world.run(
      world.calibrations.applyAll(payload, { signal: controller.signal, onProgress: () => controller.abort() }),
    );
    expect(sizes(stopped).map(([, status]) => status)).toEqual(['applied', 'failed', 'failed']);
    expect(stopped[1]).toMatchObject({ error: { name: 'AbortError' } });
    const rest = await world.run(world.calibrations.applyAll(payload, { resume: stopped }));
    expect(sizes(rest).map(([, status]) => status)).toEqual(['applied', 'applied', 'applied']);
    expect(world.puts()).toHaveLength(3);
  });
});
