import { AuthClient, ConfigurationError, HttpClient, OAuthError } from 'agent-assist-sdk';
import { encryptedStore, MemoryStore, unencryptedStore, type KeyValueStore } from 'agent-assist-sdk/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FakeClock } from '../helpers/fake-clock.js';
import { fleet } from './fleet.js';
import { issuing } from './token-server.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

const memory = (clock: FakeClock): KeyValueStore => new MemoryStore<string>({ clock });

describe('a fleet on a store with add', () => {
  it('makes one request when its members start at once, and all get the token', async () => {
    const { clock, server, member } = fleet(memory);
    server.onRequest = issuing(3600, { clock, ms: 3000 });
    const members = Array.from({ length: 8 }, () => member());
    const tokens = await clock.runUntilSettled(Promise.all(members.map((auth) => auth.getToken())));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(server.requests).toHaveLength(1);
    expect(clock.monotonic()).toBeLessThan(3500);
  });

  it('makes one request a refresh, beside the calls', async () => {
    const { clock, server, member } = fleet(memory);
    const members = Array.from({ length: 8 }, () => member());
    const all = (): Promise<string[]> => clock.runUntilSettled(Promise.all(members.map((auth) => auth.getToken())));
    await all();
    await clock.advance(3_541_000);
    // The first call of each does not wait; a later member may find the new token already.
    expect(await all()).toContain('token-1');
    // The others look into the store after the pause of their poll.
    await clock.advance(200);
    await expect.poll(async () => new Set(await all())).toEqual(new Set(['token-2']));
    expect(server.requests).toHaveLength(2);
  });

  it('lets the next one try when the one that fetches fails, at once', async () => {
    const { clock, server, member } = fleet(memory, { maxRetries: 0 });
    let asked = 0;
    server.onRequest = (request) => {
      asked += 1;
      const isFirst = asked === 1;
      clock.setTimeout(() => (isFirst ? request.answer(400, { error: 'invalid_client' }) : request.issue()), 1000);
    };
    const outcomes = await clock.runUntilSettled(
      Promise.allSettled(Array.from({ length: 4 }, () => member().getToken())),
    );
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed).toEqual([{ status: 'rejected', reason: expect.any(OAuthError) as unknown }]);
    expect(server.requests).toHaveLength(2);
    expect(clock.monotonic()).toBeLessThan(2500);
  });

  it('waits no longer than two of its own leases, whatever the lease of another process', async () => {
    const { clock, server, member } = fleet(memory, { timeoutMs: 4000 });
    server.onRequest = undefined;
    void member({ timeoutMs: 2_000_000, totalTimeoutMs: 2_000_000 }).getToken();
    await expect.poll(() => server.requests.length).toBe(1);
    server.onRequest = issuing(3600);
    expect(await clock.runUntilSettled(member().getToken())).toBe('token-1');
    expect(clock.monotonic()).toBeGreaterThanOrEqual(8000);
    expect(clock.monotonic()).toBeLessThan(8500);
  });

  it('makes one request after the process that fetches died, when its lease ends', async () => {
    const withDeadHolder = (clock: FakeClock): KeyValueStore => {
      const inner = new MemoryStore<string>({ clock });
      const add = inner.add.bind(inner);
      let hasDied = false;
      return Object.assign(inner, {
        add: (key: string, value: string, ttlMs: number) => {
          if (!hasDied) add(key, 'of a process that died', ttlMs);
          hasDied = true;
          return add(key, value, ttlMs);
        },
      });
    };
    const { clock, server, member } = fleet(withDeadHolder, { timeoutMs: 4000 });
    server.onRequest = issuing(3600, { clock, ms: 300 });
    const members = Array.from({ length: 8 }, () => member());
    const tokens = await clock.runUntilSettled(Promise.all(members.map((auth) => auth.getToken())));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(server.requests).toHaveLength(1);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(4000);
    expect(clock.monotonic()).toBeLessThan(4800);
  });

  it('takes the answer of SET NX for that of add', async () => {
    let reads = 0;
    const { clock, server, member } = fleet((ofFleet) => {
      const inner = new MemoryStore<string>({ clock: ofFleet });
      const get = inner.get.bind(inner);
      const add = inner.add.bind(inner);
      return Object.assign(inner, {
        get: (key: string) => {
          reads += 1;
          // Ends a loop that would read forever.
          if (reads > 1000) throw new Error('too many reads');
          return get(key);
        },
        add: (...entry: Parameters<typeof add>) => (add(...entry) ? 'OK' : null) as unknown as boolean,
      });
    });
    server.onRequest = issuing(3600, { clock, ms: 300 });
    const tokens = await clock.runUntilSettled(Promise.all([member().getToken(), member().getToken()]));
    expect(tokens).toEqual(['token-1', 'token-1']);
    expect(server.requests).toHaveLength(1);
    expect(reads).toBeLessThan(50);
  });

  it('ends the wait of a call by its signal', async () => {
    const { clock, server, member } = fleet(memory);
    server.onRequest = undefined;
    void member().getToken();
    await expect.poll(() => server.requests.length).toBe(1);
    const leaving = new AbortController();
    const waiting = member().getToken({ signal: leaving.signal });
    await expect.poll(() => clock.pendingDelays.length).toBeGreaterThan(1);
    leaving.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });

  it('deletes a lease that was set after its time', async () => {
    const inner = new MemoryStore<string>();
    const log: unknown[] = [];
    const late = Promise.withResolvers<undefined>();
    let isSlow = true;
    const store: KeyValueStore = {
      get: (key) => inner.get(key),
      set: (key, value, ttlMs) => inner.set(key, value, ttlMs),
      delete: (key) => {
        log.push(inner.get(key) === undefined ? 'nothing deleted' : 'deleted');
        inner.delete(key);
      },
      add: async (key, value, ttlMs) => {
        if (isSlow) await late.promise;
        isSlow = false;
        log.push('added');
        return inner.add(key, value, ttlMs);
      },
    };
    const { clock, member } = fleet(store);
    const auth = member();
    expect(await clock.runUntilSettled(auth.getToken(), 900)).toBe('token-1');
    await auth.close();
    late.resolve(undefined);
    await clock.advance(10_000);
    await expect.poll(() => log).toEqual(['added', 'deleted']);
  });
});

