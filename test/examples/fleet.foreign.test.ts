// The example's processes over published conversations, at 20 times the speed of speech: one ingest, one standby and four
// workers on a real Redis. Workers are killed three times, each at the worst moment (its push arrived, its job is open),
// and the ingest once, with a turn on its way. What became of each question is counted by the tenant.
//
// The stream's protocol has no replay, so the customers of this test say once more what the dead ingest took with it.
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { loadConversations, sampleConversations, startTenant, type Conversation } from 'agent-assist-sdk/testing';
import { LEASE_KEY } from '../../examples/fleet/ingest.ts';
import { LEASE_MS } from '../../examples/fleet/lease.ts';
import {
  environmentOf,
  newStoreKey,
  startPart,
  startRedis,
  stopParts,
  type Part,
} from '../../examples/fleet/processes.ts';
import { Questions, connectTo, newestKey, type FleetQuestion } from '../../examples/fleet/queue.ts';
import { requireProgram } from '../helpers/programs.js';
import { fragmentsOf } from '../../src/testing/stream/play.js';

const DATA = process.env['AGENT_ASSIST_DATA'] ?? '../shared/data';
const CONVERSATIONS = 1000;
const AT_ONCE = 100;
const SPEED = 20;
const MS_A_WORD = 400;
const PUSH = 'POST /api/v2/agentassist/insights';

async function conversationsToPlay(): Promise<readonly Conversation[]> {
  if (existsSync(DATA)) return (await loadConversations({ from: DATA, maxItems: CONVERSATIONS })).conversations;
  console.warn(`${DATA} is absent (AGENT_ASSIST_DATA names another folder): playing the project's own sample instead`);
  return Array.from({ length: 20 }, (_, round) =>
    sampleConversations.map(({ id, turns }) => ({ id: `${id}-${round}`, turns })),
  ).flat();
}

/** What is said carries its turn, so that everyone can tell which question is which. */
const turnOf = (text: string): number => Number(/^\[(\d+)\]/.exec(text)?.[1]);

/** One interaction's books: the turns of its customer, and what the tenant was asked and shown. */
class Books {
  readonly said: number[] = [];
  readonly asked: number[] = [];
  readonly shown: number[] = [];
}

interface Unheard {
  readonly interactionId: string;
  readonly turn: number;
  readonly connection: number;
  readonly resolve: (isHeard: boolean) => void;
}

