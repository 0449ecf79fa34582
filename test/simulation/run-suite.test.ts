import { ConfigurationError } from 'agent-assist-sdk';
import {
  runSuite,
  type CaseResult,
  type JournalEntry,
  type SuiteCase,
  type SuiteJournal,
  type SuiteProgress,
} from 'agent-assist-sdk/simulation';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { caseOf, clientOf } from './helpers.js';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await startTenant();
  tenant.simulation.durationMs = 5;
});
afterEach(() => tenant.close());

const fast = { pollIntervalMs: 5 };

function casesOf(count: number): SuiteCase[] {
  return Array.from({ length: count }, (_, index) =>
    caseOf(`case-${index}`, ['book flight to paris', 'book_flight'], [`bye ${index}`, 'goodbye']),
  );
}

function submissions(): string[] {
  return tenant.simulation.jobs.map(({ simulation }) => simulation.inputs[1]?.text ?? '');
}

/** A journal in memory that tells what was written when. */
class MemoryJournal implements SuiteJournal {
  readonly entries: JournalEntry[];

  constructor(entries: readonly JournalEntry[] = []) {
    this.entries = [...entries];
  }

  read() {
    return Promise.resolve({ entries: [...this.entries] });
  }

  append(entry: JournalEntry) {
    this.entries.push(entry);
    return Promise.resolve();
  }
}

