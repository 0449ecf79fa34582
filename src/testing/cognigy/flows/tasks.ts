import type { Clock } from '../../../http/clock.js';
import { LinkedMap } from '../../../linked-map.js';
import { KEPT } from '../../server/kept.js';
import { createObjectId } from '../server/entities.js';
import { found, HttpProblem } from '../../server/problem.js';
import { checkKind } from '../../../options.js';

/** Script of the next task. */
export interface CognigyTaskScript {
  /** Statuses that its first polls return, known or unknown, regardless of its real state. */
  readonly statuses?: readonly string[] | undefined;
  /** Makes it end as `error` with this reason. */
  readonly failReason?: string | undefined;
}

interface Task {
  readonly _id: string;
  readonly type: string;
  readonly parameters: object;
  readonly createdAt: number;
  readonly doneAt: number;
  readonly statuses: string[];
  result: object | undefined;
  failure: string | undefined;
  cancelledAt: number | undefined;
  polls: number;
}

/** Long-running work: runs of playbooks, trainings, imports. Keeps the latest 10,000 tasks. */
export class CognigyTasks {
  /** Minimum duration of a task in ms. Default 20. */
  durationMs = 20;

  readonly #clock: Clock;
  readonly #tasks = new LinkedMap<string, Task>(KEPT);
  readonly #scripts: CognigyTaskScript[] = [];

  /** @internal */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All tasks as calls return them, oldest first. */
  get all(): readonly object[] {
    return [...this.#tasks].map(([, task]) => this.#shown(task));
  }

  /** Scripts the next task; several scripts apply in order, one per task. */
  scriptNext(...scripts: readonly CognigyTaskScript[]): void {
    checkKind('scripts', scripts, 'a list of objects');
    this.#scripts.push(...scripts);
  }

  /** Deletes a task, as a server does after a week. */
  forget(taskId: string): void {
    this.#tasks.delete(taskId);
  }

  /** @internal Starts work whose result is put in `data`. */
  start(type: string, parameters: object, work: () => Promise<object> | object): object {
    const { statuses = [], failReason } = this.#scripts.shift() ?? {};
    const createdAt = this.#clock.now();
    const task: Task = {
      _id: createObjectId(),
      type,
      parameters,
      createdAt,
      doneAt: createdAt + this.durationMs,
      statuses: [...statuses],
      result: undefined,
      failure: failReason,
      cancelledAt: undefined,
      polls: 0,
    };
    this.#tasks.set(task._id, task);
    void this.#work(task, work);
    const { _id } = task;
    return { _id, status: 'queued', type, parameters, createdAt, lastChangedAt: createdAt };
  }

  /** @internal */
  read(taskId: string | undefined): object {
    const task = this.#find(taskId);
    task.polls += 1;
    const scripted = task.statuses.shift();
    return scripted === undefined ? this.#shown(task) : { ...this.#shown(task), status: scripted, data: {} };
  }

  /** @internal */
  cancel(taskId: string | undefined): object {
    const task = this.#find(taskId);
    const status = this.#statusOf(task);
    if (status !== 'queued' && status !== 'active') {
      throw new HttpProblem(409, 'conflict', 'the task has ended');
    }
    task.cancelledAt = this.#clock.now();
    return this.#shown(task);
  }

  #find(taskId: string | undefined): Task {
    return found(this.#tasks.get(taskId ?? ''), 'task');
  }

  async #work(task: Task, work: () => Promise<object> | object): Promise<void> {
    try {
      task.result = await work();
    } catch (error) {
      task.failure = error instanceof Error ? error.message : String(error);
    }
  }

  #statusOf(task: Task): 'queued' | 'active' | 'done' | 'cancelling' | 'cancelled' | 'error' {
    const now = this.#clock.now();
    if (task.cancelledAt !== undefined) return now < task.cancelledAt + this.durationMs ? 'cancelling' : 'cancelled';
    if (task.polls <= 1 && now < task.doneAt) return 'queued';
    if (now < task.doneAt || (task.result === undefined && task.failure === undefined)) return 'active';
    return task.failure === undefined ? 'done' : 'error';
  }

  #shown(task: Task): object {
    const { _id, type, parameters, createdAt, doneAt } = task;
    const status = this.#statusOf(task);
    const isDone = status === 'done';
    const share = (this.#clock.now() - createdAt) / Math.max(1, doneAt - createdAt);
    return {
      _id,
      name: type,
      type,
      status,
      parameters,
      progress: isDone ? 100 : Math.min(99, Math.floor(share * 100)),
      currentStep: isDone ? 1 : 0,
      totalStep: 1,
      data: isDone ? (task.result ?? {}) : {},
      ...(status === 'error' && { failReason: task.failure }),
      createdAt,
      lastChangedAt: this.#clock.now(),
    };
  }
}
