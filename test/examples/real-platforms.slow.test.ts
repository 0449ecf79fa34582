// Every example on both real platforms: on an account of the environment, which the emulators stand for, and embedded.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCognigy, startCxone } from 'agent-assist-sdk/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cognigyEnvironment, cxoneEnvironment, runExample, startExample, type Running } from './program.js';

const COGNIGY = { AGENT_ASSIST_PLATFORM: 'cognigy' };
const CXONE = { AGENT_ASSIST_PLATFORM: 'cxone' };

function reportsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'real-platforms-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('calibrate-sentiment', () => {
  it.each([
    [COGNIGY, 'Cognigy.AI', 'the Sentiment node of a flow asks a language model'],
    [CXONE, 'CXone', 'set the thresholds of the Enlighten models'],
  ])('ends at once on %o with what to do instead', async (env, name, advice) => {
    const { code, out, err } = await runExample('calibrate-sentiment', { env });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`NotSupportedError: ${name} has no call 'calibration'. Instead: `);
    expect(err).toContain(advice);
  });

  it('refuses a platform that it does not know', async () => {
    const { code, err } = await runExample('calibrate-sentiment', { env: { AGENT_ASSIST_PLATFORM: 'genesys' } });
    expect([code, err]).toEqual([1, 'Error: AGENT_ASSIST_PLATFORM: expected documents, cognigy or cxone\n']);
  });
});

describe('simulate-conversations', () => {
  it('runs the suite as playbooks on Cognigy.AI, and says what is not checked', async () => {
    await using cognigy = await startCognigy({ apiKeys: [{ key: 'canary-7f31' }] });
    const reports = reportsFolder();
    const { code, out, err } = await runExample('simulate-conversations', {
      args: ['--reports', reports, '--poll-interval-ms', '10'],
      env: { ...COGNIGY, ...cognigyEnvironment(cognigy), CI: '1' },
    });
    expect(out).toContain('The gate holds: 100 % of the cases pass');
    expect(err).toMatch(/^Platform: Cognigy\.AI\nLeft out: a playbook does not pause before inputs\n/);
    expect(code).toBe(0);
    expect(cognigy.requests.count('POST /playbooks/{id}/schedule')).toBe(5);
    const report = readFileSync(join(reports, 'report.md'), 'utf8');
    expect(out + err + report).not.toContain('canary-7f31');
  });

  it('runs on an embedded Cognigy.AI without an account', async () => {
    const args = ['--reports', reportsFolder()];
    const { code, err } = await runExample('simulate-conversations', { args, env: { ...COGNIGY, CI: '1' } });
    expect(err).toMatch(/^Platform: Cognigy\.AI, embedded, because the environment has no account\n/);
    expect(code).toBe(0);
  });

  it('cannot run on CXone, whose bots are in Cognigy.AI', async () => {
    const { code, err } = await runExample('simulate-conversations', { env: CXONE });
    expect(code).toBe(2);
    expect(err).toMatch(/^NotSupportedError: CXone has no call 'simulations'.*built in Cognigy\.AI/);
  });
});

describe('enrichment-proxy', () => {
  const enrich = async (proxy: Running): Promise<Record<string, unknown>> => {
    const [, url = ''] = await proxy.line(/^Listening on (\S+)$/m);
    const response = await fetch(new URL('/api/v1/agent-assist/enrich', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sessionId: 's-1', customerNumber: 'CUST-992847', intent: '' }),
    });
    return (await response.json()) as Record<string, unknown>;
  };

  it('adds the customers of CXone’s digital channels, and says that it has no orders and tickets', async () => {
    await using cxone = await startCxone({ clients: [{ clientId: 'app', clientSecret: 'canary-7f31' }] });
    cxone.customers.set('CUST-992847', {
      id: 'CUST-992847',
      fullName: 'Elena Rostova',
      customFields: [{ ident: 'segment', value: 'Gold' }],
    });
    await using proxy = startExample('enrichment-proxy', { ...CXONE, ...cxoneEnvironment(cxone) });
    expect(await enrich(proxy)).toEqual({
      customerProfile: { customerId: 'CUST-992847', fullName: 'Elena Rostova', segment: 'Gold' },
      enrichedPromptContext: 'Customer: Elena Rostova | Segment: Gold',
    });
    expect(await proxy.interrupt()).toBe(0);
    expect(proxy.output()).toMatch(/^Platform: CXone\nLeft out: orders and tickets/m);
    expect(proxy.output()).not.toContain('canary-7f31');
  });

  it('cuts an answer to what Studio takes', async () => {
    await using cxone = await startCxone();
    const fullName = 'x'.repeat(40_000);
    cxone.customers.set('CUST-992847', { id: 'CUST-992847', fullName });
    await using proxy = startExample('enrichment-proxy', { ...CXONE, ...cxoneEnvironment(cxone) });
    const answer = await enrich(proxy);
    expect(answer).toMatchObject({ customerProfile: {}, truncated: ['customerProfile'] });
  });

  it('serves the HTTP Request node of Cognigy.AI from the company’s services', async () => {
    await using proxy = startExample('enrichment-proxy', COGNIGY);
    expect(await enrich(proxy)).toMatchObject({ customerProfile: { fullName: 'Elena Rostova' } });
    expect(proxy.output()).toContain('Platform: Cognigy.AI\n');
  });
});

