import { Queue, UnrecoverableError, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { encryptedStore, type KeyValueStore } from 'agent-assist-sdk/http';
import { injectTraceContext, withTraceContext, type TraceCarrier } from 'agent-assist-sdk/otel';
import { redisStore } from 'agent-assist-sdk/redis';
import type { TranscriptQuestion } from 'agent-assist-sdk/transcripts';

/** The part of a question that a worker needs. */
export interface FleetQuestion extends Pick<TranscriptQuestion, 'id' | 'interactionId' | 'text'> {
  /** The customer's sentiment at the time of the question. */
  readonly sentimentScore: number;
  /** The trace that the question belongs to, set by {@link Questions.put}. */
  readonly trace?: TraceCarrier;
}

/** Reports that an interaction has a question. `question` is set in a failed job: the question that failed. */
export interface FleetJob {
  readonly interactionId: string;
  readonly question?: FleetQuestion;
}

/** A worker's turn at a question. */
export interface QuestionTurn {
  /** Aborted when another worker has the question. */
  readonly signal: AbortSignal;
  /**
   * Rejects if another worker has the question. A worker that was suspended learns it here, before it shows cards that
   * are older than those of the other one.
   */
  readonly confirm: () => Promise<void>;
}

const QUEUE = 'questions';
/** Key of the newest question of an interaction, while it is unanswered. */
export const newestKey = (interactionId: string): string => `fleet:newest:${interactionId}`;
/** An answer after this time is useless to the agent. */
const QUESTION_TTL_SECONDS = 3600;
/** A worker without a sign of life for this long is dead; another takes its job. */
const LOCK_MS = 5000;

/** Creates a connection that waits for Redis while it is down. */
export function connectTo(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', (error) => console.error(`Redis: ${error.message}`));
  return redis;
}

/**
 * The tenant's tokens, which all processes share: the first one fetches, the others read. Encrypted, since others read
 * this Redis too; without a key each process fetches a token of its own.
 */
export function tokenStore(redis: Redis, key: string | undefined): KeyValueStore | undefined {
  return key === undefined
    ? undefined
    : encryptedStore(redisStore(redis, { keyPrefix: 'fleet:tokens:' }), { keys: [key] });
}

/**
 * The newest question of each interaction, and a queue of the interactions that have one.
 *
 * A job names only its interaction; the worker reads the newest question when its turn comes. So a newer question
 * replaces the waiting one, however long the queue is. BullMQ keeps at most one job of an interaction in progress
 * (`deduplication`), which keeps the order, and adds the next one when that ends (`keepLastIfActive`).
 */
export class Questions implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #queue: Queue<FleetJob>;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#queue = new Queue(QUEUE, {
      connection: redis,
      defaultJobOptions: {
        attempts: 5,
        backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
        removeOnComplete: true,
        // The dead-letter list: failed jobs, each with its question and the reason.
        removeOnFail: { count: 1000 },
      },
    });
  }

  /** Queues a question; it replaces an older one of its interaction. */
  async put(question: FleetQuestion): Promise<void> {
    const { interactionId } = question;
    const text = JSON.stringify({ ...question, trace: injectTraceContext() });
    await this.#redis.set(newestKey(interactionId), text, 'EX', QUESTION_TTL_SECONDS);
    await this.#announce(interactionId);
  }

  /** Announces every question again: an ingest may have died between the two steps of {@link Questions.put}. */
  async announceAll(): Promise<void> {
    for await (const keys of this.#redis.scanStream({ match: newestKey('*'), count: 1000 }) as AsyncIterable<string[]>)
      for (const key of keys) await this.#announce(key.slice(newestKey('').length));
  }

  /**
   * Answers the queue's questions until the worker is closed. If `answer` fails, the question is retried with backoff;
   * after the last attempt, or at once for an `UnrecoverableError`, it goes to the dead-letter list.
   */
  work(concurrency: number, answer: (question: FleetQuestion, turn: QuestionTurn) => Promise<void>): Worker<FleetJob> {
    const handle = async (job: Job<FleetJob>, token: string, signal: AbortSignal): Promise<void> => {
      const confirm = async (): Promise<void> => {
        if ((await job.extendLock(token, LOCK_MS)) !== 1) throw new Error('another worker has the question');
      };
      const question = await this.#newest(job.data.interactionId);
      // It arrived while an older one was in progress, whose job failed and answered this one in its retry.
      if (question === undefined) return;
      try {
        await withTraceContext(question.trace, () => answer(question, { signal, confirm }));
      } catch (error) {
        const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1) || error instanceof UnrecoverableError;
        if (!isLast) throw error;
        await job.updateData({ ...job.data, question });
        await this.#forget(question);
        throw error;
      }
      await this.#forget(question);
    };
    const worker = new Worker<FleetJob>(
      QUEUE,
      (job, token = '', signal = new AbortController().signal) => handle(job, token, signal),
      {
        connection: this.#redis,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS,
        maxStalledCount: 3,
      },
    );
    // Another worker has taken the job.
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker.cancelJob(id);
    });
    worker.on('error', (error) => console.error(error.message));
    return worker;
  }

  /** Returns how many interactions wait or are in progress, and how many have failed. */
  async counts(): Promise<{ readonly open: number; readonly dead: number }> {
    const { failed = 0, ...open } = await this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
    return { open: Object.values(open).reduce((sum, count) => sum + count, 0), dead: failed };
  }

  /** Returns the dead-letter list, newest first. To retry a question, {@link Questions.put} it and remove the job. */
  async deadLetters(): Promise<readonly Job<FleetJob>[]> {
    return this.#queue.getFailed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }

  async #newest(interactionId: string): Promise<FleetQuestion | undefined> {
    const text = await this.#redis.get(newestKey(interactionId));
    return text === null ? undefined : (JSON.parse(text) as FleetQuestion);
  }

  /** Deletes the question, unless a newer one has replaced it. */
  async #forget(question: FleetQuestion): Promise<void> {
    const script = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;
    await this.#redis.eval(script, 1, newestKey(question.interactionId), JSON.stringify(question));
  }

  async #announce(interactionId: string): Promise<void> {
    // `replace` ends the backoff of an older question.
    const deduplication = { id: interactionId, keepLastIfActive: true, replace: true };
    await this.#queue.add('question', { interactionId }, { deduplication });
  }
}
