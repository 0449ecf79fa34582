import { describe, expect, it, vi } from 'vitest';
import { AbortError, ConfigurationError, EnrichmentError, HttpClient, RequestValidationError } from 'agent-assist-sdk';
import {
  CustomerDataClient,
  customerDataSources,
  enrich,
  EnrichmentCache,
  type EnrichmentSource,
  type LoadContext,
} from 'agent-assist-sdk/enrichment';
import { FakeClock } from '../helpers/fake-clock.js';

const request = { sessionId: 's', customerNumber: 'CUST-1', intent: '' };

/** A load that ends when the test says so, or with its signal. */
function controlled<T>() {
  const loads: {
    context: LoadContext;
    resolve: (value: T) => void;
    reject: (error: Error) => void;
    ended: () => boolean;
  }[] = [];
  const load = vi.fn(async (_request: unknown, context: LoadContext): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    context.signal.addEventListener('abort', () => {
      reject(new AbortError(context.signal.reason));
    });
    loads.push({ context, resolve, reject, ended: () => context.signal.aborted });
    return promise;
  });
  return { load, loads };
}

const hanging = (): EnrichmentSource<string> => ({ load: () => new Promise<string>(() => undefined) });
const answering = <T>(value: T): EnrichmentSource<T> => ({ load: () => Promise.resolve(value) });
const failing = (error = new Error('broken')): EnrichmentSource<string> => ({ load: () => Promise.reject(error) });