describe('a refused token', () => {
  it('is sent by no other instance afterwards, nor by one that starts later', async () => {
    const { clock, server, member } = fleet(memory);
    const members = Array.from({ length: 8 }, () => member());
    const all = (): Promise<string[]> =>
      clock.runUntilSettled(Promise.all([...members, member()].map((auth) => auth.getToken())));
    await all();
    members[3]?.invalidate('token-1');
    expect(await clock.runUntilSettled(members[3]?.getToken() ?? Promise.reject(new Error()))).toBe('token-2');
    expect(new Set(await all())).toEqual(new Set(['token-2']));
    members[5]?.invalidate('token-2');
    members[5]?.invalidate('token-1');
    await clock.runUntilSettled(members[5]?.getToken() ?? Promise.reject(new Error()));
    expect(new Set(await all())).toEqual(new Set(['token-3']));
    expect(server.requests).toHaveLength(3);
  });

  it('is not sent by an HttpClient that has it', async () => {
    const { clock, member } = fleet(memory);
    const sent: (string | undefined)[] = [];
    const calling = (auth: AuthClient): HttpClient =>
      new HttpClient({
        baseUrl: 'https://tenant.example',
        auth,
        transport: ({ headers }) => {
          sent.push(headers['authorization']);
          return Promise.resolve(Response.json({}, { status: sent.length === 2 ? 401 : 200 }));
        },
      });
    const [first, second] = [calling(member()), calling(member())];
    await clock.runUntilSettled(first.request({ method: 'GET', path: '/a' }));
    await clock.runUntilSettled(second.request({ method: 'GET', path: '/b' }));
    await clock.runUntilSettled(first.request({ method: 'GET', path: '/c' }));
    expect(sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
  });

  it('counts as good again when the token endpoint issues it again', async () => {
    const { clock, server, member } = fleet(memory);
    server.onRequest = (request) => {
      request.answer(200, { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 });
    };
    const [first, second] = [member(), member()];
    const all = (): Promise<string[]> =>
      clock.runUntilSettled(Promise.all([first, second].map((auth) => auth.getToken())));
    await all();
    first.invalidate('token-1');
    for (let round = 0; round < 5; round += 1) expect(await all()).toEqual(['token-1', 'token-1']);
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });

  it('costs one look into the store for calls at the same time, and one more for those that come meanwhile', async () => {
    const store = new MemoryStore();
    let looks = 0;
    const get = store.get.bind(store);
    store.get = (key) => {
      if (key.includes('-refused-')) looks += 1;
      return get(key);
    };
    const { member } = fleet(store);
    const auth = member();
    await auth.getToken();
    await Promise.all(Array.from({ length: 100 }, () => auth.getToken()));
    expect(looks).toBe(1);
    const first = auth.getToken();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, ...Array.from({ length: 100 }, () => auth.getToken())]);
    expect(looks).toBe(3);
    expect(auth.cachedToken()).toBeUndefined();
  });

  it('never comes back, whatever the members do at the same time', async () => {
    const step = fc.record({ member: fc.nat(3), refuses: fc.boolean(), afterMs: fc.nat(400) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const { clock, server, member } = fleet(memory);
        server.onRequest = issuing(3600, { clock, ms: 250 });
        const members = Array.from({ length: 4 }, () => member());
        const refused = new Set<string>();
        const broken: string[] = [];
        const calls = steps.map(async ({ member: index, refuses, afterMs }, at) => {
          await new Promise<void>((resolve) => void clock.setTimeout(resolve, at * 150 + afterMs));
          const auth = members[index];
          const before = new Set(refused);
          const token = (await auth?.getToken()) ?? '';
          if (before.has(token)) broken.push(token);
          if (!refuses || auth === undefined) return;
          auth.invalidate(token);
          // Known to all from when the refusing process itself goes on.
          await auth.getToken();
          refused.add(token);
        });
        await clock.runUntilSettled(Promise.all(calls), 900);
        expect(broken).toEqual([]);
        expect(server.requests.length).toBeLessThanOrEqual(1 + steps.filter(({ refuses }) => refuses).length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a store in the clear', () => {
  const options = { tokenUrl: 'https://tenant.example/token', clientId: 'id', clientSecret: 'secret' };

  it('is refused unless it is asked for', () => {
    const store = new Map<string, string>();
    for (const plain of [store, new MemoryStore<string>()])
      expect(() => new AuthClient({ ...options, store: plain })).toThrow(
        new ConfigurationError(
          'store: it would hold access tokens unencrypted; wrap it in encryptedStore, or in unencryptedStore to allow that',
        ),
      );
    for (const allowed of [unencryptedStore(store), encryptedStore(store, { keys: [KEY] })])
      expect(new AuthClient({ ...options, store: allowed })).toBeInstanceOf(AuthClient);
  });
});