it.runIf(requireProgram('redis-server', 'redis-server'))(
  'answers each question once and in order, or a newer one, though workers and the ingest are killed',
  { timeout: 900_000 },
  async () => {
    const conversations = await conversationsToPlay();
    const books = new Map<string, Books>();
    const problems: string[] = [];
    const bookOf = (interactionId: string): Books => {
      const book = books.get(interactionId) ?? new Books();
      books.set(interactionId, book);
      return book;
    };

    await using redisServer = await startRedis();
    await using tenant = await startTenant();
    await using parts = new AsyncDisposableStack();
    const redis = connectTo(redisServer.url);
    parts.defer(() => redis.disconnect());
    const questions = parts.use(new Questions(redis));

    // The tenant's books.
    const turnOfQuestion = new Map<unknown, number>();
    tenant.suggestions.answerWith(({ interactionId, transcript, context }) => {
      const turn = turnOf(transcript);
      turnOfQuestion.set(context?.['questionId'], turn);
      bookOf(interactionId).asked.push(turn);
      return [{ text: transcript, confidence: 0.9 }];
    });
    const keys = new Set<string>();
    let killNextWorker = false;
    tenant.insights.onPush(({ insights, idempotencyKey }) => {
      const interactionId = insights[0]?.interactionId ?? '';
      const turn = turnOfQuestion.get(idempotencyKey) ?? Number.NaN;
      if (idempotencyKey === undefined || keys.has(idempotencyKey)) problems.push(`pushed again: ${idempotencyKey}`);
      keys.add(idempotencyKey ?? '');
      bookOf(interactionId).shown.push(turn);
      if (killNextWorker) {
        killNextWorker = false;
        const request = tenant.requests
          .to(PUSH)
          .findLast(({ headers }) => headers['x-idempotency-key'] === idempotencyKey);
        replaceWorker(String(request?.headers['x-worker']));
      }
    });
    // Answers that are lost, besides those of the kills.
    tenant.inject({ route: PUSH, every: 100, fault: { kind: 'drop', at: 'before-headers' } });

    // The fleet.
    const lines: string[] = [];
    const shared = { AGENT_ASSIST_REDIS_URL: redisServer.url, AGENT_ASSIST_STORE_KEY: newStoreKey() };
    const env = { ...environmentOf(tenant), ...shared };
    const start = (role: 'ingest' | 'worker', name: string): Part =>
      startPart(role, name, env, (line: string) => void lines.push(line));
    const ingests = [start('ingest', 'ingest-1'), start('ingest', 'ingest-2')];
    const workers = [1, 2, 3, 4].map((number) => start('worker', `worker-${number}`));
    const killed = new Set<Part>();
    const kill = (part: Part | undefined): void => {
      if (part === undefined) return void problems.push('nothing to kill');
      part.process.kill('SIGKILL');
      killed.add(part);
    };
    const replaceWorker = (name: string): void => {
      kill(workers.find((worker) => worker.name === name));
      workers.push(start('worker', `worker-${workers.length + 1}`));
    };
    parts.defer(() => stopParts(ingests, workers));
    await tenant.stream.waitForConnections(1);

    // Who speaks waits until the question is in the queue, or with the tenant already.
    const unheard = new Set<Unheard>();
    const listening = new AbortController();
    const listen = async (): Promise<void> => {
      while (!listening.signal.aborted) {
        const now = [...unheard];
        const connection = tenant.stream.connections.length > 0 ? tenant.stream.totalConnections : 0;
        const found =
          now.length === 0 ? [] : await redis.mget(now.map(({ interactionId }) => newestKey(interactionId)));
        for (const [index, each] of now.entries()) {
          const text = found[index];
          const queued = typeof text === 'string' ? turnOf((JSON.parse(text) as FleetQuestion).text) : -1;
          const isHeard = queued >= each.turn || bookOf(each.interactionId).asked.includes(each.turn);
          // What another connection took with it by now, nobody has heard.
          if (!isHeard && connection <= each.connection) continue;
          unheard.delete(each);
          each.resolve(isHeard);
        }
        await wait(5);
      }
    };

    let [turns, repeated] = [0, 0];
    const total = conversations.flatMap((conversation) => conversation.turns).length;
    const moments = new Map<number, () => Promise<void> | void>();
    for (const share of [0.2, 0.45, 0.7]) moments.set(Math.floor(total * share), () => void (killNextWorker = true));
    let afterNextTurn = (): void => undefined;
    let takeover = { leaseLeftMs: 0, tookMs: 0 };
    moments.set(Math.floor(total * 0.55), async () => {
      const leaseLeftMs = await redis.pttl(LEASE_KEY);
      const spoken = Promise.withResolvers<undefined>();
      // Before the ingest has read it.
      afterNextTurn = () => {
        kill(ingests.find(({ name }) => lines.includes(`${name}: holds the stream`)));
        afterNextTurn = () => undefined;
        spoken.resolve(undefined);
      };
      await spoken.promise;
      const killedAt = performance.now();
      ingests.push(start('ingest', 'ingest-3'));
      while (tenant.stream.connections.length > 0) await wait(1);
      await tenant.stream.waitForConnections(1);
      takeover = { leaseLeftMs, tookMs: performance.now() - killedAt };
    });
    const happening: Promise<void>[] = [];

    const play = async ({ id: interactionId, turns: spoken }: Conversation): Promise<void> => {
      for (const [turn, { speaker = 'customer', text }] of spoken.entries()) {
        const fragments = fragmentsOf(`[${turn}] ${text}`, 5);
        const state = speaker === 'customer' ? 'CUSTOMER_SILENT' : 'AGENT_SILENT';
        await wait((text.split(' ').length * MS_A_WORD) / SPEED);
        for (let isHeard = false; !isHeard;) {
          await tenant.stream.waitForConnections(1);
          const connection = tenant.stream.totalConnections;
          tenant.stream.burst([
            ...fragments.map((text) => ({ type: 'TRANSCRIPT_FRAGMENT', interactionId, speaker, text })),
            { type: 'DIALOG_STATE', interactionId, state },
          ]);
          if (speaker === 'agent') break;
          afterNextTurn();
          isHeard = await new Promise((resolve) => unheard.add({ interactionId, turn, connection, resolve }));
          if (!isHeard) repeated += 1;
        }
        if (speaker === 'customer') bookOf(interactionId).said.push(turn);
        turns += 1;
        const happens = moments.get(turns);
        if (happens !== undefined) happening.push(Promise.resolve(happens()));
      }
    };

    const startedAt = performance.now();
    const ears = listen();
    const left = conversations.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const conversation of left) await play(conversation);
      }),
    );
    await Promise.all(happening);
    listening.abort();
    await ears;
    for (let { open } = await questions.counts(); open > 0; { open } = await questions.counts()) await wait(20);
    const seconds = (performance.now() - startedAt) / 1000;
    const { dead } = await questions.counts();
    const leftBehind = await redis.keys(newestKey('*'));
    await stopParts(ingests, workers);

    const counts = { questions: 0, answered: 0, superseded: 0, neither: 0, duplicates: 0, orderViolations: 0 };
    for (const { said, shown } of books.values()) {
      counts.questions += said.length;
      for (const turn of said) {
        if (shown.includes(turn)) counts.answered += 1;
        else if (shown.some((other) => other > turn)) counts.superseded += 1;
        else counts.neither += 1;
      }
      counts.duplicates += shown.length - new Set(shown).size;
      counts.orderViolations += shown.filter((turn, index) => turn < (shown[index - 1] ?? -1)).length;
    }
    console.log(`${conversations.length} conversations in ${seconds.toFixed(0)} s`, {
      ...counts,
      caughtByKey: tenant.insights.repeatedPushes,
      saidAgain: repeated,
      dead,
    });
    console.log(
      `takeover: ${takeover.tookMs.toFixed(0)} ms after the kill; the lease (${LEASE_MS} ms) had ${takeover.leaseLeftMs} ms left`,
    );

    expect(problems).toEqual([]);
    expect(killed.size).toBe(4);
    expect(counts.questions).toBe(
      conversations.flatMap(({ turns }) => turns.filter(({ speaker }) => speaker !== 'agent')).length,
    );
    expect(counts).toMatchObject({ neither: 0, duplicates: 0 });
    // On a starved machine, a push that its worker has given up can still arrive, after a newer one.
    const givenUp = lines.filter((line) => line.includes(`${PUSH}: did not finish within`));
    expect(counts.orderViolations).toBeLessThanOrEqual(givenUp.length);
    expect(counts.answered).toBe(tenant.insights.pushes);
    // What was asked again after its answer was lost or its worker died, unless a newer question came first.
    expect(tenant.insights.repeatedPushes).toBeGreaterThan(0);
    expect(dead).toBe(0);
    expect(leftBehind).toEqual([]);
    // All ten processes shared it.
    expect(tenant.issuedTokenCount).toBe(1);
    // One takeover, and never two that listened.
    expect(tenant.stream.totalConnections).toBe(2);
    expect(tenant.stream.maxConcurrentConnections).toBe(1);
    // At the moment of the kill at most one turn of each conversation was on its way.
    expect(repeated).toBeLessThanOrEqual(AT_ONCE);
    // Who was not killed ended by itself, and gave the lease back.
    for (const { name, process } of [...ingests, ...workers].filter((part) => !killed.has(part)))
      expect([name, process.exitCode]).toEqual([name, 0]);
    expect(await redis.exists(LEASE_KEY)).toBe(0);
    // On a starved machine a call takes too long, or a job is taken from its worker. The books show what became of it.
    const usual = /: (standing by|ready|holds the stream|answered \d+ questions)$/;
    const late = /did not finish within 10000 ms in total$|another worker has the question$|lock( mismatch)? for job /i;
    expect(lines.filter((line) => !usual.test(line) && !late.test(line))).toEqual([]);
  },
);
