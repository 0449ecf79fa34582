import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConversations, sampleConversations, startTenant, type Conversation } from 'agent-assist-sdk/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';
import { connect, ended } from './helpers.js';
import { suggestionsFor, defaultPlaybook } from '../../src/testing/fixtures/playbook.js';
import { valence } from '../../src/testing/nlu/valence.js';
import { fragmentsOf } from '../../src/testing/stream/play.js';

const talk: Conversation = {
  id: 'talk',
  turns: [
    { text: 'I want to cancel, this is terrible service.' },
    { speaker: 'agent', text: 'I am sorry.' },
    { speaker: 'customer', text: 'Great, thanks.' },
  ],
};

describe('playing a conversation', () => {
  it('sends what the protocol names, in order, with the times of the conversation', async () => {
    const clock = new FakeClock();
    await using tenant = await startTenant({ clock, heartbeatIntervalMs: Infinity });
    const { socket, frames } = await connect(tenant);
    const playing = tenant.play(talk, { interactionId: 'i-1', agentId: 'a-1' });
    const { events } = await clock.runUntilSettled(playing);
    tenant.stream.closeAll();
    await ended(socket);

    const start = Date.parse('2026-01-01T00:00:00Z');
    const at = (ms: number): string => new Date(start + ms).toISOString();
    const fragment = (speaker: string, text: string, ms: number): object => ({
      type: 'TRANSCRIPT_FRAGMENT',
      interactionId: 'i-1',
      text,
      speaker,
      timestamp: at(ms),
    });
    const update = (speaker: string, transcript: string, sentimentScore: number): object => ({
      type: 'INTERACTION_UPDATE',
      payload: { interactionId: 'i-1', transcript, sentimentScore, agentId: 'a-1', context: { speaker } },
    });
    const state = (name: string): object => ({ type: 'DIALOG_STATE', interactionId: 'i-1', state: name });
    expect(frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
      fragment('customer', 'I want to cancel, this', 2000),
      fragment('customer', 'is terrible service.', 3200),
      update('customer', 'I want to cancel, this is terrible service.', valence(talk.turns[0]?.text ?? '')),
      state('CUSTOMER_SILENT'),
      state('TURN_END'),
      fragment('agent', 'I am sorry.', 5100),
      update('agent', 'I am sorry.', valence(talk.turns[0]?.text ?? '')),
      state('AGENT_SILENT'),
      state('TURN_END'),
      fragment('customer', 'Great, thanks.', 6600),
      update('customer', 'Great, thanks.', valence('Great, thanks.')),
      state('CUSTOMER_SILENT'),
      state('TURN_END'),
    ]);
    expect(events.map(({ event }) => JSON.stringify(event))).toEqual(frames);
    expect(events.every(({ receivers }) => receivers === 1)).toBe(true);
    expect(clock.monotonic()).toBe(7300);
  });

  it('divides every wait by its speed, and has none at an infinite one', async () => {
    const clock = new FakeClock();
    await using tenant = await startTenant({ clock, heartbeatIntervalMs: Infinity });
    await clock.runUntilSettled(tenant.play(talk, { speed: 100 }));
    expect(clock.monotonic()).toBeCloseTo(73, 6);
    const { events } = await tenant.play(talk, { speed: Infinity });
    expect(clock.monotonic()).toBeCloseTo(73, 6);
    expect(events.every(({ receivers }) => receivers === 0)).toBe(true);
  });

  it('sends only the events that are wanted', async () => {
    await using tenant = await startTenant();
    const { events } = await tenant.play(talk, { speed: Infinity, events: ['INTERACTION_UPDATE'] });
    expect(events.map(({ event }) => event.type)).toEqual(Array(3).fill('INTERACTION_UPDATE'));
  });

  it('stops when it is aborted, and when the tenant closes', async () => {
    const clock = new FakeClock();
    const tenant = await startTenant({ clock });
    const aborting = new AbortController();
    const aborted = tenant.play(talk, { signal: aborting.signal });
    aborting.abort();
    await expect(aborted).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
    const closed = expect(tenant.play(talk)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
    await tenant.close();
    await closed;
    expect(clock.pendingDelays).toEqual([]);
  });

  it('refuses a speed that makes no sense', async () => {
    await using tenant = await startTenant();
    await expect(tenant.play(talk, { speed: 0 })).rejects.toThrow('speed');
  });

  it('reaches every client with every frame, however fast and however many', async () => {
    await using tenant = await startTenant({ heartbeatIntervalMs: Infinity });
    const clients = await Promise.all([connect(tenant), connect(tenant), connect(tenant)]);
    const results = await Promise.all(
      sampleConversations.map((conversation) => tenant.play(conversation, { speed: Infinity })),
    );
    tenant.stream.closeAll();
    const sent = results.reduce((sum, { events }) => sum + events.length, 0);
    for (const { socket, frames } of clients) {
      await ended(socket);
      expect(frames).toHaveLength(sent);
    }
  });
});

