import { Keyv } from 'keyv';
import { describe, expect, it, vi } from 'vitest';
import { TimeoutError, type WebhookVerificationError } from 'agent-assist-sdk';
import { MemoryStore, type KeyValueStore } from 'agent-assist-sdk/http';
import { FakeClock } from '../helpers/fake-clock.js';
import { generateWebhookSecret, verifyWebhook } from 'agent-assist-sdk/webhooks';
import { SECRET, setup, outcome, request, alert } from './receiver.js';

/** The key of `msg_1` in a store. */
const KEY = expect.stringMatching(/^[0-9a-f]{16}:msg_1$/) as string;

describe.each([
  ['MemoryStore', (clock: FakeClock) => new MemoryStore({ clock })],
  ['Keyv', () => new Keyv()],
])('with a store (%s)', (_, store) => {
  it('handles a webhook once and answers 204 to its repeats', async () => {
    const clock = new FakeClock();
    const onUnknown = vi.fn();
    const { receive } = setup({ clock, onUnknown, seen: store(clock) });
    const again = async (): Promise<[number, unknown]> => outcome(receive(await request(clock)));
    expect([await again(), await again(), await again()]).toEqual([
      [204, undefined],
      [204, undefined],
      [204, undefined],
    ]);
    expect(onUnknown).toHaveBeenCalledTimes(1);
    expect(await outcome(receive(await request(clock, alert, 'msg_2')))).toEqual([204, undefined]);
    expect(onUnknown).toHaveBeenCalledTimes(2);
  });

  it('lets the repeat in after a failure', async () => {
    const clock = new FakeClock();
    const onUnknown = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValueOnce(undefined);
    const { receive } = setup({ clock, onUnknown, seen: store(clock) });
    expect((await outcome(receive(await request(clock))))[0]).toBe(500);
    expect((await outcome(receive(await request(clock))))[0]).toBe(204);
    expect((await outcome(receive(await request(clock))))[0]).toBe(204);
    expect(onUnknown).toHaveBeenCalledTimes(2);
  });

  it('does not remember what was refused', async () => {
    const clock = new FakeClock();
    const onUnknown = vi.fn();
    const { receive } = setup({ clock, onUnknown, seen: store(clock) });
    const forged = new Request(await request(clock), { body: '{}' });
    expect((await outcome(receive(forged)))[0]).toBe(401);
    expect((await outcome(receive(await request(clock, '{}'))))[0]).toBe(400);
    expect((await outcome(receive(await request(clock))))[0]).toBe(204);
    expect(onUnknown).toHaveBeenCalledTimes(1);
  });

  it('answers 409 to one that arrives while the same is being handled', async () => {
    const clock = new FakeClock();
    const gate = Promise.withResolvers<undefined>();
    const onUnknown = vi.fn(() => gate.promise);
    const { receive } = setup({ clock, onUnknown, seen: store(clock) });
    const requests = await Promise.all([request(clock), request(clock), request(clock)]);
    const answered: number[] = [];
    const answers = requests.map(async (given) => answered.push((await outcome(receive(given)))[0]));
    await expect.poll(() => answered).toEqual([409, 409]);
    gate.resolve(undefined);
    await Promise.all(answers);
    expect(answered).toEqual([409, 409, 204]);
    expect(onUnknown).toHaveBeenCalledTimes(1);
  });
});