describe('a suite', () => {
  test('gives one result for each case, in their order, and sums them up', async () => {
    const cases = [...casesOf(5), caseOf('wrong', ['book flight to paris', 'goodbye'])];
    tenant.simulation.scriptNext({ statuses: Array<string>(8).fill('QUEUED') });
    const run = await runSuite(cases, { client: clientOf(tenant), concurrency: 3, ...fast });
    expect(run.results.map(({ id }) => id)).toEqual(cases.map(({ id }) => id));
    expect(run.results.map(({ status }) => status)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
      'passed',
      'failed',
    ]);
    expect(run.summary).toMatchObject({
      passed: 5,
      failed: 1,
      errored: 0,
      passRate: 83.33,
      passedAssertions: 10,
      totalAssertions: 11,
      intentAccuracy: 0.9091,
      confusion: [
        { expected: 'book_flight', recognized: 'book_flight', count: 5 },
        { expected: 'goodbye', recognized: 'book_flight', count: 1 },
        { expected: 'goodbye', recognized: 'goodbye', count: 5 },
      ],
    });
    expect(run.results[0]).toMatchObject({ resumed: false, result: { status: 'COMPLETED' } });
    expect(new Date(run.startedAt).toISOString()).toBe(run.startedAt);
  });

  test('adds up entities over its cases', async () => {
    const cases = [
      caseOf('a', ['book flight to paris', 'book_flight', { city: 'paris' }]),
      caseOf('b', ['fly me to rome', 'book_flight', { city: 'oslo', seat: null }]),
    ];
    const { summary } = await runSuite(cases, { client: clientOf(tenant), ...fast });
    expect(summary.entities).toEqual({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
      precision: 0.5,
      recall: expect.closeTo(1 / 3) as number,
      f1: expect.closeTo(0.4) as number,
    });
  });

  test.each([
    [2, 2],
    [undefined, 4],
  ])('keeps to its concurrency and uses it (%s)', async (concurrency, expected) => {
    tenant.simulation.durationMs = 1;
    // Polls and not time: a busy machine delays the submission of the last as well.
    const statuses = Array<string>(8).fill('RUNNING');
    tenant.simulation.scriptNext(...Array.from({ length: 12 }, () => ({ statuses })));
    let [running, most] = [0, 0];
    const onProgress = (event: SuiteProgress): void => {
      if (event.type === 'submitted') running += 1;
      if (event.type === 'case') running -= 1;
      most = Math.max(most, running);
    };
    await runSuite(casesOf(12), { client: clientOf(tenant), concurrency, onProgress, ...fast });
    expect(most).toBe(expected);
  });

  test('takes its times from the clock', async () => {
    const clock = new FakeClock(Date.parse('2026-02-03T04:05:06Z'));
    const run = await runSuite(casesOf(1), { client: clientOf(tenant), clock, ...fast });
    expect(run).toMatchObject({ startedAt: '2026-02-03T04:05:06.000Z', elapsedMs: 0, results: [{ elapsedMs: 0 }] });
  });

  test('counts the cases that are done', async () => {
    const done: [number, number][] = [];
    await runSuite(casesOf(4), {
      client: clientOf(tenant),
      ...fast,
      onProgress: (event) => event.type === 'case' && done.push([event.done, event.total]),
    });
    expect(done).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
  });

  test('goes on when a call of one case fails, and says what failed', async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 500 }, skip: 1 });
    const { results, summary } = await runSuite(casesOf(3), { client: clientOf(tenant), concurrency: 1, ...fast });
    expect(results.map(({ status }) => status)).toEqual(['passed', 'errored', 'passed']);
    expect(results[1]).toMatchObject({ error: { name: 'ServerError' }, resumed: false });
    expect(results[1]?.evaluation).toBeUndefined();
    expect(summary).toMatchObject({ errored: 1, passRate: 66.67, totalAssertions: 4 });
  });

  test('gives up a case that takes too long', async () => {
    tenant.simulation.durationMs = 3_600_000;
    const { results } = await runSuite(casesOf(1), { client: clientOf(tenant), timeoutMs: 1000, ...fast });
    expect(results[0]).toMatchObject({ status: 'errored', simulationId: 'sim-1', error: { name: 'TimeoutError' } });
    expect(results[0]?.error?.message).toMatch(
      /^simulation sim-1 did not finish within \d+ ms; its last status was RUNNING$/,
    );
  });

  test('gives up a case after ten minutes by default', async () => {
    tenant.simulation.durationMs = 3_600_000;
    const clock = new FakeClock();
    const client = clientOf(tenant, { clock, fetch: clock.fetch });
    // Fetches the token, which the clock would not wait for.
    await client.listVersions('bot-123');
    const { results } = await clock.runUntilSettled(runSuite(casesOf(1), { client, clock, pollIntervalMs: 4000 }));
    // The wait that would end with the time is not begun.
    expect(results).toMatchObject([{ status: 'errored', error: { name: 'TimeoutError' }, elapsedMs: 596_000 }]);
  });

  test.each([
    [401, 'AuthenticationError'],
    [403, 'PermissionDeniedError'],
  ])('ends when the credentials are refused (%i)', async (status, name) => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status }, times: 100 });
    await expect(runSuite(casesOf(30), { client: clientOf(tenant), concurrency: 2, ...fast })).rejects.toMatchObject({
      name,
    });
    expect(
      tenant.requests.all.filter(({ method, path }) => method === 'POST' && path.endsWith('/simulations')).length,
    ).toBeLessThan(8);
  });

  test('checks all cases before the first is sent', async () => {
    const [first, ...others] = casesOf(3) as [SuiteCase, ...SuiteCase[]];
    const broken = { ...first, simulation: { ...first.simulation, inputs: [] } };
    await expect(runSuite([broken, ...others, ...others], { client: clientOf(tenant) })).rejects.toMatchObject({
      name: 'RequestValidationError',
      issues: expect.arrayContaining([
        { path: '[0].simulation.inputs', message: 'must have at least 1 item' },
        { path: '[0].simulation.assertions[0].stepIndex', message: 'is out of range (inputs: 0, counted from 0)' },
        { path: '[3].id', message: '"case-1" is already the id of another case' },
      ]) as unknown,
    });
    expect(tenant.requests.all).toHaveLength(0);
  });

  test('refuses a single empty id', async () => {
    await expect(
      runSuite([{ ...caseOf('a', ['hi', 'greeting']), id: '' }], { client: clientOf(tenant) }),
    ).rejects.toMatchObject({ issues: [{ path: '[0].id' }] });
  });

  test.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { concurrency: 1001 },
    { timeoutMs: 0 },
    { pollIntervalMs: -1 },
    { entityMatch: 'values' as never },
  ])('refuses %j', async (options) => {
    await expect(runSuite(casesOf(1), { client: clientOf(tenant), ...options })).rejects.toMatchObject({
      name: 'ConfigurationError',
    });
  });

  test('with a journal refuses a text that canonical JSON cannot express, before anything is sent', async () => {
    const journal: SuiteJournal = { read: () => Promise.resolve({ entries: [] }), append: () => Promise.resolve() };
    const [first] = casesOf(1);
    const broken = { id: 'a', simulation: { ...caseOf('a', ['hi', 'x']).simulation, context: { name: '\ud800' } } };
    await expect(
      runSuite([...(first === undefined ? [] : [first]), broken], { client: clientOf(tenant), journal }),
    ).rejects.toMatchObject({ name: 'RequestValidationError', issues: [{ path: '' }] });
    expect(submissions()).toEqual([]);
  });

  test('refuses an option that does not exist, and names the nearest', async () => {
    const options = { client: clientOf(tenant), timeoutMS: 1 };
    await expect(runSuite(casesOf(1), options)).rejects.toThrow(
      new ConfigurationError(`runSuite: unknown option "timeoutMS"; did you mean 'timeoutMs'?`),
    );
  });

  test('without cases is over at once', async () => {
    expect(await runSuite([], { client: clientOf(tenant) })).toMatchObject({ results: [], summary: { passRate: 0 } });
  });
});

