import { describe, expect, it } from 'vitest';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';
import { accessToken } from '../testing/helpers.js';

const body = {
  interaction_ids: ['conv_1'],
  polarity_matrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
  alert_triggers: [{ emotion: 'anger', threshold: 0.7, directive: 'block' }],
  sensitivity_level: 0.85,
  trigger_model_reweight: false,
};

/** Calls the tenant without the SDK. */
async function caller(tenant: Tenant) {
  const token = await accessToken(tenant);
  let calls = 0;
  return {
    put: (json: unknown, headers: Record<string, string> = {}): Promise<Response> => {
      calls += 1;
      return fetch(`${tenant.baseUrl}/agentassist/sentiment/calibration`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'x-format-version': '2.1',
          'x-idempotency-key': `key-${calls}`,
          ...headers,
        },
        body: JSON.stringify(json),
      });
    },
    job: async (jobId: string): Promise<unknown> => {
      const answer = await fetch(`${tenant.baseUrl}/agentassist/sentiment/calibration/jobs/${jobId}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return answer.status === 200 ? answer.json() : answer.status;
    },
  };
}

describe("the tenant's calibrations", () => {
  it('answer minimally when asked to, else in full', async () => {
    await using tenant = await startTenant();
    tenant.calibrations.durationMs = Infinity;
    const { put } = await caller(tenant);
    expect(await (await put(body, { prefer: 'return=minimal' })).json()).toEqual({ job_id: 'calibration-1' });
    expect(await (await put(body)).json()).toEqual({ job_id: 'calibration-2', status: 'running', calibration: body });
  });

  it('give the same answer to the same key and body, and 409 to another body', async () => {
    await using tenant = await startTenant();
    const { put } = await caller(tenant);
    const key = { 'x-idempotency-key': 'calib_0123456789ab', prefer: 'return=minimal' };
    const first: unknown = await (await put(body, key)).json();
    expect(await (await put(body, key)).json()).toEqual(first);
    const other = await put({ ...body, sensitivity_level: 0.5 }, key);
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ error: 'idempotency_key_reused' });
    expect(tenant.calibrations.jobs).toHaveLength(1);
  });

  it('take ten a minute, and say when the next may come', async () => {
    const clock = new FakeClock();
    await using tenant = await startTenant({ clock });
    const { put } = await caller(tenant);
    const statuses: number[] = [];
    for (let call = 0; call < 10; call += 1) {
      statuses.push((await put(body)).status);
      await clock.advance(1000);
    }
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 200));
    const refused = await put(body);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('50');
    await clock.advance(49_999);
    expect((await put(body)).headers.get('retry-after')).toBe('1');
    await clock.advance(1);
    expect((await put(body)).status).toBe(200);
    expect((await put(body)).headers.get('retry-after')).toBe('1');
  });

  it('refuse others while a reweight runs, and name its job unless told not to', async () => {
    const clock = new FakeClock();
    await using tenant = await startTenant({ clock });
    tenant.calibrations.reweightDurationMs = 5000;
    const { put, job } = await caller(tenant);
    const key = { 'x-idempotency-key': 'reweight' };
    expect((await put({ ...body, trigger_model_reweight: true }, key)).status).toBe(200);
    const busy = await put(body);
    expect(busy.status).toBe(503);
    expect(await busy.json()).toMatchObject({ error: 'reweight_running', job_id: 'calibration-1' });
    tenant.calibrations.namesRunningJob = false;
    expect(await (await put(body)).json()).toEqual({ error: 'reweight_running', message: 'a reweight job is running' });
    // The reweight itself, asked for again, is known.
    expect((await put({ ...body, trigger_model_reweight: true }, key)).status).toBe(200);
    expect(await job('calibration-1')).toMatchObject({ status: 'running' });
    await clock.advance(5000);
    expect(await job('calibration-1')).toMatchObject({ job_id: 'calibration-1', status: 'completed' });
    expect((await put(body)).status).toBe(200);
  });

  it('end by hand, once, and can be forgotten', async () => {
    await using tenant = await startTenant();
    tenant.calibrations.durationMs = Infinity;
    const { put, job } = await caller(tenant);
    await put(body);
    tenant.calibrations.finish('calibration-1', 'failed');
    tenant.calibrations.finish('calibration-1', 'completed');
    tenant.calibrations.finish('nothing');
    expect(await job('calibration-1')).toMatchObject({ status: 'failed' });
    expect(tenant.audit.entries).toMatchObject([{ action: 'calibration.failed', job_id: 'calibration-1' }]);
    tenant.calibrations.forget('calibration-1');
    expect(await job('calibration-1')).toBe(404);
  });

  it.each<[string, unknown, Record<string, string>]>([
    ['no key', body, { 'x-idempotency-key': '' }],
    ['another format version', body, { 'x-format-version': '2.0' }],
    ['no interaction', { ...body, interaction_ids: [] }, {}],
    ['51 interactions', { ...body, interaction_ids: Array.from({ length: 51 }, String) }, {}],
    ['a polarity out of range', { ...body, polarity_matrix: { ...body.polarity_matrix, neutral: 0.51 } }, {}],
    ['a block at 0.69', { ...body, alert_triggers: [{ emotion: 'anger', threshold: 0.69, directive: 'block' }] }, {}],
    ['a threshold of 0.96', { ...body, alert_triggers: [{ emotion: 'anger', threshold: 0.96, directive: 'log' }] }, {}],
    [
      'an unknown directive',
      { ...body, alert_triggers: [{ emotion: 'anger', threshold: 0.9, directive: 'shout' }] },
      {},
    ],
    ['a sensitivity of 0.96', { ...body, sensitivity_level: 0.96 }, {}],
    ['camelCase', { ...body, sensitivityLevel: 0.5 }, {}],
  ])('refuse %s with 400', async (_, json, headers) => {
    await using tenant = await startTenant();
    const { put } = await caller(tenant);
    expect((await put(json, headers)).status).toBe(400);
    expect(tenant.calibrations.jobs).toEqual([]);
  });
});