describe('fragmentsOf', () => {
  it('loses no word and keeps their order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, size) => {
        const fragments = fragmentsOf(text, size);
        const words = text.split(/\s+/).filter((word) => word !== '');
        expect(fragments.join(' ')).toBe(words.join(' '));
        expect(fragments.length).toBe(Math.ceil(words.length / size));
      }),
    );
  });
});

describe('valence', () => {
  it.each([
    ['This is great, thank you!', 1],
    ['I am very disappointed, this is terrible.', -1],
    ['It is not good.', -1],
    ['That is not a problem.', 1],
    ['My number is 48213.', 0],
    ['', 0],
  ])('judges %j', (text, sign) => {
    expect(Math.sign(valence(text))).toBe(sign);
  });

  it('weighs intensifiers and stays within its range', () => {
    expect(valence('very bad')).toBeLessThan(valence('bad'));
    expect(valence('bad')).toBeLessThan(-0.4);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('bad', 'good', 'not', 'very', 'thanks', 'x')), (words) => {
        expect(Math.abs(valence(words.join(' ')))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the playbook', () => {
  it('matches whole words and phrases, the most confident suggestion first', () => {
    const textsFor = (transcript: string): readonly string[] =>
      suggestionsFor({ transcript }, defaultPlaybook).map(({ source = '' }) => source);
    expect(textsFor('My MONEY, back!')).toEqual(['playbook/refunds', 'playbook/refunds-old', 'playbook/refunds']);
    expect(textsFor('a billiard table')).toEqual(['playbook/general']);
    const angry = { transcript: 'cancel, and a refund', sentimentScore: -0.9 };
    const mixed = suggestionsFor(angry, defaultPlaybook).map(({ confidence }) => confidence);
    expect(mixed).toEqual([...mixed].sort((a, b) => b - a));
    expect(mixed).toHaveLength(7);
    expect(Math.min(...mixed)).toBeLessThan(0.75);
  });
});

describe('loading conversations', () => {
  it('has a sample of its own', async () => {
    vi.stubEnv('AGENT_ASSIST_DATA', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await loadConversations({ maxItems: 3 })).toEqual({
      source: 'sample',
      conversations: sampleConversations.slice(0, 3),
    });
    expect(new Set(sampleConversations.map(({ id }) => id)).size).toBe(8);
    await expect(loadConversations({ maxItems: 0 })).rejects.toThrow('maxItems: expected an integer of at least 1');
  });

  it('reads JSON Lines from a file or a folder and names what is wrong in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'conversations-'));
    const file = join(folder, 'conversations.jsonl');
    try {
      await writeFile(
        file,
        `${JSON.stringify({ ...talk, services: ['x'] })}\r\n\n${JSON.stringify({ id: 'b', turns: [] })}\n`,
      );
      expect(await loadConversations({ from: folder })).toEqual({
        source: file,
        conversations: [talk, { id: 'b', turns: [] }],
      });
      expect((await loadConversations({ from: file, maxItems: 1 })).conversations).toEqual([talk]);
      await writeFile(file, `${JSON.stringify(talk)}\n{"id":1,"turns":[{"speaker":"bot"}]}\n`);
      await expect(loadConversations({ from: file })).rejects.toThrow(
        /conversations\.jsonl:2: id: .*turns\[0\]\.speaker/,
      );
      await expect(loadConversations({ from: file })).rejects.toThrow('speaker: expected customer or agent');
      const odd = { id: 'שלום', turns: [{ text: 'one\u2028two\u0085three 👩‍👩‍👧' }] };
      await writeFile(file, `\ufeff${JSON.stringify(odd)}\r\n${JSON.stringify(odd)}`);
      expect((await loadConversations({ from: file })).conversations).toEqual([odd, odd]);
      await writeFile(file, Buffer.from(`${JSON.stringify(talk)}\n{"id":"é","turns":[]}\n`, 'latin1'));
      await expect(loadConversations({ from: file })).rejects.toThrow('conversations.jsonl:2: not JSON in UTF-8');
      await writeFile(file, '{');
      await expect(loadConversations({ from: file })).rejects.toThrow(/conversations\.jsonl:1: not JSON/);
      await expect(loadConversations({ from: join(folder, 'none') })).rejects.toThrow('no such file');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