describe('a rotation of secrets', () => {
  const NEW_SECRET = generateWebhookSecret();
  /** The receiver's secrets and the sender's, step by step. */
  const steps: readonly (readonly [readonly string[], string])[] = [
    [[SECRET], SECRET],
    [[NEW_SECRET, SECRET], SECRET],
    [[NEW_SECRET, SECRET], NEW_SECRET],
    [[NEW_SECRET], NEW_SECRET],
  ];

  it('does not make the receiver handle a webhook again', async () => {
    const clock = new FakeClock();
    const onUnknown = vi.fn();
    const seen = new MemoryStore({ clock });
    for (const [secrets, secret] of steps) {
      const { receive } = setup({ clock, onUnknown, seen, secrets });
      expect(await outcome(receive(await request(clock, alert, 'msg_1', secret)))).toEqual([204, undefined]);
    }
    expect(onUnknown).toHaveBeenCalledTimes(1);
  });

  it('does not make verifyWebhook accept a webhook again', async () => {
    const clock = new FakeClock();
    const seen = new MemoryStore({ clock });
    const accepted: unknown[] = [];
    for (const [secrets, secret] of steps) {
      const given = await request(clock, alert, 'msg_1', secret);
      const verified = verifyWebhook(await given.text(), given.headers, secrets, { seen, clock });
      accepted.push(
        await verified.then(
          ({ type }) => type,
          (error: unknown) => (error as WebhookVerificationError).reason,
        ),
      );
    }
    expect(accepted).toEqual([alert.type, 'replayed', 'replayed', 'replayed']);
  });

  it('does not make a duplicate fail if the store does', async () => {
    const store = new MemoryStore();
    const set = vi.fn().mockRejectedValue(new Error('no redis'));
    const first = setup({ seen: store });
    await first.receive(await request(first.clock));
    const seen = {
      get: (key: string) => store.get(key),
      add: store.add.bind(store),
      set,
      delete: store.delete.bind(store),
    };
    const again = setup({ seen, secrets: [NEW_SECRET, SECRET] });
    expect(await outcome(again.receive(await request(again.clock)))).toEqual([204, undefined]);
    expect(again.errors).toEqual([new Error('no redis')]);
  });
});

