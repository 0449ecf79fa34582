import { Queue, UnrecoverableError, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import type { TranscriptQuestion } from 'agent-assist-sdk/transcripts';

/** What a worker needs of a question. */
export interface FleetQuestion extends Pick<TranscriptQuestion, 'id' | 'interactionId' | 'text'> {
  /** The customer's mood when it was asked. */
  readonly sentimentScore: number;
}

/**
 * Says that an interaction has a question. Of a job that failed for good, `question` is the one that it failed with.
 */
export interface FleetJob {
  readonly interactionId: string;
  readonly question?: FleetQuestion;
}

const QUEUE = 'questions';
/** Key of the newest question of an interaction, while it has no answer. */
export const newestKey = (interactionId: string): string => `fleet:newest:${interactionId}`;
/** A question that nobody answered within this time helps no agent any more. */
const QUESTION_TTL_SECONDS = 3600;
/** A worker that shows no sign of life for this long has died; another one takes its job. */
const LOCK_MS = 5000;

/** A connection that waits for Redis while it is away. */
export function connectTo(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', (error) => console.error(`Redis: ${error.message}`));
  return redis;
}

/**
 * The newest question of each interaction, and a queue of the interactions that have one.
 *
 * A job names only its interaction; the worker reads the newest question when its turn comes. So a newer question
 * replaces the one that waits, however long the queue is. BullMQ keeps at most one job of an interaction in work
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
        // The dead-letter list: jobs that failed for good, each with its question and the reason.
        removeOnFail: { count: 1000 },
      },
    });
  }

  /** Puts a question in the queue, in place of an older one of its interaction. */
  async put(question: FleetQuestion): Promise<void> {
    const { interactionId } = question;
    await this.#redis.set(newestKey(interactionId), JSON.stringify(question), 'EX', QUESTION_TTL_SECONDS);
    await this.#announce(interactionId);
  }

  /** Announces every question again: an ingest may have died between the two steps of {@link Questions.put}. */
  async announceAll(): Promise<void> {
    for await (const keys of this.#redis.scanStream({ match: newestKey('*'), count: 1000 }) as AsyncIterable<string[]>)
      for (const key of keys) await this.#announce(key.slice(newestKey('').length));
  }

  /**
   * Answers the queue's questions until the worker is closed. What `answer` fails with is tried again with backoff;
   * after the last attempt, or at once for an `UnrecoverableError`, the question goes to the dead-letter list.
   */
  work(concurrency: number, answer: (question: FleetQuestion, signal: AbortSignal) => Promise<void>): Worker<FleetJob> {
    const handle = async (job: Job<FleetJob>, signal: AbortSignal): Promise<void> => {
      const question = await this.#newest(job.data.interactionId);
      // It came while an older one was in work, whose job failed and answered this one when it was tried again.
      if (question === undefined) return;
      try {
        await answer(question, signal);
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
      (job, _token, signal = new AbortController().signal) => handle(job, signal),
      {
        connection: this.#redis,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS,
        maxStalledCount: 3,
      },
    );
    // Another worker has the job by now.
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker.cancelJob(id);
    });
    worker.on('error', (error) => console.error(error.message));
    return worker;
  }

  /** How many interactions wait, are in work, or failed for good. */
  async counts(): Promise<{ readonly open: number; readonly dead: number }> {
    const { failed = 0, ...open } = await this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
    return { open: Object.values(open).reduce((sum, count) => sum + count, 0), dead: failed };
  }

  /** The dead-letter list, newest first. To ask a question once more, {@link Questions.put} it and remove the job. */
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

  /** Unless a newer one has taken its place. */
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
