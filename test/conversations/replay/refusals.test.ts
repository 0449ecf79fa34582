import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { engineTarget, replay, serviceTarget, VirtualClock } from 'agent-assist-sdk/conversations';
import { recordingPath } from '../helpers.js';

const HEADER = '{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}';
const deliver = (): undefined => undefined;

/** Writes a recording of two events. */
async function recording(): Promise<{ readonly path: string; readonly outcomes: string }> {
  const path = await recordingPath();
  const lines = [0, 1].map((offsetMs) => JSON.stringify({ offsetMs, event: { type: 'X' } }));
  await writeFile(path, [HEADER, ...lines, ''].join('\n'));
  return { path, outcomes: join(path, '..', 'outcomes.jsonl') };
}

const statusesIn = async (path: string): Promise<unknown[]> =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { status?: string }).status ?? []);

describe('the file of outcomes', () => {
  it('cannot take the place of a recording that stands for several files', async () => {
    const path = await recordingPath();
    const span = path.replace('.jsonl', '-20260131T090000.000Z.jsonl');
    await writeFile(span, `${HEADER}\n{"offsetMs":0,"event":{"type":"X"}}\n`);
    for (const source of [path, span, [span]]) {
      await expect(replay(source, { deliver }, { outcomes: path })).rejects.toThrow(ConfigurationError);
      await expect(replay(source, { deliver }, { outcomes: path })).rejects.toThrow('is a recording');
    }
    expect(await readdir(join(path, '..'))).toEqual(['calls-20260131T090000.000Z.jsonl']);
    expect(await replay(path, { deliver })).toMatchObject({ events: 1 });
  });

  it('is that of one replay if two write it at once, and nothing stays of the one that failed', async () => {
    const { path, outcomes } = await recording();
    const [arrived, go] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const effect = { asked: [], calls: 0 };
    const deliverLate = async (): Promise<never> => {
      arrived.resolve(undefined);
      await go.promise;
      throw new Error('no service');
    };
    const failing = replay(path, { deliver: deliverLate }, { outcomes });
    await arrived.promise;
    await replay(path, { deliver: () => ({ ...effect, status: 'mine' }) }, { outcomes });
    go.resolve(undefined);
    await expect(failing).rejects.toThrow('no service');
    expect(await statusesIn(outcomes)).toEqual(['mine', 'mine']);
    const runs = ['one', 'other'].map((status) =>
      replay(path, { deliver: () => Promise.resolve({ ...effect, status }) }, { outcomes }),
    );
    expect(await Promise.all(runs)).toHaveLength(2);
    const statuses = await statusesIn(outcomes);
    expect(statuses).toEqual(Array(2).fill(statuses[0]));
    expect((await readdir(join(path, '..'))).sort()).toEqual(['calls.jsonl', 'outcomes.jsonl']);
  });
});

describe('a target that returns no effect', () => {
  const fine = { asked: [], calls: 0 };
  const circular = { card: {} };
  circular.card = circular;
  it.each<[string, unknown]>([
    ['expected the effect of the event', null],
    ['expected the effect of the event', 5],
    ['expected the effect of the event', []],
    ['asked:', {}],
    ['calls:', { asked: [] }],
    ['calls:', { ...fine, calls: '2' }],
    ['calls:', { ...fine, calls: -3 }],
    ['calls:', { ...fine, calls: 1.5 }],
    ['asked[0]:', { ...fine, asked: [null] }],
    ['asked[1].text:', { ...fine, asked: [{ text: 'a' }, { text: 1 }] }],
    ['asked[0].call:', { ...fine, asked: [{ text: 'a', call: 1 }] }],
    ['asked[0].reasons:', { ...fine, asked: [{ text: 'a', reasons: 'keyword' }] }],
    ['asked[0].reasons[1]:', { ...fine, asked: [{ text: 'a', reasons: ['b', 1] }] }],
    ['shown:', { ...fine, shown: 'card' }],
    ['status:', { ...fine, status: 1 }],
    ['error:', { ...fine, error: null }],
    ['interactionId:', { ...fine, interactionId: 7 }],
    ['the effect cannot be written as JSON', { ...fine, shown: [{ price: BigInt(5) }] }],
    ['the effect cannot be written as JSON', { ...fine, shown: [circular] }],
  ])('is refused with the name of the field: %s %o', async (name, effect) => {
    const { path, outcomes } = await recording();
    for (const given of [() => effect, () => Promise.resolve(effect)]) {
      const failed = replay(path, { deliver: given } as never, { outcomes });
      await expect(failed).rejects.toThrow(ConfigurationError);
      await expect(failed).rejects.toThrow(`deliver: ${name}`);
    }
    expect(await readdir(join(path, '..'))).toEqual(['calls.jsonl']);
  });
});

describe('options of plain JavaScript', () => {
  const client = { suggest: () => Promise.resolve({ suggestions: [] }) };
  const calls = { total: 0, all: [] };
  const send = (): number => 1;

  it('are refused by a target with a ConfigurationError', () => {
    expect(() => engineTarget(undefined as never)).toThrow(ConfigurationError);
    expect(() => engineTarget({ client, clock: new VirtualClock() } as never)).toThrow('unknown option "clock"');
    expect(() => engineTarget({ client, trigers: [] } as never)).toThrow("did you mean 'triggers'");
    for (const clock of [{}, null, { now: send }])
      expect(() => serviceTarget({ send, calls, clock } as never)).toThrow(ConfigurationError);
    for (const given of [{}, { total: 0 }, { total: '0', all: [] }, null])
      expect(() => serviceTarget({ send, calls: given } as never)).toThrow(
        'calls: expected the calls of the service, e.g. tenant.requests',
      );
  });

  it('are refused by a replay with a ConfigurationError', async () => {
    const { path } = await recording();
    for (const clock of [{}, null])
      await expect(replay(path, { deliver }, { clock: clock as never })).rejects.toThrow(ConfigurationError);
  });
});