describe('an abort', () => {
  test('stops submitting and ends the polls', async () => {
    tenant.simulation.durationMs = 3_600_000;
    const abort = new AbortController();
    const onProgress = (event: SuiteProgress): void => {
      if (event.type === 'submitted' && event.id === 'case-2') abort.abort(new Error('enough'));
    };
    const running = runSuite(casesOf(20), {
      client: clientOf(tenant),
      concurrency: 3,
      pollIntervalMs: 100_000,
      onProgress,
      signal: abort.signal,
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError', cause: new Error('enough') });
    // What was on its way may still arrive: a token, and for each of the three at most a submission and a poll.
    expect(tenant.simulation.submitted).toBe(3);
    expect(tenant.requests.all.length).toBeLessThanOrEqual(7);
  });

  test('before the start sends nothing', async () => {
    await expect(runSuite(casesOf(1), { client: clientOf(tenant), signal: AbortSignal.abort() })).rejects.toMatchObject(
      { name: 'AbortError' },
    );
    expect(tenant.requests.all).toHaveLength(0);
  });
});

describe('a rate limit', () => {
  test('pauses all cases for as long as the server asks, and loses none', async () => {
    // More refusals than a call repeats; Retry-After: 0 leaves the wait to the backoff, which random() = 0 makes nothing.
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 429, retryAfter: 0 }, times: 9 });
    const pauses: number[] = [];
    const { summary } = await runSuite(casesOf(6), {
      client: clientOf(tenant, { maxRetries: 0 }),
      concurrency: 3,
      random: () => 0,
      ...fast,
      onProgress: (event) => event.type === 'paused' && pauses.push(event.delayMs),
    });
    expect(summary).toMatchObject({ passed: 6, errored: 0 });
    expect(pauses).toEqual(Array(9).fill(0));
    expect(submissions().sort()).toEqual(casesOf(6).map((_, index) => `bye ${index}`));
  });

  test('that names no wait is met by backoff', async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 429 }, times: 3 });
    const pauses: number[] = [];
    const clock = new FakeClock();
    const running = runSuite(casesOf(1), {
      client: clientOf(tenant, { maxRetries: 0 }),
      clock,
      random: () => 0.999_999,
      ...fast,
      onProgress: (event) => event.type === 'paused' && pauses.push(Math.round(event.delayMs)),
    });
    const {
      results: [result],
    } = await clock.runUntilSettled(running);
    expect(result?.status).toBe('passed');
    expect(pauses).toEqual([1000, 2000, 4000]);
    expect(result?.elapsedMs).toBeGreaterThan(6999);
  });

  test("that outlasts the case is the case's error", async () => {
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 429, retryAfter: 3600 }, times: 5 });
    const { results } = await runSuite(casesOf(1), { client: clientOf(tenant), timeoutMs: 60_000 });
    expect(results[0]).toMatchObject({ status: 'errored', error: { name: 'RateLimitError' } });
  });
});

