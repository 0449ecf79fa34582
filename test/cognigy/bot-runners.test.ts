import { inspect } from 'node:util';
import { ApiKeyAuth, HttpClient, RequestValidationError, type HttpClientOptions } from 'agent-assist-sdk';
import { NluClient, PlaybookClient, cognigyAi, nluRunner, playbookRunner } from 'agent-assist-sdk/cognigy';
import {
  runSuite,
  type JournalEntry,
  type RunSuiteOptions,
  type SuiteJournal,
  type SuiteRun,
} from 'agent-assist-sdk/simulation';
import { markdownReport } from 'agent-assist-sdk/simulation/reports';
import { parseSuite } from 'agent-assist-sdk/simulation/suites';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { answer, dropConnection, hang } from '../helpers/scripted-server.js';
import { PlaybookServer, apiKey, ids, type Understanding } from './playbook-server.js';

const knowledge: Record<string, Understanding> = {
  'book flight to paris': {
    scores: [
      ['book_flight', 0.92],
      ['cancel', 0.05],
    ],
    slots: ['city'],
  },
  'cancel it': { scores: [['cancel', 0.81]] },
  mumble: { scores: [] },
};

let server: PlaybookServer;
beforeEach(async () => {
  server = await PlaybookServer.start((text) => knowledge[text] ?? { scores: [['greeting', 0.5]] });
});
afterEach(() => server[Symbol.asyncDispose]());

function httpOf(options: Partial<HttpClientOptions> = {}): HttpClient {
  const platform = cognigyAi({ baseUrl: server.url, endpointHost: 'localhost' });
  return new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey }), random: () => 0, ...options });
}

function suite(cases: string) {
  const top = `botId: ${ids.flow}\nenvironmentId: ${ids.project}\nversionId: '${ids.snapshot}'\ncases:\n`;
  return parseSuite(top + cases, 'suite.yaml').cases;
}

const flight = `
  - id: flight
    inputs: [book flight to paris, cancel it]
    assertions:
      - { stepIndex: 0, expectedIntent: book_flight, expectedEntities: { city: null } }
      - { stepIndex: 1, expectedIntent: cancel, expectedConfidenceMin: 0.8 }
`;

type Given = Partial<RunSuiteOptions> & {
  runner?: Partial<Parameters<typeof playbookRunner>[0]>;
  http?: Partial<HttpClientOptions>;
};

async function onPlaybooks(cases: string, { runner, http, ...options }: Given = {}): Promise<SuiteRun> {
  const client = httpOf(http);
  const bot = playbookRunner({
    client: new PlaybookClient(client),
    nlu: new NluClient(client),
    localeReferenceId: ids.locale,
    ...runner,
  });
  return runSuite(suite(cases), { client: bot, pollIntervalMs: 1, ...options });
}

function journalOf(entries: JournalEntry[]): SuiteJournal {
  return {
    read: () => Promise.resolve({ entries: [...entries] }),
    append: (entry) => Promise.resolve(void entries.push(entry)),
  };
}

