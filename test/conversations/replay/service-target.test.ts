import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AssistEngine, AssistStream, AuthClient, handleInOrder, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import {
  compareReplays,
  formatReplayDiff,
  readRecording,
  recordStream,
  replay,
  serviceTarget,
  VirtualClock,
  type RecordedEvent,
  type ReplayOptions,
  type ServiceCall,
} from 'agent-assist-sdk/conversations';
import { sentimentTrigger } from 'agent-assist-sdk/suggestions';
import { sampleConversations, startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { recordingPath } from '../helpers.js';

const HEADER = '{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}';

/** The sample's conversations, a turn every few seconds, two calls at a time. */
async function sampleRecording(): Promise<string> {
  const path = await recordingPath();
  const lines = sampleConversations.slice(0, 6).flatMap(({ id, turns }, conversation) =>
    turns.map(({ text }, turn) => ({
      offsetMs: Math.floor(conversation / 2) * 60_000 + turn * 7_000 + conversation * 100,
      event: {
        type: 'INTERACTION_UPDATE',
        payload: { interactionId: id, transcript: text, sentimentScore: turn % 2 === 0 ? -0.5 : 0.2 },
      },
    })),
  );
  lines.sort((a, b) => a.offsetMs - b.offsetMs);
  await writeFile(path, [HEADER, ...lines.map((line) => JSON.stringify(line)), ''].join('\n'));
  return path;
}

function clientsOf({ platform, credentials }: Tenant): { stream: AssistStream; client: SuggestionsClient } {
  const auth = new AuthClient({ platform, ...credentials, scopes: ['agentassist:read', 'streaming:subscribe'] });
  const client = new SuggestionsClient(new HttpClient({ platform, auth }));
  return { stream: new AssistStream({ platform, auth }), client };
}

/** A service on real sockets that asks for suggestions, several calls at a time. */
async function startService(tenant: Tenant, clock: VirtualClock, threshold = -0.4) {
  const { stream, client } = clientsOf(tenant);
  const engine = new AssistEngine({ client, triggers: [sentimentTrigger({ threshold })], clock });
  let handled = 0;
  const waiting = new Map<number, () => void>();
  const work = handleInOrder(
    stream,
    async (event) => {
      if (event.type === 'INTERACTION_UPDATE') await engine.handle(event.payload);
      handled += 1;
      waiting.get(handled)?.();
    },
    { onError: (error) => expect.soft(error).toBeUndefined() },
  );
  await stream.connect();
  onTestFinished(async () => {
    await stream.close();
    await work;
  });
  let sent = 0;
  const settled = async (): Promise<void> => {
    sent += 1;
    if (handled < sent) await new Promise<void>((resolve) => waiting.set(sent, resolve));
  };
  return { settled };
}

async function replayToService(path: string, name: string, options: ReplayOptions = {}, threshold?: number) {
  await using tenant = await startTenant();
  const clock = new VirtualClock();
  const { settled } = await startService(tenant, clock, threshold);
  const outcomes = join(path, '..', name);
  const send = (event: RecordedEvent): number => tenant.stream.send(event);
  const target = serviceTarget({ send, calls: tenant.requests, settled, clock });
  const totals = await replay(path, target, { outcomes, ...options });
  return { totals, outcomes, text: await readFile(outcomes, 'utf8'), asked: tenant.suggestions.asked };
}

describe('serviceTarget', () => {
  it('gives the same bytes at every speed, over real sockets', async () => {
    const path = await sampleRecording();
    const fast = await replayToService(path, 'fast.jsonl');
    const slower = await replayToService(path, 'slower.jsonl', { speed: 2000 });
    expect(slower.text).toBe(fast.text);
    expect(fast.totals.calls).toBe(fast.asked);
    expect(fast.totals.calls).toBeGreaterThan(5);
    expect(fast.text).toContain('"call":"POST /api/v1/agentassist/suggest"');
    const other = await replayToService(path, 'other.jsonl', {}, -0.6);
    const diff = await compareReplays(fast.outcomes, other.outcomes);
    expect([diff.asked, diff.notAsked]).toEqual([0, fast.totals.asked]);
  });

  it('goes on after an event that the service never hears of, with the recording and the service of the guide', async () => {
    const path = await recordingPath();
    {
      await using tenant = await startTenant();
      await using stream = clientsOf(tenant).stream;
      const recorder = await recordStream(stream, path, { redact: (event) => event });
      await stream.connect();
      const ended = new Promise((resolve) => stream.once('unknown', resolve));
      for (const conversation of sampleConversations.slice(0, 2)) await tenant.play(conversation, { speed: Infinity });
      tenant.stream.send({ type: 'END_OF_SAMPLE' });
      await ended;
      await recorder.close();
    }
    await using tenant = await startTenant();
    const { stream: connected, client } = clientsOf(tenant);
    await using stream = connected;
    const clock = new VirtualClock();
    const engine = new AssistEngine({ client, clock });
    let handled = Promise.withResolvers<undefined>();
    void handleInOrder(
      stream,
      async (event) => {
        if (event.type === 'INTERACTION_UPDATE') await engine.handle(event.payload);
        handled.resolve(undefined);
      },
      { onError: (error) => expect.soft(error).toBeUndefined() },
    );
    await stream.connect();
    const target = serviceTarget({
      send: (event) => {
        handled = Promise.withResolvers();
        return tenant.stream.send(event);
      },
      settled: ({ type }) => ((stream.eventNames as readonly string[]).includes(type) ? handled.promise : undefined),
      calls: tenant.requests,
      clock,
    });
    const recorded = await Array.fromAsync(readRecording(path));
    expect(recorded.at(-1)?.event.type).toBe('END_OF_SAMPLE');
    const totals = await replay(path, target, { timeoutMs: 3000 });
    expect(totals.events).toBe(recorded.length);
    expect(totals.calls).toBeGreaterThan(0);
    expect(totals.calls).toBe(tenant.suggestions.asked);
  });

  it.each([
    ['there is no settled', undefined],
    ['settled knows nothing of it', () => undefined],
  ])('waits until the calls of an event have ended, when %s', async (_, settled) => {
    await using tenant = await startTenant();
    const { stream: connected, client } = clientsOf(tenant);
    await using stream = connected;
    stream.on('INTERACTION_UPDATE', async ({ payload }) => {
      const [again] = await Promise.all([client.suggest(payload), client.suggest({ ...payload, transcript: 'b' })]);
      await client.suggest({ ...payload, transcript: String(again.suggestions.length) });
    });
    await stream.connect();
    const path = await recordingPath();
    const event = { type: 'INTERACTION_UPDATE', payload: { interactionId: 'a', transcript: 'a', sentimentScore: 0 } };
    await writeFile(path, [HEADER, JSON.stringify({ offsetMs: 0, event }), ''].join('\n'));
    const target = serviceTarget({ send: (given) => tenant.stream.send(given), calls: tenant.requests, settled });
    const outcomes = join(path, '..', 'out.jsonl');
    expect(await replay(path, target, { outcomes })).toEqual({ events: 1, outcomes: 1, asked: 3, calls: 3 });
    expect(formatReplayDiff(await compareReplays(outcomes, outcomes))).toContain(
      '| cards shown | not reported | not reported |  |\n',
    );
    const [, line = ''] = (await readFile(outcomes, 'utf8')).split('\n');
    const { asked } = JSON.parse(line) as { asked: { text: string }[] };
    expect(asked.map(({ text }) => text).slice(1)).toEqual(['a', 'b']);
  });

  it('counts a retried call twice and its question once, and takes cards from pushes', async () => {
    const finished = Promise.resolve();
    const call = (path: string, json: unknown, headers = {}) => ({
      method: 'POST',
      path,
      json,
      headers,
      finished,
      query: new URLSearchParams(),
    });
    const all = [call('/old', {})];
    const calls = {
      get total() {
        return all.length;
      },
      all,
    };
    const card = { id: '1', title: 'Refunds' };
    const target = serviceTarget({
      calls,
      settled: () => Promise.resolve(),
      send: () => {
        all.push(
          call('/suggest', { transcript: 'q' }),
          call('/suggest', { transcript: 'q' }),
          call('/insights', { insights: [card] }),
          call('/feedback', { action: 'accepted' }),
          call('/oauth/token', {}),
          call('/stream', {}, { upgrade: 'websocket' }),
        );
      },
    });
    const event = { offsetMs: 0, receivedAt: 0, event: { type: 'X', interactionId: 'a' } };
    expect(await target.deliver(event, { signal: new AbortController().signal })).toEqual({
      interactionId: 'a',
      asked: [{ call: 'POST /suggest', text: 'q' }],
      shown: [card],
      calls: 4,
    });
  });

  it('says so when nobody is connected, or calls were forgotten', async () => {
    await using tenant = await startTenant();
    const path = await sampleRecording();
    const target = serviceTarget({ send: (event) => tenant.stream.send(event), calls: tenant.requests });
    await expect(replay(path, target)).rejects.toThrow('no client received the event');
    let total = 0;
    const calls = {
      get total() {
        return (total += 5);
      },
      all: [],
    };
    const forgetful = serviceTarget({ send: () => undefined, calls, settled: () => Promise.resolve() });
    await expect(replay(path, forgetful)).rejects.toThrow('more calls than the log keeps');
    expect(() => serviceTarget({ send: () => 1 } as never)).toThrow('calls');
  });

  it('waits for an asynchronous send, and refuses an asynchronous effectOf', async () => {
    const event = { offsetMs: 0, receivedAt: 0, event: { type: 'X' } };
    const context = { signal: new AbortController().signal };
    const all: ServiceCall[] = [];
    const calls = {
      get total() {
        return all.length;
      },
      all,
    };
    const settled = (): Promise<void> => Promise.resolve();
    const nobody = serviceTarget({ send: () => Promise.resolve(0), calls, settled });
    await expect(nobody.deliver(event, context)).rejects.toThrow('no client received the event');
    const failing = serviceTarget({ send: () => Promise.reject(new Error('no socket')), calls, settled });
    await expect(failing.deliver(event, context)).rejects.toThrow('no socket');
    const send = (): void => {
      const [json, query] = [{ text: 'q' }, new URLSearchParams()];
      all.push({ method: 'POST', path: '/ask', json, query, headers: {}, finished: Promise.resolve() });
    };
    const effectOf = (): never => Promise.resolve({ asked: [] }) as never;
    const late = serviceTarget({ send, calls, settled, effectOf });
    await expect(late.deliver(event, context)).rejects.toThrow('effectOf: returned a promise');
  });
});
