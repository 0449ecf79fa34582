import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConfigurationError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ResponseValidationError,
  TimeoutError,
  type SimulationResult,
} from 'agent-assist-sdk';
import { auditRecord, evaluate, notifyDashboard } from 'agent-assist-sdk/simulation';
import { WebhookNotifier } from 'agent-assist-sdk/webhooks';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientOf, resultOf, simulationOf, target } from './helpers.js';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await startTenant();
  tenant.simulation.durationMs = 5;
});
afterEach(() => tenant.close());

const fast = { pollIntervalMs: 2 };

test('a run asks again for a simulation that is not found yet', async () => {
  const route = 'GET /simulations/{id}';
  const missing = tenant.inject({ route, fault: { kind: 'status', status: 404 } });
  const simulations = clientOf(tenant);
  expect(await simulations.run(simulationOf(['bye', 'goodbye']), fast)).toMatchObject({ status: 'COMPLETED' });
  expect(missing.hits).toBe(1);
  tenant.inject({ route, fault: { kind: 'status', status: 404 } });
  const resumed = simulations.run(simulationOf(['bye', 'goodbye']), { ...fast, submittedId: 'sim-1' });
  await expect(resumed).rejects.toBeInstanceOf(NotFoundError);
});

describe('options of a poll', () => {
  const misspelt: object = { pollIntervallMs: 5 };
  const message = `unknown option "pollIntervallMs"; did you mean 'pollIntervalMs'?`;

  test('are refused where they do not exist, before anything is sent', async () => {
    const simulations = clientOf(tenant);
    await expect(simulations.wait('sim-1', misspelt)).rejects.toThrow(new ConfigurationError(`wait: ${message}`));
    await expect(simulations.run(simulationOf(['bye', 'goodbye']), misspelt)).rejects.toThrow(
      new ConfigurationError(`run: ${message}`),
    );
    expect(tenant.requests.all).toEqual([]);
  });

  test.each(['onProgress', 'onSubmitted'])(
    'are refused before a run is submitted where %s is no function',
    async (name) => {
      const run = clientOf(tenant).run(simulationOf(['bye', 'goodbye']), { [name]: 'log' });
      await expect(run).rejects.toThrow(new ConfigurationError(`run: ${name}: expected a function`));
      expect(tenant.requests.all).toEqual([]);
    },
  );

  test('are refused by a rejection where they are out of range', async () => {
    await expect(clientOf(tenant).wait('sim-1', { pollIntervalMs: -1 })).rejects.toThrow(ConfigurationError);
  });
});