describe('agent-assist-service', () => {
  const records = (out: string): Record<string, unknown>[] =>
    out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('lets a flow suggest to the updates of its standard input, and ends with it', async () => {
    await using cognigy = await startCognigy();
    const urlToken = 'canary-7f31';
    cognigy.endpoints.add({ flow: cognigy.flow, urlToken });
    // No confidence: many flows set none.
    cognigy.flow.answerWith(({ text }) => [{ text: `About: ${text}` }]);
    const update = (interactionId: string, transcript: string): string =>
      `${JSON.stringify({ interactionId, transcript })}\n`;
    const { code, out, err } = await runExample('agent-assist-service', {
      env: { ...COGNIGY, ...cognigyEnvironment(cognigy), COGNIGY_URL_TOKEN: urlToken },
      input: `${update('call-1', 'hello')}nonsense\n\n${update('call-1', 'I want a refund')}`,
    });
    expect(records(out)).toMatchObject([
      { interactionId: 'call-1', triggered: false },
      { interactionId: 'call-1', triggered: true, fallback: false, suggestionCount: 1 },
    ]);
    expect(err).toMatch(/^Platform: Cognigy\.AI\nLeft out: the stream; write updates to standard input/);
    expect(err).toContain('Ignored a line');
    expect(code).toBe(0);
    expect(cognigy.sessions.get('call-1')?.turns).toBe(1);
    expect(out + err).not.toContain(urlToken);
  });

  it.each(['agent-assist-service', 'streaming-insights'])('%s ends on Ctrl-C while its input is open', async (name) => {
    await using cognigy = await startCognigy();
    await using service = startExample(name, { ...COGNIGY, ...cognigyEnvironment(cognigy) });
    await service.line(/^(?:Connected\.|The agent's desktop)/m);
    expect(await service.interrupt()).toBe(0);
  });

  it('hears a sample on an embedded Cognigy.AI, and ends by itself', async () => {
    const { code, out, err } = await runExample('agent-assist-service', { env: COGNIGY });
    expect(err).toContain('Platform: Cognigy.AI, embedded');
    expect(records(out).filter(({ triggered }) => triggered === true)).not.toEqual([]);
    expect(records(out).filter(({ fallback }) => fallback === true)).toEqual([]);
    expect(code).toBe(0);
  });

  it('asks Copilot about the transcripts of CXone, and shows what its cards say', async () => {
    await using cxone = await startCxone({
      clients: [{ clientId: 'app', clientSecret: 'canary-7f31' }],
      accessKeys: [{ id: 'key', secret: 'canary-7f32' }],
    });
    await using service = startExample('agent-assist-service', {
      ...CXONE,
      ...cxoneEnvironment(cxone),
      CXONE_COPILOT_CONFIG: '{"AppTitle":"Copilot"}',
    });
    await service.line(/^Connected\./m);
    expect([...cxone.notifications.topics].sort()).toEqual(['1001_agentcopilot', '30001_transcript']);
    cxone.feed.sendTranscript({ contactId: '30001', text: 'I want a ref', isFinal: false });
    cxone.feed.sendTranscript({ contactId: '30001', text: 'A refund is fine with me', speaker: 'agent' });
    cxone.feed.sendTranscript({ contactId: '30001', text: 'I want a refund' });
    await service.line(/"triggered":true/);
    expect(records(service.output())).toMatchObject([
      { interactionId: '30001', triggered: false },
      { interactionId: '30001', triggered: true, fallback: false, suggestionCount: 2 },
    ]);
    expect(cxone.copilot.asked).toBe(1);
    expect(await service.interrupt()).toBe(0);
    expect(service.output()).toMatch(/^Platform: CXone\nLeft out: sentiment.*\nLeft out: confidences/m);
    expect(service.output()).not.toMatch(/canary/);
  });

  it('plays a sample on an embedded CXone', async () => {
    await using service = startExample('agent-assist-service', CXONE);
    await service.line(/"triggered":true,"cached":false,"fallback":false/);
    expect(await service.interrupt()).toBe(0);
  });

  it('says what belongs to half of an account', async () => {
    const { code, err } = await runExample('agent-assist-service', { env: { ...CXONE, CXONE_CLIENT_ID: 'id' } });
    expect(code).toBe(1);
    expect(err).toMatch(/Set CXONE_CLIENT_SECRET, .*CXONE_COPILOT_CONFIG too/);
  });
});

describe('streaming-insights', () => {
  it('lets a flow of Cognigy.AI search for what the standard input says, and ends with it', async () => {
    await using cognigy = await startCognigy();
    const urlToken = 'canary-7f31';
    cognigy.endpoints.add({ flow: cognigy.knowledgeFlow, urlToken });
    const said = (speaker: string, text: string): string =>
      `${JSON.stringify({ interactionId: 'call-1', speaker, text })}\n`;
    const { code, out, err } = await runExample('streaming-insights', {
      env: { ...COGNIGY, ...cognigyEnvironment(cognigy), COGNIGY_SEARCH_URL_TOKEN: urlToken },
      input: `${said('customer', 'I was charged twice')}nonsense\n${said('agent', 'I see')}`,
    });
    expect(out).toMatch(/^call-1: “I was charged twice” → \S/m);
    expect(out).not.toContain('“I see”');
    expect(err).toMatch(/^Platform: Cognigy\.AI\nLeft out: the stream; .*\nLeft out: cards.*\nLeft out: feedback/);
    expect(err).toContain('Ignored a line');
    expect(code).toBe(0);
    expect(out + err).not.toContain(urlToken);
  });

  it('searches CXone Expert for the transcripts of CXone, and keeps decisions on its own desktop', async () => {
    await using cxone = await startCxone({
      clients: [{ clientId: 'app', clientSecret: 'canary-7f31' }],
      expertKeys: { browserKey: 'canary-7f32', serverKey: 'k', serverSecret: 's' },
    });
    await using example = startExample('streaming-insights', { ...CXONE, ...cxoneEnvironment(cxone) });
    const [, url = ''] = await example.line(/desktop: (http\S+)$/m);
    expect(cxone.notifications.topics).toEqual(['30001_transcript']);
    cxone.feed.sendTranscript({ contactId: '30001', text: 'I was charged', isFinal: false });
    cxone.feed.sendTranscript({ contactId: '30001', text: 'I was charged twice' });
    cxone.feed.sendTranscript({ contactId: '30001', text: 'Let me see', speaker: 'agent' });
    await example.line(/^30001: “I was charged twice” → \S/m);
    expect(cxone.requests.to('GET /@api/deki/site/search').map(({ query }) => query.get('q'))).toEqual([
      'I was charged twice',
    ]);

    const page = await (await fetch(url)).text();
    const answer = await fetch(new URL('/api/v2/ai/training/feedback', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${/desktop-token" content="([^"]+)/.exec(page)?.[1] ?? ''}` },
      body: JSON.stringify({ interactionId: '30001', insightId: 'kb-double-charge', action: 'accepted' }),
    });
    expect(answer.status).toBe(204);
    await example.line(/^30001: kb-double-charge accepted; the platform does not accept feedback$/m);
    expect(cxone.copilot.feedback).toEqual([]);
    expect(await example.interrupt()).toBe(0);
    expect(example.output()).toMatch(/^Platform: CXone\n(?:Left out: .*\n){3}/m);
    expect(example.output()).not.toMatch(/canary/);
  });

  it.each([COGNIGY, CXONE])('plays a sample embedded on %o', async (env) => {
    await using example = startExample('streaming-insights', env);
    await example.line(/“.+” → /);
    expect(await example.interrupt()).toBe(0);
    expect(example.output()).toContain(', embedded, because the environment has no account');
  });
});