async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('enrich', () => {
  it('loads all parts at once and hands the checked request to each', async () => {
    const a = controlled<string>();
    const b = controlled<number>();
    const work = enrich({ a, b }, request);
    expect([a.load.mock.calls.length, b.load.mock.calls.length]).toEqual([1, 1]);
    expect(a.load.mock.calls[0]?.[0]).toEqual({ ...request, variables: {} });
    b.loads[0]?.resolve(2);
    a.loads[0]?.resolve('one');
    expect(await work).toEqual({ data: { a: 'one', b: 2 }, failures: [] });
  });

  it('refuses a request that breaks its rules before any source is asked', async () => {
    const a = controlled<string>();
    const error = await rejectionOf(enrich({ a }, { sessionId: '', customerNumber: '', intent: 1 } as never));
    expect(error).toBeInstanceOf(RequestValidationError);
    expect((error as RequestValidationError).issues.map(({ path }) => path)).toEqual([
      'sessionId',
      'customerNumber',
      'intent',
    ]);
    expect(a.load).not.toHaveBeenCalled();
  });

  it.each([0, -1, Number.NaN, Infinity])('refuses a deadline of %d ms', async (totalTimeoutMs) => {
    await expect(enrich({}, request, { totalTimeoutMs })).rejects.toThrow(ConfigurationError);
  });

  it('refuses an unknown option before any source is called', async () => {
    const options: object = { timeoutMs: 50 };
    await expect(enrich({}, request, options)).rejects.toThrow('enrich: unknown option "timeoutMs"');
  });

  it('refuses a source with a limit that is none', async () => {
    await expect(enrich({ a: { ...answering(1), timeoutMs: 0 } }, request)).rejects.toThrow(/a\.timeoutMs/);
  });

  it('fails as soon as a required source fails, and aborts the others', async () => {
    const slow = controlled<string>();
    const error = await rejectionOf(enrich({ slow, broken: failing() }, request));
    expect(error).toBeInstanceOf(EnrichmentError);
    expect(error).toMatchObject({ source: 'broken', timedOut: false, cause: { message: 'broken' } });
    expect(slow.loads[0]?.ended()).toBe(true);
  });

  it('takes a source that throws at once for one that failed', async () => {
    const throwing: EnrichmentSource = {
      load: () => {
        throw new Error('at once');
      },
    };
    expect(await rejectionOf(enrich({ throwing }, request))).toMatchObject({
      source: 'throwing',
      cause: { message: 'at once' },
    });
  });

  it('aborts nothing that the answer needs, and everything once it stands', async () => {
    const a = controlled<string>();
    const work = enrich({ a }, request);
    expect(a.loads[0]?.ended()).toBe(false);
    a.loads[0]?.resolve('one');
    await work;
    expect(a.loads[0]?.ended()).toBe(true);
  });

  it('leaves the parts of failed sources empty when partial results are allowed', async () => {
    const empty: readonly string[] = [];
    const { data, failures } = await enrich(
      { a: answering('a'), b: failing(), c: { load: () => Promise.reject(new Error()), empty } },
      request,
      { partial: true },
    );
    expect(data).toEqual({ a: 'a', b: null, c: [] });
    expect(failures.map(({ source, timedOut }) => ({ source, timedOut }))).toEqual([
      { source: 'b', timedOut: false },
      { source: 'c', timedOut: false },
    ]);
  });

  it('lets a source decide for itself whether it is required', async () => {
    expect((await enrich({ a: { ...failing(), required: false } }, request)).data).toEqual({ a: null });
    await expect(enrich({ a: { ...failing(), required: true } }, request, { partial: true })).rejects.toThrow(
      EnrichmentError,
    );
  });

  it('answers at the deadline, even when a source ignores its signal', async () => {
    const clock = new FakeClock();
    const work = rejectionOf(enrich({ a: answering(1), b: hanging() }, request, { clock }));
    let settled = false;
    void work.then(() => {
      settled = true;
    });
    await clock.advance(4499);
    expect(settled).toBe(false);
    await clock.advance(1);
    expect(await work).toMatchObject({ source: 'b', timedOut: true });
    expect(clock.pendingDelays).toEqual([]);
  });

  it('names the last failure of a load that is still being retried at the limit', async () => {
    const clock = new FakeClock();
    const http = new HttpClient({
      baseUrl: 'http://company.test',
      clock,
      fetch: vi
        .fn(() => new Promise<Response>(() => undefined))
        .mockResolvedValueOnce(new Response(null, { status: 500 })),
      random: () => 0,
    });
    const sources = customerDataSources(new CustomerDataClient(http));
    const work = rejectionOf(enrich({ tickets: { load: sources.openTickets.load } }, request, { clock }));
    await clock.advance(4500);
    expect(await work).toMatchObject({
      name: 'EnrichmentError',
      timedOut: true,
      cause: { name: 'TimeoutError', cause: { name: 'ServerError' } },
    });
  });

  it('calls no source whose time is over', async () => {
    const clock = new FakeClock();
    let reads = 0;
    // Between the start and the load, the process is held up.
    vi.spyOn(clock, 'monotonic').mockImplementation(() => 5 * reads++);
    const a = { load: vi.fn(() => Promise.resolve(1)) };
    const error = await rejectionOf(enrich({ a }, request, { clock, totalTimeoutMs: 5 }));
    expect(error).toMatchObject({ source: 'a', timedOut: true });
    expect(a.load).not.toHaveBeenCalled();
  });

  it('gives the parts that are there at the deadline when partial results are allowed', async () => {
    const clock = new FakeClock();
    const work = enrich({ a: answering(1), b: hanging() }, request, { clock, partial: true, totalTimeoutMs: 100 });
    await clock.advance(100);
    const { data, failures } = await work;
    expect(data).toEqual({ a: 1, b: null });
    expect(failures).toMatchObject([{ source: 'b', timedOut: true }]);
  });

  it('ends a source at its own limit', async () => {
    const clock = new FakeClock();
    const slow = controlled<string>();
    const work = enrich({ a: { ...slow, timeoutMs: 50, required: false }, b: answering(2) }, request, { clock });
    expect(slow.loads[0]?.context.remainingMs()).toBe(50);
    await clock.advance(50);
    expect(await work).toMatchObject({ data: { a: null, b: 2 }, failures: [{ source: 'a', timedOut: true }] });
    expect(clock.pendingDelays).toEqual([]);
  });

  it('never gives a source more time than the whole has', async () => {
    const clock = new FakeClock();
    const slow = controlled<string>();
    const work = rejectionOf(enrich({ a: { ...slow, timeoutMs: 5000 } }, request, { clock, totalTimeoutMs: 70 }));
    expect(slow.loads[0]?.context.remainingMs()).toBe(70);
    await clock.advance(30);
    expect(slow.loads[0]?.context.remainingMs()).toBe(40);
    await clock.advance(40);
    expect(await work).toMatchObject({ timedOut: true });
    expect(slow.loads[0]?.context.remainingMs()).toBe(0);
  });

  it('ends with the caller’s signal, also where parts may be missing', async () => {
    const clock = new FakeClock();
    const slow = controlled<string>();
    const caller = new AbortController();
    const work = rejectionOf(
      enrich({ a: { ...slow, timeoutMs: 50 } }, request, { clock, partial: true, signal: caller.signal }),
    );
    caller.abort('gone');
    expect(await work).toMatchObject({ name: 'AbortError', cause: 'gone' });
    expect(slow.loads[0]?.ended()).toBe(true);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('asks nobody when the caller is gone already', async () => {
    const slow = controlled<string>();
    await expect(enrich({ a: slow }, request, { signal: AbortSignal.abort() })).rejects.toThrow(AbortError);
    await expect(
      enrich({ a: slow }, request, { signal: AbortSignal.abort(), cache: new EnrichmentCache() }),
    ).rejects.toThrow(AbortError);
    expect(slow.load).not.toHaveBeenCalled();
  });

  it('leaves no listener on the caller’s signal', async () => {
    const caller = new AbortController();
    const added = vi.spyOn(caller.signal, 'addEventListener');
    const removed = vi.spyOn(caller.signal, 'removeEventListener');
    await enrich({ a: answering(1) }, request, { signal: caller.signal });
    expect(added).toHaveBeenCalled();
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  });
});
