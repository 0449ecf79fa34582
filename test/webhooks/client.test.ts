import { inspect } from 'node:util';
import { serve } from 'srvx';
import { afterEach, describe, expect, it } from 'vitest';
import {
  AuthClient,
  HttpClient,
  PermissionDeniedError,
  RequestValidationError,
  UnprocessableEntityError,
} from 'agent-assist-sdk';
import { MemoryStore } from 'agent-assist-sdk/http';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import {
  createWebhookHandler,
  generateWebhookSecret,
  WebhooksClient,
  type WebhookEvent,
  type WebhookRegistrationRequest,
  type WebhookTargetOptions,
} from 'agent-assist-sdk/webhooks';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setup(
  targets?: WebhookTargetOptions,
  scopes = ['webhook:manage'],
): Promise<{ tenant: Tenant; webhooks: WebhooksClient }> {
  const tenant = await startTenant();
  closers.push(() => tenant.close());
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes });
  return { tenant, webhooks: new WebhooksClient(new HttpClient({ platform: tenant.platform, auth }), targets) };
}

async function listen(receive: (request: Request) => Promise<Response>): Promise<string> {
  const server = serve({ fetch: receive, port: 0, hostname: '127.0.0.1', silent: true });
  await server.ready();
  closers.push(() => server.close(true));
  return server.url ?? '';
}

const registration: WebhookRegistrationRequest = {
  url: 'https://coaching.example.com/webhook',
  secret: 'whsec_a1b2c3d4',
  events: ['sentiment.calibration.updated', 'agentassist.alert.triggered'],
};

describe('what registers all the same, with a warning', () => {
  async function warningsOf(request: Partial<WebhookRegistrationRequest>): Promise<readonly string[]> {
    await using server = await scriptedServer(answer(200));
    const warnings: string[] = [];
    const ignore = (): void => undefined;
    const logger = { debug: ignore, info: ignore, warn: (line: string) => void warnings.push(line), error: ignore };
    const http = new HttpClient({ baseUrl: server.url, logger });
    await new WebhooksClient(http).register({ ...registration, secret: generateWebhookSecret(), ...request });
    expect(server.requests).toHaveLength(1);
    return warnings;
  }

  it('is an event that is not known, since a tenant may have others', async () => {
    expect(await warningsOf({})).toEqual([]);
    expect(await warningsOf({ events: ['agentassist.alert.trigered', 'agentassist.alert.triggered'] })).toEqual([
      `Webhook event "agentassist.alert.trigered" is not known; did you mean 'agentassist.alert.triggered'?`,
    ]);
    expect(await warningsOf({ events: ['a\nb'] })).toEqual([
      'Webhook event "a\\nb" is not known; expected one of sentiment.calibration.updated, agentassist.alert.triggered',
    ]);
  });

  it('is a secret that is too short', async () => {
    expect(await warningsOf({ secret: `whsec_${btoa('x'.repeat(24))}` })).toEqual([]);
    expect(await warningsOf({ secret: 'whsec_a1b2c3d4' })).toEqual([
      'A webhook secret has only 6 bytes; use at least 24, as from generateWebhookSecret()',
    ]);
  });
});

describe('WebhooksClient.register', () => {
  it('sends what protocol 4 says, active unless told otherwise', async () => {
    const { tenant, webhooks } = await setup();
    const first = await webhooks.register(registration);
    expect(first).toMatchObject({ url: registration.url, events: registration.events, active: true });
    expect(first.id).toMatch(/^wh_/);
    await webhooks.register({ ...registration, url: new URL('https://other.example.com'), active: false });
    expect(tenant.requests.to('POST /agentassist/webhooks').map(({ json }) => json)).toEqual([
      { url: registration.url, events: registration.events, secret: registration.secret, active: true },
      { url: 'https://other.example.com/', events: registration.events, secret: registration.secret, active: false },
    ]);
  });

  it('reports every broken rule at once, before anything is sent', async () => {
    const { tenant, webhooks } = await setup();
    const broken = { url: 'http://10.0.0.1/', events: [], secret: 'whsec_not*base64' };
    const error: unknown = await webhooks.register(broken).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual([
      'url',
      'url',
      'events',
      'secret',
    ]);
    await expect(webhooks.register({ ...registration, secret: '' })).rejects.toMatchObject({
      issues: [{ path: 'secret' }],
    });
    await expect(webhooks.register({ ...registration, url: 'http://localhost/' })).rejects.toThrow(
      'http to a loopback host is not allowed here; for development, set allowLoopbackHttp',
    );
    await expect(webhooks.register({ ...registration, url: 'http://example.com/' })).rejects.toThrow('expected https');
    expect(tenant.requests.total).toBe(0);
  });

  it('registers loopback receivers where that is allowed', async () => {
    const { webhooks } = await setup({ allowLoopbackHttp: true });
    await expect(webhooks.register({ ...registration, url: 'http://127.0.0.1:8080/hook' })).resolves.toMatchObject({
      active: true,
    });
  });

  it('keeps fields that it does not know, leaves a secret out, and takes an empty answer', async () => {
    await using server = await scriptedServer(
      answer(201, { id: 'w', secret: 'canary', created_by: 'me' }),
      answer(200, ''),
    );
    const webhooks = new WebhooksClient(new HttpClient({ baseUrl: server.url }));
    expect(await webhooks.register(registration)).toEqual({ id: 'w', created_by: 'me' });
    expect(await webhooks.register(registration)).toEqual({});
  });

  it('leaves wrong fields of the answer out and reports them: the webhook is registered all the same', async () => {
    await using server = await scriptedServer(
      answer(201, { id: 42, url: null, events: ['a', 7], active: 'yes', created_by: 'me' }),
    );
    const webhooks = new WebhooksClient(new HttpClient({ baseUrl: server.url }));
    const { data, omitted } = await webhooks.register(registration).withResponse();
    expect(data).toEqual({ events: ['a'], created_by: 'me' });
    expect(omitted.map((part) => part.omitted)).toEqual(['id', 'events[1]', 'active']);
  });

  it('names the scope on 403, and shows the secret in no error', async () => {
    const { webhooks } = await setup(undefined, ['audit:read']);
    const refused: unknown = await webhooks.register(registration).catch((reason: unknown) => reason);
    expect(refused).toBeInstanceOf(PermissionDeniedError);
    expect((refused as PermissionDeniedError).scopes).toEqual(['webhook:manage']);
    const canary = `whsec_${Buffer.from('canary').toString('base64')}`;
    await using server = await scriptedServer(
      answer(422, { message: `bad secret ${canary}, or ${canary.slice(6)} for short` }),
    );
    const echoing = new WebhooksClient(new HttpClient({ baseUrl: server.url }));
    const error: unknown = await echoing
      .register({ ...registration, secret: canary })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnprocessableEntityError);
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(canary.slice(6));
  });
});