describe('run', () => {
  test("submits by the wire's names, polls, and answers what the bot understood", async () => {
    const simulation = simulationOf(
      ['book flight to paris', 'book_flight', { city: 'paris', seat: undefined }],
      ['bye', 'goodbye'],
    );
    const result = await clientOf(tenant).run(simulation, fast);
    const [sent] = tenant.requests.all.filter(
      ({ method, path }) => method === 'POST' && path === '/api/v1/simulations',
    );
    expect(JSON.parse(sent?.bodyText ?? '')).toEqual({
      ...target,
      inputs: [
        { text: 'book flight to paris', delay_ms: 500 },
        { text: 'bye', delay_ms: 500 },
      ],
      context: {},
      assertions: [
        {
          step_index: 0,
          expected_intent: 'book_flight',
          expected_confidence_min: 0.1,
          expected_entities: { city: 'paris', seat: null },
        },
        { step_index: 1, expected_intent: 'goodbye', expected_confidence_min: 0.1, expected_entities: {} },
      ],
    });
    expect(sent?.headers).not.toHaveProperty('x-idempotency-key');
    expect(result).toMatchObject({
      status: 'COMPLETED',
      steps: [{ index: 0, nlu: { intent: 'book_flight' } }, { index: 1 }],
    });
    expect(evaluate(result, simulation.assertions).verdicts[1]?.passed).toBe(true);
  });

  test('waits out every status but those that end it, and reports each', async () => {
    tenant.simulation.scriptNext({ statuses: ['QUEUED', 'PAUSED_BY_OPERATOR', 'COMPLETED_IN_PART'] });
    const seen: string[] = [];
    const onProgress = ({ status }: SimulationResult): void => void seen.push(status);
    const { status } = await clientOf(tenant).run(simulationOf(['hi', 'greeting']), { ...fast, onProgress });
    expect(status).toBe('COMPLETED');
    expect(seen.slice(0, 3)).toEqual(['QUEUED', 'PAUSED_BY_OPERATOR', 'COMPLETED_IN_PART']);
    expect(seen.at(-1)).toBe('COMPLETED');
  });

  test.each(['CANCELLED', 'canceled', 'STOPPED', 'expired', 'Error'])(
    'ends as well with %s, which nothing changes any more, and does not pass',
    async (end) => {
      tenant.simulation.scriptNext({ statuses: ['QUEUED', end] });
      const simulation = simulationOf(['hi', 'greeting']);
      const { id, status } = await clientOf(tenant).run(simulation, fast);
      expect(status).toBe(end);
      const complete = await clientOf(tenant).wait(id, fast);
      expect(evaluate(complete, simulation.assertions).passed).toBe(true);
      expect(evaluate({ ...complete, status }, simulation.assertions).passed).toBe(false);
    },
  );

  test('takes a null in place of a field that may be absent for its absence', async () => {
    const route = 'GET /simulations/{id}';
    tenant.inject({
      route,
      fault: { kind: 'status', status: 200, body: { id: 'sim-1', status: 'RUNNING', durationMs: null, steps: null } },
      times: 1,
    });
    tenant.inject({
      route,
      fault: { kind: 'status', status: 200, body: { id: 'sim-1', status: 'COMPLETED', error: null } },
      skip: 1,
    });
    const seen: SimulationResult[] = [];
    await clientOf(tenant).run(simulationOf(['hi', 'greeting']), { ...fast, onProgress: (state) => seen.push(state) });
    expect(seen).toEqual([
      { id: 'sim-1', status: 'RUNNING' },
      { id: 'sim-1', status: 'COMPLETED', error: null },
    ]);
  });

  test("makes each of its calls as the caller said, also with more repeats than the client's", async () => {
    tenant.inject({ route: 'GET /simulations/{id}', fault: { kind: 'status', status: 429, retryAfter: 0 }, times: 5 });
    const { status } = await clientOf(tenant, { random: () => 0 }).run(simulationOf(['hi', 'greeting']), {
      ...fast,
      maxRetries: 5,
      headers: { 'x-desk': '7' },
    });
    expect(status).toBe('COMPLETED');
    const sent = tenant.requests.all.filter(({ path }) => path.includes('/simulations'));
    expect(sent.length).toBeGreaterThan(6);
    expect(new Set(sent.map(({ headers }) => headers['x-desk']))).toEqual(new Set(['7']));
  });

  test('keeps a step whose only entity cannot be read', async () => {
    const steps = [{ index: 0, nlu: { intent: 'greeting', confidence: 0.9, entities: [{ type: 5 }] } }];
    const body = { id: 'sim-1', status: 'COMPLETED', steps };
    tenant.inject({ route: 'GET /simulations/{id}', fault: { kind: 'status', status: 200, body } });
    const { data, omitted } = await clientOf(tenant).get('sim-1').withResponse();
    expect(data.steps).toEqual([{ index: 0, nlu: { intent: 'greeting', confidence: 0.9, entities: [] } }]);
    expect(omitted).toEqual([
      {
        path: 'steps[0].nlu.entities[0].type',
        message: 'expected string',
        omitted: 'steps[0].nlu.entities[0]',
      },
    ]);
  });

  test.each([[null], [undefined], ['none']])('keeps a step of which the bot understood %o', async (nlu) => {
    const steps = [{ index: 0, botResponse: 'Hello', nlu }];
    const body = { id: 'sim-1', status: 'COMPLETED', steps };
    tenant.inject({ route: 'GET /simulations/{id}', fault: { kind: 'status', status: 200, body } });
    const { data, omitted } = await clientOf(tenant).get('sim-1').withResponse();
    expect(data.steps).toEqual([{ index: 0, botResponse: 'Hello', nlu: { entities: [] } }]);
    expect(omitted.map(({ path }) => path)).toEqual(typeof nlu === 'string' ? ['steps[0].nlu'] : []);
    const { verdicts } = evaluate(data, simulationOf(['hi', 'greeting']).assertions);
    expect(verdicts[0]?.failures.map(({ reason }) => reason)).toEqual(['intent', 'confidence']);
  });

  test('answers a failed simulation as a result, whose missing steps fail their assertions', async () => {
    tenant.simulation.scriptNext({ failAfterSteps: 1 });
    const simulation = simulationOf(['hi', 'greeting'], ['bye', 'goodbye']);
    const result = await clientOf(tenant).run(simulation, fast);
    expect(result.status).toBe('FAILED');
    expect(evaluate(result, simulation.assertions)).toMatchObject({
      passed: false,
      metrics: { passedAssertions: 1, totalAssertions: 2 },
    });
  });

  test('gives up after the total time', async () => {
    tenant.simulation.durationMs = 3_600_000;
    const running = clientOf(tenant).run(simulationOf(['hi', 'greeting']), { ...fast, totalTimeoutMs: 60 });
    await expect(running).rejects.toMatchObject({ name: TimeoutError.name, timeoutMs: 60 });
  });

  test('ends at once when aborted, and polls no more', async () => {
    tenant.simulation.durationMs = 3_600_000;
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error('enough'));
    const running = clientOf(tenant).run(simulationOf(['hi', 'greeting']), {
      pollIntervalMs: 500_000,
      onProgress,
      signal: abort.signal,
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError', cause: new Error('enough') });
    expect(tenant.requests.all.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  test('refuses a simulation that breaks its rules before anything is sent', async () => {
    const broken = {
      ...simulationOf(['hi', 'greeting']),
      assertions: [{ stepIndex: 4, expectedIntent: 'a', expectedConfidenceMin: 2, expectedEntities: {} }],
    };
    await expect(clientOf(tenant).run(broken)).rejects.toMatchObject({
      name: 'RequestValidationError',
      issues: [{ path: 'assertions[0].expectedConfidenceMin' }, { path: 'assertions[0].stepIndex' }],
    });
    expect(tenant.requests.all).toHaveLength(0);
  });

  test.each([{ pollIntervalMs: 0 }, { pollIntervalMs: Number.NaN }, { totalTimeoutMs: Infinity }])(
    'starts no simulation that it could not poll: %j',
    async (options) => {
      await expect(clientOf(tenant).run(simulationOf(['hi', 'greeting']), options)).rejects.toThrow(ConfigurationError);
      expect(tenant.requests.all).toHaveLength(0);
    },
  );
});

describe('submit', () => {
  test('is not repeated when nobody knows whether it took effect', async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 502 } });
    await expect(clientOf(tenant).submit(simulationOf(['hi', 'greeting']))).rejects.toMatchObject({
      status: 502,
      attempts: 1,
    });
  });

  test('is repeated after a 429, and after a 502 with an idempotency key, byte for byte', async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 429, retryAfter: 0 }, times: 1 });
    const client = clientOf(tenant, { random: () => 0 });
    await client.submit(simulationOf(['hi', 'greeting']));
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'drop', at: 'before-headers' }, times: 1 });
    await client.submit(simulationOf(['hi', 'greeting']), { idempotencyKey: 'key-1' });
    const bodies = tenant.requests.all
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/simulations'))
      .map(({ bodyText }) => bodyText);
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
    expect(tenant.simulation.submitted).toBe(2);
  });

  test('ends with the wait that was asked for when it outlasts the call', async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 429, retryAfter: 30 } });
    const submitting = clientOf(tenant, { totalTimeoutMs: 1000 }).submit(simulationOf(['hi', 'greeting']));
    await expect(submitting).rejects.toMatchObject({ name: RateLimitError.name, retryAfterMs: 30_000 });
  });

  test('names the scope that is missing', async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 403 } });
    const submitting = clientOf(tenant).submit(simulationOf(['hi', 'greeting']));
    await expect(submitting).rejects.toMatchObject({
      name: PermissionDeniedError.name,
      scopes: ['simulation:execute'],
    });
  });
});

