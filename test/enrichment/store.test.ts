import { enrich, EnrichmentCache } from 'agent-assist-sdk/enrichment';
import { MemoryStore, type KeyValueStore } from 'agent-assist-sdk/http';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

const of = (customerNumber: string) => ({ sessionId: 's', customerNumber, intent: '', variables: {} });

function world(store: KeyValueStore, clock = new FakeClock()) {
  const warnings: string[] = [];
  const log = (message: string): void => void warnings.push(message);
  const logger = { debug: () => undefined, info: log, warn: log, error: log };
  const load = vi.fn(({ customerNumber }: { customerNumber: string }) =>
    Promise.resolve({ name: customerNumber, seen: load.mock.calls.length }),
  );
  /** What one process of several finds. */
  const process = () => {
    const cache = new EnrichmentCache({ store, clock, logger });
    return async (customer: string) => (await enrich({ profile: { load } }, of(customer), { cache })).data.profile;
  };
  return { clock, load, process, warnings };
}

describe('EnrichmentCache on a store', () => {
  it('finds a part that another process loaded, for its time', async () => {
    const clock = new FakeClock();
    const store = new MemoryStore<string>({ clock });
    const { load, process } = world(store, clock);
    const [one, other] = [process(), process()];
    expect(await one('1')).toEqual({ name: '1', seen: 1 });
    await expect.poll(() => store.size).toBe(1);
    expect(await other('1')).toEqual({ name: '1', seen: 1 });
    expect(await other('2')).toEqual({ name: '2', seen: 2 });
    await clock.advance(30_000);
    expect(await one('1')).toEqual({ name: '1', seen: 3 });
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('has no customer number in a key', async () => {
    const set = vi.fn<KeyValueStore['set']>();
    const ask = world({ get: () => undefined, set, delete: vi.fn() }).process();
    await ask('C-4711');
    await expect.poll(() => set).toHaveBeenCalled();
    expect(set.mock.calls).toEqual([
      [expect.stringMatching(/^agent-assist-part-[0-9a-f]{64}$/), '{"part":{"name":"C-4711","seen":1}}', 30_000],
    ]);
  });

  it.each([7, 'no JSON', '[]', 'null'])('takes %j for no part', async (value) => {
    const { process, load } = world({ get: () => value, set: vi.fn(), delete: vi.fn() });
    expect(await process()('1')).toEqual({ name: '1', seen: 1 });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('loads where the store fails, and says so once', async () => {
    const fail = (): never => {
      throw new Error('no redis');
    };
    const { process, warnings } = world({ get: fail, set: fail, delete: fail });
    const ask = process();
    for (const customer of ['1', '2', '3']) expect(await ask(customer)).toMatchObject({ name: customer });
    expect(warnings).toEqual([
      'Enrichment store: read failed: no redis; continuing without it until it responds again',
    ]);
  });

  it('says at most once a minute that the store fails, if it refuses only writes', async () => {
    const set = (): Promise<never> => Promise.reject(new Error('READONLY'));
    const { clock, process, warnings } = world({ get: () => undefined, set, delete: vi.fn() });
    const ask = process();
    for (let second = 0; second < 90; second += 1) {
      await ask(String(second));
      await clock.advance(1000);
    }
    const fails = 'Enrichment store: write failed: READONLY; continuing without it until it responds again';
    const again = 'Enrichment store: responds again';
    expect(warnings).toEqual([fails, again, fails, again]);
  });
});
