import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient, StaticTokenAuth, SuggestionsClient } from 'agent-assist-sdk';
import { SimulationClient, evaluate, runSuite } from 'agent-assist-sdk/simulation';
import { createEnrichmentHandler } from 'agent-assist-sdk/enrichment';
import { AuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import { loadRun, openJournal } from 'agent-assist-sdk/simulation/suites';
import { signWebhook, createWebhookHandler } from 'agent-assist-sdk/webhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkJsonDepth, parseJson } from '../../src/json.js';
import { readFrame } from '../../src/stream/schemas.js';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { caseOf, resultOf } from '../simulation/helpers.js';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const TOO_DEEP = 'nested more than 200 levels deep';

/** What a stream reports of a frame: the name of the call, and its arguments. */
function reported(text: string): unknown[][] {
  const calls: unknown[][] = [];
  const report =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  readFrame(text, {
    emit: report('emit'),
    heartbeat: report('heartbeat'),
    unknown: report('unknown'),
    invalid: report('invalid'),
  });
  return calls;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'depth-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('JSON from outside', () => {
  test.each([
    [nested(200), true],
    [nested(201), false],
    [nested(1_000_000), false],
    ['{"a":'.repeat(200) + '1' + '}'.repeat(200), true],
    ['{"a":'.repeat(201) + '1' + '}'.repeat(201), false],
    [`[${'1,'.repeat(1000)}${nested(199)}]`, true],
    [`[${'[],'.repeat(1000)}${nested(200)}]`, false],
    [JSON.stringify('['.repeat(5000)), true],
  ])('may be 200 levels deep (%#)', (text, allowed) => {
    if (allowed) expect(parseJson(text)).toEqual(JSON.parse(text));
    else expect(() => parseJson(text)).toThrow(new SyntaxError(TOO_DEEP));
  });

  test('is refused without a word of it when it is not JSON', () => {
    expect(() => parseJson('{"secret": tok_123')).toThrow(new SyntaxError('not valid JSON'));
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(new SyntaxError('not valid JSON'));
  });

  test.each([
    '{"__proto__":{"x":1},"a":[{"__proto__":1,"b":2}]}',
    '{"\\u005f_proto__":{"x":1},"a":[{"__\\u0070roto\\u005F_":1,"b":2}]}',
    `{"__proto__":${nested(1)},"a":[{"__proto__":${nested(190)},"b":2}]}`,
    `{"__proto__":"${'x'.repeat(500)}","a":[{"\\u005f_proto__":{"x":1},"b":2}]}`,
  ])('has no field named __proto__ at any depth (%#)', (text) => {
    const value = parseJson(text) as { a: [object] };
    expect(Object.keys(value)).toEqual(['a']);
    expect(Object.keys(value.a[0])).toEqual(['b']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('is walked without recursion', () => {
    let value: unknown = [];
    for (let depth = 0; depth < 200_000; depth += 1) value = [value];
    expect(() => checkJsonDepth(value)).toThrow(TOO_DEEP);
  });
});

describe('what is nested too deeply', () => {
  const deepSteps = (depth: number): string =>
    `{"id":"sim-1","status":"COMPLETED","durationMs":5,"steps":[{"index":0,"userInput":"hi","botResponse":"yes",` +
    `"nlu":{"intent":"greet","confidence":1,"entities":[{"type":"city","value":${nested(depth)}}]}}]}`;

  test('costs one case of a suite its verdict, and the journal and the reports hold all of it', async () => {
    await using server = await scriptedServer((response, request) => {
      const id = /\d+$/.exec(request.url)?.[0] ?? JSON.stringify(request.body).replace(/.*hi (\d+).*/, '$1');
      const body =
        request.method === 'POST' ? `{"id":"sim-${id}","status":"RUNNING"}` : deepSteps(id === '7' ? 5000 : 3);
      answer(request.method === 'POST' ? 202 : 200, body)(response, request);
    });
    const client = new SimulationClient(
      new HttpClient({ baseUrl: server.url, auth: new StaticTokenAuth({ token: 'token' }) }),
    );
    const cases = Array.from({ length: 20 }, (_, index) =>
      caseOf(`case-${index}`, [`hi ${index}`, 'greet', { city: 1 }]),
    );
    const path = join(folder, 'journal.jsonl');
    await using journal = await openJournal(path);
    const run = await runSuite(cases, { client, journal, pollIntervalMs: 1 });
    expect(run.summary).toMatchObject({ passed: 0, failed: 19, errored: 1 });
    expect(run.results[7]?.error).toEqual({
      name: 'ResponseValidationError',
      message: `GET /simulations/sim-7 returned 200 with an unexpected body: ${TOO_DEEP} (content-type: application/json)`,
    });
    expect((await journal.read()).entries).toHaveLength(40);
    expect(JSON.parse(JSON.stringify(run))).toMatchObject({ summary: { errored: 1 } });
    for (const report of [htmlReport, junitReport, markdownReport])
      expect(report(run, { name: 's' })).toContain(TOO_DEEP);
  });

  test('is named in a report whose run was not read from outside', () => {
    const { simulation } = caseOf('a', ['hi', 'greet', { city: 1 }]);
    const result = resultOf([{ intent: 'greet', entities: [{ type: 'city', value: JSON.parse(nested(100_000)) }] }]);
    const evaluation = evaluate(result, simulation.assertions);
    const results = [
      { id: 'a', simulation, status: 'failed', result, evaluation, elapsedMs: 1, resumed: false },
    ] as const;
    const summary = { passed: 0, failed: 1, errored: 0, passRate: 0, passedAssertions: 0, totalAssertions: 1 };
    const { entities, confusion, intentAccuracy } = evaluation;
    const run = {
      startedAt: '2026-01-01T00:00:00.000Z',
      elapsedMs: 1,
      entityMatch: 'value' as const,
      results,
      summary: { ...summary, entities, confusion, intentAccuracy },
    };
    for (const report of [htmlReport, junitReport, markdownReport])
      expect(report(run, { name: 's' })).toContain('entity city is (cannot be written as JSON) instead of 1');
  });

  test('is no answer, no frame, no webhook and no enrichment request', async () => {
    const deep = `{"a":${nested(5000)}}`;
    await using server = await scriptedServer(answer(200, `{"suggestions":[],"a":${nested(5000)}}`));
    const http = new HttpClient({ baseUrl: server.url, auth: new StaticTokenAuth({ token: 'token' }) });
    const request = { interactionId: 'i', transcript: 't', sentimentScore: 0 };
    await expect(new SuggestionsClient(http).suggest(request)).rejects.toMatchObject({
      name: 'ResponseValidationError',
      issues: [{ path: '', message: `${TOO_DEEP} (content-type: application/json)` }],
    });
    expect(reported(`{"type":"HEARTBEAT","a":${nested(5000)}}`)).toEqual([
      ['invalid', [{ path: '', message: TOO_DEEP }]],
    ]);

    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const receive = createWebhookHandler({ secrets: secret, on: {} });
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers: { ...headers, ...(await signWebhook(deep, secret)) }, body: deep };
    const refused = await receive(new Request('http://x/', init));
    expect(refused.status).toBe(400);

    const enrich = createEnrichmentHandler({ sources: {} });
    const answered = await enrich(
      new Request('http://x/api/v1/agent-assist/enrich', { method: 'POST', headers, body: deep }),
    );
    expect([answered.status, await answered.json()]).toMatchObject([
      422,
      { issues: [{ path: '', message: TOO_DEEP }] },
    ]);
  });

  test('is not sent', async () => {
    await using server = await scriptedServer(answer(200, { suggestions: [] }));
    const http = new HttpClient({ baseUrl: server.url, auth: new StaticTokenAuth({ token: 'token' }) });
    const context = { a: JSON.parse(nested(100_000)) as unknown };
    await expect(
      new SuggestionsClient(http).suggest({ interactionId: 'i', transcript: 't', sentimentScore: 0, context }),
    ).rejects.toThrow('Invalid request body: cannot be written as JSON');
    expect(server.requests).toEqual([]);
  });

  test('is no saved run', async () => {
    const path = join(folder, 'run.json');
    await writeFile(path, `{"results":${nested(5000)}}`);
    await expect(loadRun(path)).rejects.toThrow(`${path}: is ${TOO_DEEP}`);
  });

  test('is refused by an audit trail, and one that holds it from before is verified and exported', async () => {
    const path = join(folder, 'trail.jsonl');
    await using trail = await AuditTrail.open(path);
    await expect(trail.append({ a: JSON.parse(nested(5000)) })).rejects.toThrow(`Invalid audit record: is ${TOO_DEEP}`);
    const { record } = await trail.append({ a: JSON.parse(nested(199)) });
    expect(record).toEqual({ a: JSON.parse(nested(199)) as unknown });
    expect(await Array.fromAsync(trail.csv())).toHaveLength(2);

    const old = join(folder, 'old.jsonl');
    const body = `"previousHash":"${'0'.repeat(64)}","record":{"a":${nested(5000)}},"seq":1}`;
    const hash = createHash('sha256').update(`{"at":"x",${body}`).digest('hex');
    await writeFile(old, `{"at":"x","hash":"${hash}",${body}\n`);
    expect(await verifyAuditTrail(old)).toMatchObject({ ok: true });
    await using opened = await AuditTrail.open(old);
    expect((await Array.fromAsync(opened.csv()))[1]).toMatch(/,\(cannot be written as JSON\)\r\n$/);
  });
});

describe('an own field named __proto__', () => {
  const own = JSON.parse('{"__proto__":{"vip":true},"a":1}') as Record<string, unknown>;

  test('is sent as a part of the context', async () => {
    await using server = await scriptedServer(answer(200, { suggestions: [] }));
    const http = new HttpClient({ baseUrl: server.url, auth: new StaticTokenAuth({ token: 'token' }) });
    await new SuggestionsClient(http).suggest({ interactionId: 'i', transcript: 't', sentimentScore: 0, context: own });
    expect(server.requests[0]?.body).toContain('"context":{"__proto__":{"vip":true},"a":1}');
  });

  test('is dropped from an event, whether or not its other fields are as they should be', () => {
    for (const agentId of ['"x"', 'null']) {
      const [frame] = reported(
        `{"type":"INTERACTION_UPDATE","__proto__":1,"payload":{"interactionId":"i","transcript":"t","sentimentScore":0,` +
          `"agentId":${agentId},"__proto__":{"x":1},"context":{"__proto__":{"x":1},"a":{"__proto__":2}}}}`,
      );
      expect(frame?.slice(0, 2)).toEqual(['emit', 'INTERACTION_UPDATE']);
      expect(JSON.stringify(frame)).not.toContain('__proto__');
      expect(JSON.stringify(frame)).toContain('"context":{"a":{}}');
    }
  });

  test('is an expected entity like any other', () => {
    const { simulation } = caseOf('a', ['hi', 'greet', own]);
    expect(Object.keys(simulation.assertions[0]?.expectedEntities ?? {})).toEqual(['__proto__', 'a']);
    const { verdicts } = evaluate(
      resultOf([{ intent: 'greet', entities: [{ type: 'a', value: 1 }] }]),
      simulation.assertions,
    );
    expect(verdicts[0]?.failures).toEqual([{ reason: 'entity-missing', type: '__proto__', expected: { vip: true } }]);
  });
});