describe('answers', () => {
  test('keep fields that nobody knows, and map the environment', async () => {
    tenant.simulation.setEnvironment({
      id: 'env-x',
      name: 'X',
      isolation_mode: 'SHARED',
      allowed_bot_ids: ['b'],
      region: 'eu',
    } as never);
    expect(await clientOf(tenant).getEnvironment('env-x')).toEqual({
      id: 'env-x',
      name: 'X',
      isolationMode: 'SHARED',
      allowedBotIds: ['b'],
      region: 'eu',
    });
    expect(await clientOf(tenant).listVersions('bot-123')).toContainEqual({
      id: 'ver-abc',
      name: 'v1.2',
      status: 'ACTIVE',
      deployed: true,
    });
  });

  test('that break their schema are an error with the path', async () => {
    const environment = { id: 'env-x', name: 'X', isolation_mode: 1, allowed_bot_ids: 'all' } as never;
    tenant.simulation.setEnvironment(environment);
    await expect(clientOf(tenant).getEnvironment('env-x')).rejects.toMatchObject({
      name: ResponseValidationError.name,
      issues: [{ path: 'isolation_mode' }, { path: 'allowed_bot_ids' }],
    });
  });

  test('ids become one path segment', async () => {
    await expect(clientOf(tenant).get('a/b?c')).rejects.toThrow(NotFoundError);
    expect(tenant.requests.all.at(-1)?.path).toBe('/api/v1/simulations/a%2Fb%3Fc');
  });
});

