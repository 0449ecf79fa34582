import { describe, expect, test } from 'vitest';
import { AssistStream, AuthClient, type AssistStreamOptions, type AuthProvider } from 'agent-assist-sdk';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { freePort, type ForeignServer } from '../helpers/foreign-server.js';
import { nginx } from '../helpers/nginx.js';
import { requireProgram } from '../helpers/programs.js';
import { fragment, namesOf, record } from './helpers.js';

/** A reverse proxy for WebSockets that gives up a connection which is idle for a second. */
const nginxBefore = (port: number): Promise<ForeignServer> =>
  nginx(`
    location / {
      proxy_pass http://127.0.0.1:${port};
      proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
      proxy_read_timeout 1s; proxy_send_timeout 1s;
    }`);

const STREAM_PATH = '/api/v1/streaming/agentassist';

const streamThrough = (
  proxy: ForeignServer,
  auth: AuthProvider,
  options: Partial<AssistStreamOptions> = {},
): AssistStream =>
  new AssistStream({
    streamUrl: proxy.url.replace('http', 'ws') + STREAM_PATH,
    streamToken: 'header',
    auth,
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 2,
    ...options,
  });

const authFor = (tenant: Tenant): AuthClient =>
  new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes: ['streaming:subscribe'] });

describe.runIf(requireProgram('nginx', 'nginx-light'))('behind nginx', () => {
  test('pings keep an idle connection; without them it is dropped (1006) and opened again, and events arrive on both', async () => {
    await using tenant = await startTenant({ heartbeatIntervalMs: 3_600_000 });
    await using proxy = await nginxBefore(Number(new URL(tenant.origin).port));
    await using pinging = streamThrough(proxy, authFor(tenant), { pingIntervalMs: 200 });
    await using silent = streamThrough(proxy, authFor(tenant), { pingIntervalMs: 3_600_000 });
    const seen = { pinging: record(pinging), silent: record(silent) };
    await Promise.all([pinging.connect(), silent.connect()]);
    await expect.poll(() => namesOf(seen.silent).filter((name) => name === 'open').length, { timeout: 20_000 }).toBe(3);
    tenant.stream.send(fragment('i-1', 'still here'));
    await expect.poll(() => namesOf(seen.pinging)).toEqual(['open', 'TRANSCRIPT_FRAGMENT']);
    await expect.poll(() => namesOf(seen.silent).at(-1)).toBe('TRANSCRIPT_FRAGMENT');
    expect(seen.silent.flatMap(([name, event]) => (name === 'close' ? [event.code] : []))).toEqual([1006, 1006]);
  });

  test('its 502 while the tenant is down is waited out', async () => {
    const port = await freePort();
    await using proxy = await nginxBefore(port);
    const tenants: { auth?: AuthProvider } = {};
    const auth: AuthProvider = {
      getToken: async () => (await tenants.auth?.getToken()) ?? 'none yet',
      invalidate: () => undefined,
      header: (token) => ['authorization', `Bearer ${token}`],
    };
    await using stream = streamThrough(proxy, auth);
    const seen = record(stream);
    const connected = stream.connect();
    await expect.poll(() => namesOf(seen).length).toBeGreaterThan(2);
    await using tenant = await startTenant({ port });
    tenants.auth = authFor(tenant);
    await connected;
    expect(seen[0]).toMatchObject(['reconnecting', { error: { status: 502 } }]);
    expect(namesOf(seen).at(-1)).toBe('open');
  });
});