describe('a YAML suite on playbooks', () => {
  test('passes with intents, entities and scored confidences, and leaves nothing behind', async () => {
    const run = await onPlaybooks(flight);
    expect(run.results[0]).toMatchObject({ status: 'passed', result: { status: 'COMPLETED' } });
    expect(run.results[0]?.result?.steps).toEqual([
      {
        index: 0,
        userInput: 'book flight to paris',
        nlu: { intent: 'book_flight', confidence: 0.92, entities: [{ type: 'city' }] },
      },
      { index: 1, userInput: 'cancel it', nlu: { intent: 'cancel', confidence: 0.81, entities: [] } },
    ]);
    expect(run.results[0]?.evaluation?.metrics).toMatchObject({ avgIntentConfidence: 0.865, avgEntityAccuracy: 1 });
    expect(run.unsupported?.map(({ part }) => part)).toEqual(['delay', 'conversation']);
    expect(server.playbooks.size).toBe(0);
    expect(server.routes.filter((route) => route.includes('cancel'))).toEqual([]);
    const schedule = server.requests.find(({ url }) => url.endsWith('/schedule'));
    expect(JSON.parse(schedule?.body ?? '')).toEqual({
      entrypoint: ids.snapshot,
      flowId: ids.flow,
      localeId: ids.locale,
    });
  });

  test('fails where the bot understands something else, is not sure enough, or finds no slot', async () => {
    const run = await onPlaybooks(`
  - id: other
    inputs: [cancel it]
    assertions: [{ stepIndex: 0, expectedIntent: book_flight, expectedEntities: { city: null } }]
  - id: unsure
    inputs: [cancel it]
    assertions: [{ stepIndex: 0, expectedIntent: cancel }]
  - id: nothing
    inputs: [mumble]
    assertions: [{ stepIndex: 0, expectedIntent: cancel }]
`);
    const failures = run.results.map(({ evaluation }) => evaluation?.verdicts[0]?.failures);
    expect(failures).toEqual([
      [
        { reason: 'intent', expected: 'book_flight', actual: 'cancel' },
        { reason: 'confidence', expected: 0.85, actual: 0.81 },
        { reason: 'entity-missing', type: 'city' },
      ],
      [{ reason: 'confidence', expected: 0.85, actual: 0.81 }],
      [
        { reason: 'intent', expected: 'cancel', actual: undefined },
        { reason: 'confidence', expected: 0.85, actual: undefined },
      ],
    ]);
    expect(run.summary).toMatchObject({ passed: 0, failed: 3 });
    expect(server.playbooks.size).toBe(0);
  });

  test('refuses what playbooks cannot check before anything is sent', async () => {
    const error = await onPlaybooks(flight, { runner: { nlu: undefined } }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as Error).message).toContain(
      'expectedConfidenceMin: cannot be checked: a playbook reports no confidence',
    );
    const long = `
  - id: long
    inputs: [${Array(51).fill('a').join(', ')}]
`;
    await expect(onPlaybooks(long)).rejects.toThrow('inputs: must have at most 50 items');
    expect(server.requests).toEqual([]);
  });

  test('notes what playbooks cannot check, where it may', async () => {
    const run = await onPlaybooks(flight, { runner: { nlu: undefined }, unsupported: 'note' });
    expect(run.summary).toMatchObject({ passed: 1, uncheckedAssertions: 2 });
    expect(run.results[0]?.evaluation?.metrics.avgIntentConfidence).toBeUndefined();
    expect(markdownReport(run, { name: 's' })).toContain('confidence: a playbook reports no confidence');
  });

  test.each([
    ['error', 'the task ended as error: no such flow'],
    ['cancelled', 'the task ended as cancelled: no such flow'],
  ])('fails when the task ends as %s, with the reason', async (status, reason) => {
    server.statuses = ['active', status];
    server.taskFields = { failReason: 'no such flow' };
    const run = await onPlaybooks(flight);
    expect(run.results[0]).toMatchObject({ status: 'failed', result: { status: 'FAILED', failReason: reason } });
    expect(markdownReport(run, { name: 's' })).toContain(`the simulation ended as FAILED: ${reason}`);
    expect(server.playbooks.size).toBe(0);
  });

  test('never passes a run that failed by something that the suite does not check', async () => {
    server.changeRun = (run) => ({
      ...run,
      status: 'failed',
      stepResults: run.stepResults.map((step, index) => ({
        ...step,
        ...(index === 1 ? { status: 'failed', timeout: true } : {}),
      })),
    });
    const run = await onPlaybooks(flight);
    expect(run.results[0]).toMatchObject({
      status: 'failed',
      result: { status: 'FAILED', failReason: 'the playbook run ended as failed: step 1 took too long' },
    });
  });

  test('cleans up when a step cannot be added, and goes on with the other cases', async () => {
    server.fault(/steps$/, answer(500));
    const run = await onPlaybooks(flight + flight.replace('id: flight', 'id: second'), { concurrency: 1 });
    expect(run.results.map(({ status }) => status)).toEqual(['errored', 'passed']);
    expect(server.playbooks.size).toBe(0);
  });

  test('cleans up when it is aborted: the task is cancelled, the playbook deleted', async () => {
    server.statuses = ['active', 'active'];
    const controller = new AbortController();
    const onProgress = ({ type }: { type: string }): void => {
      if (type === 'submitted') controller.abort();
    };
    await expect(onPlaybooks(flight, { signal: controller.signal, onProgress })).rejects.toThrow('abort');
    expect(server.routes.slice(-2).map((route) => route.replace(/[0-9a-f]{24}/, 'id'))).toEqual([
      'POST /new/v2.0/tasks/id/cancel',
      'DELETE /new/v2.0/playbooks/id',
    ]);
    expect(server.playbooks.size).toBe(0);
  });

  test('keeps its verdict when the playbook cannot be deleted, and says which one is left', async () => {
    const lines: string[] = [];
    const log = (): void => undefined;
    const logger = { debug: log, info: log, error: log, warn: (line: string) => void lines.push(line) };
    const clock = new FakeClock();
    server.fault(/DELETE/, hang, 9);
    const run = await clock.runUntilSettled(
      onPlaybooks(flight, { clock, http: { clock }, runner: { clock, logger } }),
      1000,
    );
    expect(run.summary.passed).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^playbook [0-9a-f]{24} could not be deleted: TimeoutError/)]);
  });

  test('goes on after a crash with the run that the journal names, and deletes its playbook', async () => {
    const entries: JournalEntry[] = [];
    // The process dies after the schedule: nothing is cleaned up, and nothing further is written.
    server.fault(/GET .*tasks/, answer(400), 99);
    server.fault(/cancel|DELETE/, dropConnection, 99);
    await onPlaybooks(flight, { journal: journalOf(entries), http: { maxRetries: 0 } });
    for (const fault of server.faults) fault.times = 0;
    expect(server.playbooks.size).toBe(1);
    const before = server.routes.length;
    const run = await onPlaybooks(flight, { journal: journalOf(entries.filter(({ type }) => type === 'submitted')) });
    expect(run.results[0]?.status).toBe('passed');
    expect(server.routes.slice(before).filter((route) => /POST .*(playbooks$|schedule)/.test(route))).toEqual([]);
    expect(server.playbooks.size).toBe(0);
  });

  test('starts anew what was given up, and cancelled, at its time limit', async () => {
    const entries: JournalEntry[] = [];
    server.hold = () => true;
    const clock = new FakeClock();
    const times = {
      clock,
      http: { clock, fetch: clock.fetch },
      runner: { clock },
      timeoutMs: 10_000,
      pollIntervalMs: 2000,
    };
    const first = await clock.runUntilSettled(onPlaybooks(flight, { journal: journalOf(entries), ...times }));
    expect(first.results[0]).toMatchObject({ status: 'errored', error: { name: 'TimeoutError' } });
    expect([...server.tasks.values()]).toMatchObject([{ statuses: ['cancelled'] }]);
    server.hold = () => false;
    const run = await onPlaybooks(flight, { journal: journalOf(entries) });
    expect(run.results[0]?.status).toBe('passed');
    expect(server.playbooks.size).toBe(0);
  });

  test('starts anew where the task of the journal is gone', async () => {
    const entries: JournalEntry[] = [];
    await onPlaybooks(flight, { journal: journalOf(entries) });
    server.tasks.clear();
    const run = await onPlaybooks(flight, { journal: journalOf(entries.filter(({ type }) => type === 'submitted')) });
    expect(run.results[0]?.status).toBe('passed');
    expect(server.playbooks.size).toBe(0);
  });

  test('is not lost by a rate limit that outlasts the retries', async () => {
    const clock = new FakeClock();
    server.fault(/GET .*tasks/, answer(429, {}, { 'retry-after': '1' }), 4);
    const http = { clock, fetch: clock.fetch };
    const run = await clock.runUntilSettled(onPlaybooks(flight, { clock, http, runner: { clock } }));
    expect(run.results[0]?.status).toBe('passed');
    expect(server.playbooks.size).toBe(0);
  });

  test('runs at most ten at once, whatever the concurrency', async () => {
    const cases = Array.from({ length: 25 }, (_, index) => flight.replace('id: flight', `id: f${index}`)).join('');
    server.hold = () => server.running.most < 10;
    const run = await onPlaybooks(cases, { concurrency: 25 });
    expect(run.summary.passed).toBe(25);
    expect(server.running.most).toBe(10);
  });
});

