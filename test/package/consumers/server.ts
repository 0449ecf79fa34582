// Compiled by consumers' compilers against the packed declarations; never run.
import { HttpClient } from 'agent-assist-sdk';
import { openTelemetry } from 'agent-assist-sdk/otel';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { startTenant } from 'agent-assist-sdk/testing';

export async function main(): Promise<void> {
  await using tenant = await startTenant({ tokenLifetimeSeconds: 60 });
  await using transport = new NodeTransport();
  const fault = tenant.inject({
    route: 'POST /agentassist/suggest',
    fault: { kind: 'status', status: 429, retryAfter: 1 },
  });
  const instrumentation = openTelemetry();
  const http = new HttpClient({ platform: tenant.platform, transport: transport.send, instrumentation });
  console.log(fault, tenant.requests, http);
}