describe('a journal', () => {
  const stateOf = (results: readonly CaseResult[]): unknown[] =>
    results.map(({ id, status, simulationId, resumed }) => [id, status, simulationId, resumed]);

  test('holds a submission before its first poll and an end before it is reported', async () => {
    const journal = new MemoryJournal();
    await runSuite(casesOf(1), {
      client: clientOf(tenant),
      journal,
      ...fast,
      onProgress: (event) =>
        event.type === 'case' && expect(journal.entries.map(({ type }) => type)).toEqual(['submitted', 'finished']),
    });
    expect(journal.entries[1]).toMatchObject({ id: 'case-0', simulationId: 'sim-1', result: { status: 'COMPLETED' } });
  });

  test('holds what errored, and why', async () => {
    const journal = new MemoryJournal();
    tenant.inject({ route: 'POST /simulations', fault: { kind: 'status', status: 500 } });
    await runSuite(casesOf(1), { client: clientOf(tenant), journal, ...fast });
    expect(journal.entries).toMatchObject([{ type: 'errored', id: 'case-0', error: { name: 'ServerError' } }]);
  });

  test('lets nothing be done twice', async () => {
    const journal = new MemoryJournal();
    const first = await runSuite(casesOf(4), { client: clientOf(tenant), journal, ...fast });
    const requests = tenant.requests.all.length;
    const again = await runSuite(casesOf(4), { client: clientOf(tenant), journal, ...fast });
    expect(tenant.requests.all).toHaveLength(requests);
    expect(stateOf(again.results)).toEqual(
      first.results.map(({ id, simulationId }) => [id, 'passed', simulationId, true]),
    );
    expect(again.summary).toEqual(first.summary);
  });

  test('polls on what was submitted, runs again what errored or changed, and judges by the assertions of now', async () => {
    const cases = [...casesOf(3), caseOf('gone', ['hi', 'greeting'])];
    const journal = new MemoryJournal();
    await runSuite(cases, { client: clientOf(tenant), journal, concurrency: 1, ...fast });
    // As if the process had died before case-1 ended, case-2 had errored, and the server had forgotten the last one.
    const cutOff = new MemoryJournal(
      journal.entries.flatMap((entry): JournalEntry[] => {
        if (entry.type === 'finished' && entry.id === 'case-2')
          return [{ type: 'errored', id: entry.id, hash: entry.hash, error: { name: 'ServerError', message: '' } }];
        return entry.type === 'finished' && entry.id !== 'case-0' ? [] : [entry];
      }),
    );
    tenant.simulation.forget('sim-4');
    const changed = cases.map((suiteCase) =>
      suiteCase.id === 'case-0' ? caseOf('case-0', ['book flight to paris', 'goodbye']) : suiteCase,
    );
    const { results } = await runSuite(changed, { client: clientOf(tenant), journal: cutOff, concurrency: 1, ...fast });
    expect(stateOf(results)).toEqual([
      ['case-0', 'failed', 'sim-5', false],
      ['case-1', 'passed', 'sim-2', false],
      ['case-2', 'passed', 'sim-3', false],
      ['gone', 'passed', 'sim-6', false],
    ]);
  });

  test('that cannot be written ends the suite', async () => {
    const journal = new MemoryJournal();
    journal.append = () => Promise.reject(new Error('disk full'));
    await expect(runSuite(casesOf(5), { client: clientOf(tenant), journal, ...fast })).rejects.toThrow('disk full');
  });
});