describe('an existing playbook', () => {
  async function existing(...texts: string[]): Promise<string> {
    const client = new PlaybookClient(httpOf());
    const { id } = await client.create({ projectId: ids.project, name: 'ours' });
    for (const text of texts)
      await client.createStep(id, { text, asserts: [{ type: 'assertIntent', params: { intent: 'cancel' } }] });
    return id;
  }
  const cancel = `
  - id: c
    inputs: [cancel it]
    assertions: [{ stepIndex: 0, expectedIntent: cancel, expectedConfidenceMin: 0.5 }]
`;

  test('is run by its id and stays', async () => {
    const id = await existing('cancel it');
    const run = await onPlaybooks(cancel, { runner: { playbookIdOf: () => id } });
    expect(run.results[0]).toMatchObject({
      status: 'passed',
      simulationId: expect.stringMatching(/^existing\//) as string,
    });
    expect([...server.playbooks.keys()]).toEqual([id]);
  });

  test('fails what it does not check, and where it says something else', async () => {
    const id = await existing('cancel it');
    const entity = cancel.replace('cancel, expectedC', 'cancel, expectedEntities: { date: null }, expectedC');
    const unchecked = await onPlaybooks(entity, { runner: { playbookIdOf: () => id } });
    expect(unchecked.results[0]?.evaluation?.verdicts[0]?.failures).toEqual([
      { reason: 'entity-missing', type: 'date' },
    ]);
    const other = await existing('book flight to paris');
    const different = await onPlaybooks(cancel, { runner: { playbookIdOf: () => other } });
    expect(different.results[0]?.evaluation?.verdicts[0]?.failures).toEqual([{ reason: 'step-missing' }]);
  });
});

describe('a YAML suite on nlu/scores', () => {
  const run = (cases: string, options: Partial<RunSuiteOptions> = {}): Promise<SuiteRun> =>
    runSuite(suite(cases), {
      client: nluRunner({ client: new NluClient(httpOf()), localeReferenceId: ids.locale }),
      ...options,
    });

  test('gets intents and confidences, the same each time, and runs no flow', async () => {
    const text = flight.replace(', expectedEntities: { city: null }', '');
    const [first, second] = [await run(text), await run(text)];
    expect(first.results[0]).toMatchObject({
      status: 'passed',
      evaluation: { metrics: { avgIntentConfidence: 0.865 } },
    });
    expect(second.summary).toEqual(first.summary);
    expect(first.unsupported?.map(({ part }) => part)).toEqual(['target', 'delay', 'conversation']);
    expect(server.routes).toEqual(Array(4).fill(`POST /new/v2.0/projects/${ids.project}/nlu/scores`));
  });

  test('refuses entities, and leaves out a negated intent', async () => {
    await expect(run(flight)).rejects.toThrow('expectedEntities: cannot be checked: the scores cover only intents');
    server.fault(
      /nlu/,
      answer(200, {
        scores: [
          { name: 'cancel', score: 0.9, negated: true },
          { name: 'food', score: 0.2 },
        ],
      }),
    );
    const negated = await run(`
  - id: n
    inputs: [do not cancel]
    assertions: [{ stepIndex: 0, expectedIntent: cancel, expectedConfidenceMin: 0.1 }]
`);
    expect(negated.results[0]?.evaluation?.verdicts[0]?.actual).toEqual({
      intent: 'food',
      confidence: 0.2,
      entities: [],
    });
  });

  test('is errored, not passed, where the scores cannot be had', async () => {
    server.fault(/nlu/, answer(200, { scores: 'none' }), 9);
    const { results } = await run(flight.replace(', expectedEntities: { city: null }', ''));
    expect(results[0]).toMatchObject({ status: 'errored', error: { name: 'ResponseValidationError' } });
  });
});

test('the API key is in nothing that a suite leaves', async () => {
  server.fault(/steps$/, answer(500, { detail: apiKey }));
  server.fault(/DELETE/, answer(403, { detail: apiKey }));
  const seen: unknown[] = [];
  const log = (...args: unknown[]): void => void seen.push(args);
  const logger = { debug: log, info: log, warn: log, error: log };
  const entries: JournalEntry[] = [];
  const run = await onPlaybooks(flight, { journal: journalOf(entries), logger, runner: { logger }, onProgress: log });
  const text = inspect([run, seen, entries], { depth: 12 }) + JSON.stringify([run, entries]);
  expect(text).toContain('ServerError');
  expect(text).toContain('could not be deleted');
  expect(text).not.toContain(apiKey);
});
