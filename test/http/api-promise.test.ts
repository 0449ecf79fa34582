import { tracingChannel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { assert, describe, expect, it } from 'vitest';
import { ApiPromise, ConfigurationError, HttpClient, type ApiResponse } from 'agent-assist-sdk';
import * as z from 'zod/mini';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { unhandledRejections } from '../helpers/unhandled.js';

const call = { method: 'GET', path: '/', response: z.looseObject({ n: z.number() }) } as const;

const responseOf = <T>(data: T): ApiResponse<T> => ({
  data,
  status: 200,
  headers: new Headers(),
  requestId: undefined,
  attempts: 1,
  omitted: [],
});

describe('the promise of a call', () => {
  it('is one for a tracing channel: values stay values and failures stay failures', async () => {
    await using server = await scriptedServer(answer(200, { n: 1 }), answer(404));
    const http = new HttpClient({ baseUrl: server.url });
    const channel = tracingChannel('agent-assist-sdk-test');
    const seen: unknown[] = [];
    channel.subscribe({
      start: () => undefined,
      end: () => undefined,
      asyncStart: () => undefined,
      asyncEnd: (message) => seen.push((message as { result?: unknown }).result),
      error: ({ error }) => seen.push((error as Error).name),
    });
    const traced = (): Promise<{ n: number }> => channel.tracePromise(() => http.request(call));
    expect(await traced()).toEqual({ n: 1 });
    await expect(traced()).rejects.toMatchObject({ status: 404 });
    expect(seen).toEqual([{ n: 1 }, 'NotFoundError', undefined]);
  });

  it('does not keep its request alive', async () => {
    await using server = await scriptedServer(answer(200, { n: 1 }));
    const http = new HttpClient({ baseUrl: server.url });
    const start = (): [ApiPromise<{ n: number }>, WeakRef<object>] => {
      const refusal = (): undefined => undefined;
      return [http.request({ ...call, refusal }), new WeakRef(refusal)];
    };
    const [promise, request] = start();
    await promise;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const kept = (): object | undefined => {
      collect();
      return request.deref();
    };
    // A WeakRef keeps its target until the end of the turn; on a busy machine the connection ends some turns later.
    await expect.poll(kept).toBeUndefined();
    expect(await promise.withResponse()).toMatchObject({ attempts: 1 });
  });

  it('settles itself, for whoever uses the intrinsic then', async () => {
    const intrinsic = Object.getOwnPropertyDescriptor(Promise.prototype, 'then')?.value as typeof Reflect.apply;
    const then = (promise: Promise<unknown>): Promise<unknown> =>
      new Promise((resolve, reject) => void Reflect.apply(intrinsic, promise, [resolve, reject]));
    expect(await then(ApiPromise.from(Promise.resolve(responseOf(5))))).toBe(5);
    await expect(then(ApiPromise.from(Promise.reject(new Error('no'))))).rejects.toThrow('no');
  });

  it('has the statics of a promise', async () => {
    const one = ApiPromise.from(Promise.resolve(responseOf(1)));
    const failed = ApiPromise.from<number>(Promise.reject(new Error('no')));
    expect(await ApiPromise.all([one, 2])).toEqual([1, 2]);
    expect(await ApiPromise.race([one])).toBe(1);
    expect(await ApiPromise.any([failed, one])).toBe(1);
    expect(await ApiPromise.allSettled([one])).toEqual([{ status: 'fulfilled', value: 1 }]);
    expect(await ApiPromise.resolve(one)).toBe(1);
    await expect(ApiPromise.reject(new Error('mine'))).rejects.toThrow('mine');
    const { promise, resolve } = ApiPromise.withResolvers<number>();
    resolve(3);
    expect(await promise).toBe(3);
    expect(await Promise.all([one, one.then((n) => n + 1)])).toEqual([1, 2]);
  });

  it('has ordinary promises as children, and is one of its class itself', async () => {
    const one = ApiPromise.from(Promise.resolve(responseOf(1)));
    const children = [one.then(), one.catch(() => 0), one.finally(() => undefined)];
    expect(children.map(({ constructor }) => constructor)).toEqual([Promise, Promise, Promise]);
    expect(await Promise.all(children)).toEqual([1, 1, 1]);
    expect(one).toBeInstanceOf(ApiPromise);
  });

  it('shows its state to util.inspect', async () => {
    const one = ApiPromise.from(Promise.resolve(responseOf({ n: 1 })));
    expect(inspect(one)).toBe('ApiPromise { <pending> }');
    await one;
    expect(inspect(one)).toBe('ApiPromise { { n: 1 } }');
  });

  it('has no response where there was no call', async () => {
    const combined = ApiPromise.resolve(1);
    assert.instanceOf(combined, ApiPromise);
    await expect(combined.withResponse()).rejects.toThrow(ConfigurationError);
  });
});

describe('a call that fails', () => {
  const failing = (): ApiPromise<number> => ApiPromise.from<number>(Promise.reject(new Error('no')));

  it('is reported once as unhandled when nobody looks at it', async () => {
    await using unhandled = unhandledRejections();
    void failing();
    expect(await unhandled.seen()).toEqual([new Error('no')]);
  });

  it('is reported once when only its response was asked for, and nobody looks at that', async () => {
    await using unhandled = unhandledRejections();
    void failing().withResponse();
    expect(await unhandled.seen()).toEqual([new Error('no')]);
  });

  it.each([
    ['await', (promise: ApiPromise<number>) => promise.catch(() => 0)],
    ['withResponse()', (promise: ApiPromise<number>) => promise.withResponse().catch(() => 0)],
    ['finally', (promise: ApiPromise<number>) => promise.finally(() => 0).catch(() => 0)],
    ['all', (promise: ApiPromise<number>) => Promise.all([promise, promise]).catch(() => 0)],
  ])('leaves nothing unhandled behind once caught after %s', async (_, look) => {
    await using unhandled = unhandledRejections();
    await look(failing());
    expect(await unhandled.seen()).toEqual([]);
  });
});
