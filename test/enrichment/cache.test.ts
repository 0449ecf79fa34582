import { describe, expect, it, vi } from 'vitest';
import { AbortError, ConfigurationError } from 'agent-assist-sdk';
import { enrich, EnrichmentCache, type EnrichmentRequest, type LoadContext } from 'agent-assist-sdk/enrichment';
import { MemoryStore } from 'agent-assist-sdk/http';
import { FakeClock } from '../helpers/fake-clock.js';

const of = (customerNumber: string, variables: Record<string, unknown> = {}) => ({
  sessionId: 's',
  customerNumber,
  intent: '',
  variables,
});

function countingSource() {
  let count = 0;
  return {
    load: vi.fn(async ({ customerNumber }: EnrichmentRequest) => Promise.resolve(`${customerNumber} ${++count}`)),
  };
}

function controlledSource() {
  const flights: {
    signal: AbortSignal;
    remainingMs: () => number;
    resolve: (value: string) => void;
    reject: (error: Error) => void;
  }[] = [];
  const load = vi.fn(async (_: unknown, { signal, remainingMs }: LoadContext) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => {
      reject(new AbortError(signal.reason));
    });
    flights.push({ signal, remainingMs, resolve, reject });
    return promise;
  });
  return { load, flights };
}

describe('EnrichmentCache', () => {
  it('reports each lookup: loaded, joined while it is loaded, found in memory or in the store', async () => {
    const results: unknown[] = [];
    const record = (one: unknown) => results.push(one);
    const store = new MemoryStore<string>();
    const sources = { a: countingSource() };
    for (const options of [{}, { store }, { store }]) {
      const cache = new EnrichmentCache({ ...options, instrumentation: { record } });
      await Promise.all([enrich(sources, of('1'), { cache }), enrich(sources, of('1'), { cache })]);
      await expect.poll(() => 'store' in options && store.size === 0).toBe(false);
      await enrich(sources, of('1'), { cache });
    }
    const lookups = (...found: string[]) => found.map((result) => ({ type: 'enrichment_lookup', result }));
    expect(results).toEqual([
      ...lookups('miss', 'joined', 'hit'),
      ...lookups('joined', 'miss', 'hit'),
      ...lookups('joined', 'hit', 'hit'),
    ]);
  });

  it('keeps a part for its time, per customer and source', async () => {
    const clock = new FakeClock();
    const cache = new EnrichmentCache({ ttlMs: 1000, clock });
    const a = countingSource();
    const b = countingSource();
    const ask = async (customer: string) => (await enrich({ a, b }, of(customer), { cache, clock })).data;
    expect(await ask('1')).toEqual({ a: '1 1', b: '1 1' });
    expect(await ask('2')).toEqual({ a: '2 2', b: '2 2' });
    await clock.advance(999);
    expect(await ask('1')).toEqual({ a: '1 1', b: '1 1' });
    await clock.advance(1);
    expect(await ask('1')).toEqual({ a: '1 3', b: '1 3' });
  });

  it('keeps parts for 30 s unless told otherwise', async () => {
    const clock = new FakeClock();
    const cache = new EnrichmentCache({ clock });
    const a = countingSource();
    for (const wait of [29_999, 1]) {
      await enrich({ a }, of('1'), { cache, clock });
      await clock.advance(wait);
    }
    await enrich({ a }, of('1'), { cache, clock });
    expect(a.load).toHaveBeenCalledTimes(2);
  });

  it('keeps parts that are undefined', async () => {
    const cache = new EnrichmentCache();
    const load = vi.fn(() => Promise.resolve(undefined));
    await enrich({ a: { load } }, of('1'), { cache });
    await enrich({ a: { load } }, of('1'), { cache });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('cannot be tricked into another customer’s or source’s part by a crafted number', async () => {
    const cache = new EnrichmentCache();
    const a = countingSource();
    const b = countingSource();
    await enrich({ a, 'a","1': b }, of('1'), { cache });
    expect((await enrich({ a }, of('1","1'), { cache })).data).toEqual({ a: '1","1 2' });
  });

  it('tells parts apart by what a source says that they depend on', async () => {
    const cache = new EnrichmentCache();
    const source = {
      ...countingSource(),
      cacheKey: ({ customerNumber, variables }: EnrichmentRequest) =>
        JSON.stringify([customerNumber, variables['order']]),
    };
    const ask = async (order: string) => (await enrich({ source }, of('1', { order }), { cache })).data.source;
    expect([await ask('x'), await ask('y'), await ask('x')]).toEqual(['1 1', '1 2', '1 1']);
  });

  it('holds no more parts than it may, the one not used for longest goes first', async () => {
    const cache = new EnrichmentCache({ maxEntries: 2 });
    const a = countingSource();
    for (const customer of ['1', '2', '1', '3', '1', '2']) await enrich({ a }, of(customer), { cache });
    expect(a.load.mock.calls.map(([{ customerNumber }]) => customerNumber)).toEqual(['1', '2', '3', '2']);
  });

  it('keeps no failure', async () => {
    const cache = new EnrichmentCache();
    const load = vi.fn(() => Promise.resolve('well')).mockRejectedValueOnce(new Error('broken'));
    await expect(enrich({ a: { load } }, of('1'), { cache })).rejects.toThrow();
    expect((await enrich({ a: { load } }, of('1'), { cache })).data).toEqual({ a: 'well' });
  });

  it('lets requests at the same time share one load, and its failure', async () => {
    const cache = new EnrichmentCache();
    const a = controlledSource();
    const asked = Array.from({ length: 100 }, () => enrich({ a }, of('1'), { cache, partial: true }));
    expect(a.load).toHaveBeenCalledTimes(1);
    a.flights[0]?.resolve('shared');
    expect(new Set((await Promise.all(asked)).map(({ data }) => data.a))).toEqual(new Set(['shared']));

    const failed = Array.from({ length: 3 }, () => enrich({ a }, of('2'), { cache, partial: true }));
    a.flights[1]?.reject(new Error('broken'));
    for (const { failures } of await Promise.all(failed))
      expect(failures).toMatchObject([{ cause: { message: 'broken' } }]);
    expect(a.load).toHaveBeenCalledTimes(2);
  });

  it('goes on with a shared load when the one who began it leaves, and ends it when the last one does', async () => {
    const cache = new EnrichmentCache();
    const a = controlledSource();
    const [first, second] = [new AbortController(), new AbortController()];
    const leavers = [first, second].map(async ({ signal }) =>
      enrich({ a }, of('1'), { cache, signal }).catch((error: unknown) => error),
    );
    first.abort();
    expect(await leavers[0]).toBeInstanceOf(AbortError);
    expect(a.flights[0]?.signal.aborted).toBe(false);
    second.abort();
    expect(await leavers[1]).toBeInstanceOf(AbortError);
    expect(a.flights[0]?.signal.aborted).toBe(true);

    const next = enrich({ a }, of('1'), { cache });
    a.flights[1]?.resolve('fresh');
    expect((await next).data).toEqual({ a: 'fresh' });
  });

  it('does not keep what arrives after everyone has left', async () => {
    const cache = new EnrichmentCache();
    const late = Promise.withResolvers<string>();
    const load = vi.fn(() => late.promise);
    const caller = new AbortController();
    const work = enrich({ a: { load } }, of('1'), { cache, signal: caller.signal }).catch(() => undefined);
    caller.abort();
    await work;
    late.resolve('late');
    await late.promise;
    await enrich({ a: { load } }, of('1'), { cache });
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('joins a load only while at least half of the joiner’s own time is left to it', async () => {
    const clock = new FakeClock();
    const cache = new EnrichmentCache({ clock });
    const a = controlledSource();
    const ask = async () => enrich({ a }, of('1'), { cache, clock, totalTimeoutMs: 1000, partial: true });
    const asked = [ask()];
    await clock.advance(500);
    asked.push(ask());
    expect(a.load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    asked.push(ask(), ask());
    expect(a.load).toHaveBeenCalledTimes(2);
    expect(a.flights[1]?.remainingMs()).toBe(1000);
    await clock.advance(499);
    expect((await asked[0])?.failures).toMatchObject([{ timedOut: true }]);
    expect(a.flights[0]?.signal.aborted).toBe(false);
    a.flights[0]?.resolve('older');
    a.flights[1]?.resolve('newer');
    expect((await Promise.all(asked.slice(1))).map(({ data }) => data.a)).toEqual(['older', 'newer', 'newer']);
    expect((await ask()).data).toEqual({ a: 'newer' });
  });

  it('forgets everything when cleared, loads under way included', async () => {
    const cache = new EnrichmentCache();
    const a = controlledSource();
    const before = enrich({ a }, of('1'), { cache });
    cache.clear();
    a.flights[0]?.resolve('old');
    expect((await before).data).toEqual({ a: 'old' });
    const after = enrich({ a }, of('1'), { cache });
    a.flights[1]?.resolve('new');
    expect((await after).data).toEqual({ a: 'new' });
    cache.clear();
    void enrich({ a }, of('1'), { cache }).catch(() => undefined);
    expect(a.load).toHaveBeenCalledTimes(3);
    a.flights[2]?.resolve('newest');
  });

  it('shares loads and keeps nothing with a time of 0', async () => {
    const cache = new EnrichmentCache({ ttlMs: 0 });
    const a = countingSource();
    await Promise.all([enrich({ a }, of('1'), { cache }), enrich({ a }, of('1'), { cache })]);
    expect(a.load).toHaveBeenCalledTimes(1);
    await enrich({ a }, of('1'), { cache });
    expect(a.load).toHaveBeenCalledTimes(2);
  });

  it.each([{ ttlMs: -1 }, { ttlMs: 0.5 }, { maxEntries: 0 }, { maxEntries: Infinity }])('refuses %j', (options) => {
    expect(() => new EnrichmentCache(options)).toThrow(ConfigurationError);
  });
});