describe('the store', () => {
  it('holds an id while its event is handled, for no longer than twice the limit, then for a day', async () => {
    const set = vi.fn();
    const { clock, receive } = setup({ seen: { get: () => undefined, set, delete: vi.fn() } });
    await receive(await request(clock));
    expect(set.mock.calls).toEqual([
      [KEY, expect.stringMatching(/^handling:/), 20_000],
      [KEY, 'done', 86_400_000],
    ]);
  });

  it('keeps a webhook that another process handled after the reservation of a handler that fails late', async () => {
    const clock = new FakeClock();
    const seen = new MemoryStore<string>({ clock });
    const gate = Promise.withResolvers<undefined>();
    const onUnknown = vi.fn().mockImplementationOnce(() => gate.promise);
    // Suspended: its timers are late.
    const suspended = new FakeClock();
    const late = setup({ onUnknown, seen, clock: suspended }).receive(await request(clock));
    await expect.poll(() => onUnknown).toHaveBeenCalledTimes(1);
    await clock.advance(20_001);
    const other = setup({ onUnknown, seen, clock });
    expect(await outcome(other.receive(await request(clock)))).toEqual([204, undefined]);
    gate.reject(new Error('late'));
    expect(await outcome(late)).toEqual([500, 'handler_failed']);
    expect(await outcome(other.receive(await request(clock)))).toEqual([204, undefined]);
    expect(onUnknown).toHaveBeenCalledTimes(2);
  });

  it('remembers at least as long as a signature stays valid', async () => {
    const set = vi.fn();
    const { clock, receive } = setup({
      seenTtlMs: 1,
      toleranceMs: 7_000,
      seen: { get: () => null, set, delete: vi.fn() },
    });
    await receive(await request(clock));
    expect(set).toHaveBeenLastCalledWith(KEY, 'done', 14_000);
  });

  it('that fails before the handler makes the sender repeat, and after it does not', async () => {
    const onUnknown = vi.fn();
    const failing = { get: () => Promise.reject(new Error('no redis')), set: vi.fn(), delete: vi.fn() };
    const before = setup({ onUnknown, seen: failing });
    expect((await outcome(before.receive(await request(before.clock))))[0]).toBe(500);
    expect(onUnknown).not.toHaveBeenCalled();
    const set = vi.fn().mockResolvedValueOnce(true).mockRejectedValueOnce(new Error('no redis'));
    const after = setup({ onUnknown, seen: { get: () => undefined, set, delete: vi.fn() } });
    expect((await outcome(after.receive(await request(after.clock))))[0]).toBe(204);
    expect(after.errors).toEqual([new Error('no redis')]);
  });

  const never = (): Promise<never> => new Promise(() => undefined);

  it('that does not answer before the handler makes the sender repeat, and holds no id', async () => {
    const memory = new MemoryStore();
    const store: KeyValueStore = {
      get: (key) => memory.get(key),
      set: (key, value, ttlMs) => memory.set(key, value, ttlMs),
      delete: (key) => memory.delete(key),
    };
    const asked = Promise.withResolvers<unknown>();
    const get = vi.spyOn(store, 'get').mockImplementationOnce(() => asked.promise);
    const set = vi.spyOn(store, 'set');
    const onUnknown = vi.fn();
    const { clock, receive, errors } = setup({ onUnknown, seen: store, timeoutMs: 200 });
    const first = receive(await request(clock));
    await expect.poll(() => get).toHaveBeenCalled();
    await clock.advance(200);
    expect(await outcome(first)).toEqual([500, 'handler_failed']);
    expect(errors).toEqual([expect.any(TimeoutError)]);
    asked.resolve(undefined);
    await clock.advance(0);
    expect(set).not.toHaveBeenCalled();
    expect(onUnknown).not.toHaveBeenCalled();
    expect(await outcome(receive(await request(clock)))).toEqual([204, undefined]);
    expect(clock.pendingDelays).toEqual([]);
  });

  it('whose answer to a claim is lost holds no id', async () => {
    const memory = new MemoryStore<string>();
    const add = vi.spyOn(memory, 'add').mockImplementation((key, value, ttlMs) => {
      add.mockRestore();
      memory.add(key, value, ttlMs);
      throw new Error('Socket closed unexpectedly');
    });
    const onUnknown = vi.fn();
    const { clock, receive } = setup({ onUnknown, seen: memory });
    expect(await outcome(receive(await request(clock)))).toEqual([500, 'handler_failed']);
    await expect.poll(() => memory.size).toBe(0);
    expect(await outcome(receive(await request(clock)))).toEqual([204, undefined]);
    expect(onUnknown).toHaveBeenCalledTimes(1);
  });

  it('that does not take an id makes the sender repeat', async () => {
    const set = vi.fn(never);
    const onUnknown = vi.fn();
    const { clock, receive, errors } = setup({
      onUnknown,
      timeoutMs: 200,
      seen: { get: () => undefined, set, delete: vi.fn() },
    });
    for (const attempt of [1, 2]) {
      const response = receive(await request(clock));
      await expect.poll(() => set).toHaveBeenCalledTimes(attempt);
      await clock.advance(200);
      expect(await outcome(response)).toEqual([500, 'handler_failed']);
    }
    expect(errors).toEqual([expect.any(TimeoutError), expect.any(TimeoutError)]);
    expect(onUnknown).not.toHaveBeenCalled();
  });

  it('that does not answer after the handler is waited for no longer than the limit', async () => {
    const set = vi.fn().mockResolvedValueOnce(true).mockImplementationOnce(never);
    const { clock, receive, errors } = setup({ timeoutMs: 200, seen: { get: () => undefined, set, delete: vi.fn() } });
    const response = receive(await request(clock));
    await expect.poll(() => set).toHaveBeenCalledTimes(2);
    await clock.advance(200);
    expect(await outcome(response)).toEqual([204, undefined]);
    expect(errors).toEqual([expect.any(TimeoutError)]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no redis');
      },
      new Error('no redis'),
    ],
    ['rejects', () => Promise.reject(new Error('no redis')), new Error('no redis')],
    ['does not answer', never, expect.any(TimeoutError)],
  ])(
    'that %s when a failed webhook is to be forgotten does not hide why it failed',
    async (_, forget, expected: unknown) => {
      const forgetting = vi.fn(forget);
      const onUnknown = (): never => {
        throw new Error('handler');
      };
      const memory = new MemoryStore<string>();
      const seen: KeyValueStore = {
        get: (key) => memory.get(key),
        set: (key, value, ttlMs) => memory.set(key, value, ttlMs),
        delete: forgetting,
      };
      const { clock, receive, errors } = setup({ onUnknown, timeoutMs: 200, seen });
      const response = receive(await request(clock));
      await expect.poll(() => forgetting).toHaveBeenCalledWith(KEY);
      await clock.advance(200);
      expect(await outcome(response)).toEqual([500, 'handler_failed']);
      expect(errors).toEqual([new Error('handler'), expected]);
    },
  );
});
