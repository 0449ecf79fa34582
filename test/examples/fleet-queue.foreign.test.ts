// What the fleet's queue and lease promise, each for itself, on a real Redis.
import { spawnSync } from 'node:child_process';
import { context, trace } from '@opentelemetry/api';
import { UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { beforeAll, beforeEach, afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LEASE_MS, Lease } from '../../examples/fleet/lease.ts';
import { startRedis } from '../../examples/fleet/processes.ts';
import { Questions, connectTo, newestKey, type FleetQuestion } from '../../examples/fleet/queue.ts';
import { requireProgram } from '../helpers/programs.js';
import { startOpenTelemetry } from '../otel/observed.js';

const question = (interactionId: string, text: string): FleetQuestion => ({
  id: `${interactionId}-${text}`,
  interactionId,
  text,
  sentimentScore: 0,
});

describe.runIf(requireProgram('redis-server', 'redis-server'))('on Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = connectTo(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(() => redis.flushall());

  const idle = async (questions: Questions): Promise<void> => {
    await expect.poll(() => questions.counts().then(({ open }) => open), { timeout: 20_000 }).toBe(0);
  };

  describe('the queue', () => {
    it('asks only the newest of the questions that wait', async () => {
      await using questions = new Questions(redis);
      for (const text of ['1', '2', '3']) await questions.put(question('a', text));
      await questions.put(question('b', '1'));
      const asked: string[] = [];
      const worker = questions.work(1, ({ id }) => Promise.resolve(void asked.push(id)));
      await idle(questions);
      await worker.close();
      expect(asked).toEqual(['a-3', 'b-1']);
      expect(await redis.keys(newestKey('*'))).toEqual([]);
    });

    it('asks one question of an interaction at a time, and then the newest, on any number of workers', async () => {
      await using questions = new Questions(redis);
      const log: string[] = [];
      const begun = Promise.withResolvers<undefined>();
      const gate = Promise.withResolvers<undefined>();
      const answer = async ({ id, text }: FleetQuestion): Promise<void> => {
        log.push(`begin ${id}`);
        begun.resolve(undefined);
        if (text === '1') await gate.promise;
        log.push(`end ${id}`);
      };
      const workers = [questions.work(8, answer), questions.work(8, answer)];
      await questions.put(question('a', '1'));
      await begun.promise;
      for (const text of ['2', '3']) await questions.put(question('a', text));
      await questions.put(question('b', '2'));
      await expect.poll(() => log).toContain('end b-2');
      gate.resolve(undefined);
      await idle(questions);
      for (const worker of workers) await worker.close();
      expect(log.filter((line) => line.includes('a-'))).toEqual(['begin a-1', 'end a-1', 'begin a-3', 'end a-3']);
    });

    it('tells a worker that was taken for dead that another one has its question', async () => {
      await using questions = new Questions(redis);
      const begun = Promise.withResolvers<undefined>();
      const gate = Promise.withResolvers<undefined>();
      const shown: string[] = [];
      const problems = vi.spyOn(console, 'error').mockReturnValue();
      onTestFinished(() => problems.mockRestore());
      const worker = questions.work(1, async ({ id }, { confirm }) => {
        begun.resolve(undefined);
        await gate.promise;
        await confirm();
        shown.push(id);
      });
      await questions.put(question('a', '1'));
      await begun.promise;
      // As Redis looks when another worker has taken the job.
      const [lock] = await redis.keys('bull:questions:*:lock');
      await redis.set(lock ?? '', 'another worker');
      gate.resolve(undefined);
      await expect.poll(() => problems.mock.calls.length).toBeGreaterThan(0);
      await worker.close(true);
      expect(shown).toEqual([]);
      expect(String(problems.mock.calls[0])).toContain('Lock mismatch');
    });

    it('retries a failure, or asks a newer question at once', async () => {
      await using questions = new Questions(redis);
      const asked: string[] = [];
      const worker = questions.work(8, async ({ id, text }) => {
        asked.push(id);
        await Promise.resolve();
        if (text === '1' && asked.filter((each) => each === id).length === 1) throw new Error('busy');
      });
      await questions.put(question('a', '1'));
      await expect.poll(() => questions.counts().then(({ open }) => [asked.length, open])).toEqual([1, 1]);
      await idle(questions);
      expect(asked).toEqual(['a-1', 'a-1']);
      await questions.put(question('b', '1'));
      await expect.poll(() => asked.length).toBe(3);
      await questions.put(question('b', '2'));
      await idle(questions);
      await worker.close();
      expect(asked.slice(2).at(-1)).toBe('b-2');
    });

    it('puts what was refused for good in the dead-letter list, and goes on', async () => {
      await using questions = new Questions(redis);
      const asked: string[] = [];
      const worker = questions.work(8, async ({ id, text }) => {
        asked.push(id);
        await Promise.resolve();
        if (text === 'bad') throw new UnrecoverableError('forbidden');
      });
      await questions.put(question('a', 'bad'));
      await idle(questions);
      await questions.put(question('a', 'good'));
      await idle(questions);
      await worker.close();
      expect(asked).toEqual(['a-bad', 'a-good']);
      expect(await questions.deadLetters()).toMatchObject([
        { data: { question: question('a', 'bad') }, failedReason: 'forbidden' },
      ]);
      expect(await questions.counts()).toEqual({ open: 0, dead: 1 });
    });

    it('carries the trace of a question to its worker', async () => {
      await using otel = startOpenTelemetry();
      await using questions = new Questions(redis);
      const traceId = await trace.getTracer('test').startActiveSpan('question', async (span) => {
        await questions.put(question('a', '1'));
        span.end();
        return span.spanContext().traceId;
      });
      const seen: unknown[] = [];
      const worker = questions.work(1, () =>
        Promise.resolve(void seen.push(trace.getSpanContext(context.active())?.traceId)),
      );
      await idle(questions);
      await worker.close();
      expect(seen).toEqual([traceId]);
      expect(otel.spans().map(({ name }) => name)).toEqual(['question']);
    });

    it('finds a question whose ingest died before it had announced it', async () => {
      await using questions = new Questions(redis);
      await redis.set(newestKey('a'), JSON.stringify(question('a', '1')));
      const asked: string[] = [];
      const worker = questions.work(1, ({ id }) => Promise.resolve(void asked.push(id)));
      await questions.announceAll();
      await idle(questions);
      await worker.close();
      expect(asked).toEqual(['a-1']);
    });
  });

  describe('the lease', () => {
    const never = new AbortController().signal;

    it('is one process’s until it is given back', async () => {
      const first = await Lease.acquire(redis, 'lease', never);
      const second = Lease.acquire(redis, 'lease', never);
      await expect(Lease.acquire(redis, 'lease', AbortSignal.timeout(50))).rejects.toThrow();
      expect(first.isHeld).toBe(true);
      await first[Symbol.asyncDispose]();
      await using held = await second;
      expect(held.isHeld).toBe(true);
    });

    it('is over at once for a process that was suspended until it had ended', async () => {
      const first = await Lease.acquire(redis, 'lease', never);
      // Nothing runs in this process meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LEASE_MS);
      expect(first.isHeld).toBe(false);
      await using second = await Lease.acquire(redis, 'lease', never);
      await first[Symbol.asyncDispose]();
      expect(second.isHeld).toBe(true);
      expect(await redis.exists('lease')).toBe(1);
    });

    it('is lost when another process has it, and not given back for that one', async () => {
      const first = await Lease.acquire(redis, 'lease', never);
      await redis.set('lease', 'another');
      await expect.poll(() => first.lost.aborted).toBe(true);
      expect(first.isHeld).toBe(false);
      await first[Symbol.asyncDispose]();
      expect(await redis.get('lease')).toBe('another');
    });
  });
});

it('says how to get Redis where none is installed', () => {
  const { status, stderr } = spawnSync(process.execPath, ['examples/fleet.ts'], {
    env: { PATH: '/nowhere' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toContain('apt-get install redis-server');
  expect(stderr).toContain('AGENT_ASSIST_REDIS_URL');
});