describe('with the tenant', () => {
  it('delivers the events that were asked for, and repeats them until they are handled', async () => {
    const { tenant, webhooks } = await setup({ allowLoopbackHttp: true });
    tenant.webhooks.retryAfter([0, 0, 0]);
    const secret = generateWebhookSecret();
    const events: WebhookEvent[] = [];
    let failures = 2;
    const url = await listen(
      createWebhookHandler({
        secrets: secret,
        on: {
          'sentiment.calibration.updated': (event) => {
            failures -= 1;
            if (failures >= 0) throw new Error('not yet');
            events.push(event);
          },
        },
      }),
    );
    await webhooks.register({ url, secret, events: ['sentiment.calibration.updated'] });
    await webhooks.register({ url, secret, events: ['sentiment.calibration.updated'], active: false });
    const deliveries = await tenant.webhooks.trigger('sentiment.calibration.updated', {
      job_id: 'job_1',
      status: 'completed',
    });
    await tenant.webhooks.trigger('agentassist.alert.triggered', {});
    expect(deliveries).toMatchObject([{ url, delivered: true, statuses: [500, 500, 204] }]);
    expect(tenant.webhooks.deliveries).toEqual(deliveries);
    expect(events).toMatchObject([
      { type: 'sentiment.calibration.updated', data: { jobId: 'job_1', status: 'completed' } },
    ]);
  });

  it('sends an event with one id to all endpoints, so that receivers that share a store need namespaces', async () => {
    const { tenant, webhooks } = await setup({ allowLoopbackHttp: true });
    const secret = generateWebhookSecret();
    const seen = new MemoryStore({ maxEntries: 10 });
    const handled: string[] = [];
    for (const name of ['first', 'second']) {
      const receive = createWebhookHandler({ secrets: secret, seen, on: {}, onUnknown: () => handled.push(name) });
      await webhooks.register({ url: await listen(receive), secret, events: ['x'] });
      const namespace = { secrets: secret, seen, seenNamespace: name, on: {} };
      const own = createWebhookHandler({ ...namespace, onUnknown: () => handled.push(`${name}, own namespace`) });
      await webhooks.register({ url: await listen(own), secret, events: ['y'] });
    }
    const deliveries = [...(await tenant.webhooks.trigger('x', {})), ...(await tenant.webhooks.trigger('y', {}))];
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(2);
    expect(handled.slice(0, 1)).toEqual([expect.stringMatching(/^(?:first|second)$/)]);
    expect(handled.slice(1).sort()).toEqual(['first, own namespace', 'second, own namespace']);
  });

  it('gives up on a receiver that knows another secret', async () => {
    const { tenant, webhooks } = await setup({ allowLoopbackHttp: true });
    tenant.webhooks.retryAfter([0]);
    const url = await listen(createWebhookHandler({ secrets: generateWebhookSecret(), on: {} }));
    await webhooks.register({ url, secret: generateWebhookSecret(), events: ['x'] });
    expect(await tenant.webhooks.trigger('x', {})).toMatchObject([{ delivered: false, statuses: [401, 401] }]);
  });

  it('checks registrations on its side too', async () => {
    const { tenant } = await setup();
    const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['webhook:manage'] });
    const send = async (json: unknown): Promise<unknown> =>
      new HttpClient({ platform: tenant.platform, auth }).request({
        method: 'POST',
        path: '/agentassist/webhooks',
        json,
      });
    for (const change of [
      { url: 'http://example.com' },
      { events: [] },
      { secret: '' },
      { active: 'yes' },
      { more: 1 },
    ]) {
      await expect(
        send({ url: 'https://a.example.com', events: ['x'], secret: 'whsec_YWJj', active: true, ...change }),
      ).rejects.toBeInstanceOf(UnprocessableEntityError);
    }
    expect(tenant.webhooks.registered).toEqual([]);
  });
});