describe('checkTarget', () => {
  const check = (rest: Partial<typeof target>) => clientOf(tenant).checkTarget({ ...target, ...rest });

  test('finds the active one of several versions with one id, as after a rollback', async () => {
    const version = (status: string) => ({ id: target.versionId, name: 'v1', status, deployed: true });
    const versions = [version('ARCHIVED'), version('ACTIVE')];
    tenant.simulation.setBot(target.botId, versions);
    expect(await check({})).toMatchObject({ ok: true, version: { status: 'ACTIVE' } });
    tenant.simulation.setBot(target.botId, versions.slice(0, 1));
    expect((await check({})).refusals).toMatchObject([{ reason: 'version-inactive', status: 'ARCHIVED' }]);
  });

  test('finds nothing against an active version in an open environment, nor in a strict one that allows the bot', async () => {
    expect(await check({})).toMatchObject({
      ok: true,
      refusals: [],
      version: { id: 'ver-abc' },
      environment: { id: 'env-staging' },
    });
    expect((await check({ environmentId: 'env-prod' })).ok).toBe(true);
  });

  test('names every reason at once', async () => {
    tenant.simulation.setBot('bot-9', [{ id: 'v', name: 'v', status: 'DRAFT', deployed: false }]);
    expect(await check({ botId: 'bot-9', versionId: 'v', environmentId: 'env-prod' })).toMatchObject({
      ok: false,
      refusals: [
        { reason: 'version-inactive', versionId: 'v', status: 'DRAFT' },
        {
          reason: 'bot-not-allowed',
          botId: 'bot-9',
          environmentId: 'env-prod',
          message: 'environment env-prod is STRICT and does not allow bot bot-9',
        },
      ],
    });
    expect(await check({ versionId: 'gone', environmentId: 'gone' })).toMatchObject({
      refusals: [
        { reason: 'version-missing', versionId: 'gone' },
        { reason: 'environment-missing', environmentId: 'gone' },
      ],
    });
    expect(await check({ botId: 'gone' })).toMatchObject({
      refusals: [{ reason: 'bot-missing', botId: 'gone' }],
      version: undefined,
    });
  });

  test('throws what is no refusal', async () => {
    tenant.inject({ route: 'GET /environments/{id}', fault: { kind: 'status', status: 403 } });
    await expect(check({})).rejects.toThrow(PermissionDeniedError);
  });
});

describe('notifyDashboard', () => {
  const result = resultOf([{ intent: 'a' }]);
  const record = auditRecord(
    target,
    result,
    evaluate(result, [{ stepIndex: 0, expectedIntent: 'a', expectedConfidenceMin: 0.5, expectedEntities: {} }]),
  );

  async function dashboard(
    status: number,
  ): Promise<{ url: string; received: { headers: Record<string, unknown>; body: string }[]; close: () => void }> {
    const received: { headers: Record<string, unknown>; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
      received,
      close: () => server.close(),
    };
  }

  test('posts the event with its source', async () => {
    const { url, received, close } = await dashboard(204);
    expect(await notifyDashboard(new WebhookNotifier({ allowLoopbackHttp: true }), url, record)).toEqual({
      delivered: true,
    });
    close();
    expect(received[0]?.headers).toMatchObject({
      'x-source': 'cognigy-sim-runner',
      'content-type': 'application/json',
    });
    const body = JSON.parse(received[0]?.body ?? '') as { audit_log: string; timestamp: string };
    expect(body).toMatchObject({
      event: 'cognigy_simulation_complete',
      metrics: { assertion_success_rate: 100, total_assertions: 1 },
    });
    expect(JSON.parse(body.audit_log)).toEqual(JSON.parse(JSON.stringify(record)));
    expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp);
  });

  test('returns a failure and does not throw it', async () => {
    const { url, close } = await dashboard(400);
    expect(await notifyDashboard(new WebhookNotifier({ allowLoopbackHttp: true }), url, record)).toMatchObject({
      delivered: false,
      error: { status: 400 },
    });
    close();
    expect(
      await notifyDashboard(new WebhookNotifier(), url, record, { singal: undefined, clok: 1 } as never),
    ).toMatchObject({
      delivered: false,
      error: { message: expect.stringContaining("did you mean 'clock'?") as string },
    });
    expect(await notifyDashboard(new WebhookNotifier(), 'ftp://example.com', record)).toMatchObject({
      delivered: false,
      error: { name: 'RequestValidationError' },
    });
  });
});
