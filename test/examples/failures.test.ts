import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startCompany, startTenant } from 'agent-assist-sdk/testing';
import { inherited, runExample } from './program.js';

const withTenant = ['agent-assist-service', 'streaming-insights', 'calibrate-sentiment', 'simulate-conversations'];

/** Runs an example to its end, and gives what it wrote to its error output: one line, whatever went wrong. */
async function failureOf(example: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, [`examples/${example}.ts`], {
    env: { ...inherited, PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  expect(code, errors).toBe(example === 'simulate-conversations' ? 2 : 1);
  expect(errors.trimEnd().split('\n'), errors).toHaveLength(1);
  expect(errors).not.toContain('canary');
  return errors;
}

it.each(withTenant)('%s ends with one line that says what to do', async (example) => {
  await using tenant = await startTenant({
    clients: [{ clientId: 'id', clientSecret: 'canary', scopes: ['dialog:read'] }],
  });
  const baseUrl = example === 'streaming-insights' ? tenant.cxoneBaseUrl : tenant.baseUrl;
  const env = {
    AGENT_ASSIST_BASE_URL: baseUrl,
    AGENT_ASSIST_TOKEN_URL: tenant.tokenUrl,
    AGENT_ASSIST_CLIENT_ID: 'id',
    AGENT_ASSIST_CLIENT_SECRET: 'canary',
  };
  const [secret, scope, forbidden, network] = await Promise.all([
    failureOf(example, { ...env, AGENT_ASSIST_CLIENT_SECRET: 'canary-wrong' }),
    failureOf(example, env),
    failureOf(example, { ...env, AGENT_ASSIST_SCOPES: 'dialog:read' }),
    failureOf(example, { ...env, AGENT_ASSIST_TOKEN_URL: 'http://127.0.0.1:1/oauth/token' }),
  ]);
  expect(secret).toMatch(/invalid_client.*; check the client id and secret/);
  expect(scope).toMatch(/invalid_scope.*requested: .*; grant these scopes to the client/);
  expect(forbidden).toMatch(/(returned|upgrade with) 403.*needs the scope \S+/);
  expect(network).toMatch(/127\.0\.0\.1:1.*; check the URLs in the environment, and the network/);
});

it.each([
  'agent-assist-service',
  'bot-regression-gate',
  'check-tenant',
  'replay-gate',
  'simulate-conversations',
  'tune-alerts',
])('%s refuses an option that it does not have with one line that names the help', async (example) => {
  const { code, err } = await runExample(example, { args: ['--nonsense'] });
  expect(code).not.toBe(0);
  expect(err).toMatch(/^.*Unknown option '--nonsense'.*; run the example with --help\n$/);
});

it('enrichment-proxy does not start with a wrong secret or without its token endpoint', async () => {
  await using company = await startCompany();
  const env = {
    COMPANY_API_URL: company.baseUrl,
    COMPANY_TOKEN_URL: company.tokenUrl,
    COMPANY_CLIENT_ID: company.credentials.clientId,
    COMPANY_CLIENT_SECRET: 'canary-wrong',
  };
  const [secret, network] = await Promise.all([
    failureOf('enrichment-proxy', env),
    failureOf('enrichment-proxy', { ...env, COMPANY_TOKEN_URL: 'http://127.0.0.1:1/oauth/token' }),
  ]);
  expect(secret).toMatch(/invalid_client.*; check the client id and secret/);
  expect(network).toMatch(/127\.0\.0\.1:1.*; check the URLs in the environment, and the network/);
});
