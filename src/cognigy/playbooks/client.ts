import {
  ApiPromise,
  checkedHttp,
  followCursors,
  hasFailed,
  pollLimits,
  pollUntilDone,
  checkRunOptions,
  validateRequest,
  withNextCursor,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
  type ListAllOptions,
  type PagedIterable,
  type Progress,
} from '../../http/internal.js';
import {
  playbook,
  playbookDraft,
  playbookPage,
  playbookQuery,
  playbookRun,
  playbookStep,
  playbookStepDraft,
  playbookTarget,
  playbookTask,
  scheduledTask,
} from './schemas.js';
import type {
  Playbook,
  PlaybookDraft,
  PlaybookOutcome,
  PlaybookPage,
  PlaybookQuery,
  PlaybookRun,
  PlaybookRunOptions,
  PlaybookStep,
  PlaybookStepDraft,
  PlaybookTarget,
  PlaybookTask,
  ScheduledTask,
} from './types.js';

const PLAYBOOKS = '/new/v2.0/playbooks';
const PLAYBOOK = `${PLAYBOOKS}/{playbookId}`;
const TASK = '/new/v2.0/tasks/{taskId}';

/** The platform knows no idempotency keys, so a key makes nothing safe to repeat. */
const postOnce = { method: 'POST', safeToRepeat: false } as const;

/**
 * Manages and runs playbooks of Cognigy.AI: scripted conversations with a flow, checked step by step. A playbook has at
 * most 50 steps, and at most 10 run at the same time (documented limits of the platform). `playbookRunner` runs a suite
 * on them.
 *
 * @example
 * ```ts
 * import { ApiKeyAuth, HttpClient } from 'agent-assist-sdk';
 * import { PlaybookClient, cognigyAi } from 'agent-assist-sdk/cognigy';
 *
 * const platform = cognigyAi({ environment: 'trial' });
 * const playbooks = new PlaybookClient(new HttpClient({ platform, auth: new ApiKeyAuth({ apiKey: 'key' }) }));
 *
 * async function isSuccessful(playbookId: string): Promise<boolean> {
 *   const { run } = await playbooks.run(playbookId, {
 *     entrypoint: '55f0c2a5b1d3e4f5a6b7c8d9',
 *     flowReferenceId: '010d1970-89b9-4012-892b-53c78ef6c117',
 *     localeReferenceId: '8b3b45e2-48f9-446d-a4c5-35d8284a01b2',
 *   });
 *   return run?.status === 'successful';
 * }
 * ```
 */
export class PlaybookClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Fetches one page of the playbooks of a project, without their steps.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; `PaginationError` if the page is not the
   * last but cannot be followed; otherwise as `HttpClient.request`.
   */
  list(query: PlaybookQuery, options?: CallOptions): ApiPromise<PlaybookPage> {
    return ApiPromise.from(this.#page(query, options));
  }

  /**
   * Iterates over the playbooks of a project from `query.cursor` on, without their steps. Fetches each page when it is
   * needed.
   *
   * @throws `ConfigurationError` if `maxItems` is not an integer of at least 1; while iterating, what
   * {@link PlaybookClient.list} throws, and `PaginationError` if the platform returns a cursor twice or a `total` above
   * the number of playbooks.
   */
  listAll(query: PlaybookQuery, options: ListAllOptions = {}): PagedIterable<Playbook, PlaybookPage> {
    return followCursors('listAll', query, options, (cursor, callOptions, soFar) =>
      this.#page({ ...query, cursor }, callOptions, soFar),
    );
  }

  /** Fetches a playbook with its steps. Rejects as `HttpClient.request` does. */
  get(playbookId: string, options?: CallOptions): ApiPromise<Playbook> {
    return this.#http.request(
      { method: 'GET', path: PLAYBOOK, pathParams: { playbookId }, response: playbook },
      options,
    );
  }

  /**
   * Creates a playbook without steps. Not retried after a failure with an unknown outcome.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  create(draft: PlaybookDraft, options?: CallOptions): ApiPromise<Playbook> {
    return this.#http.call(options, () => {
      const {
        timeoutMs: timeout = 20_000,
        abortOnError = false,
        ...rest
      } = validateRequest(playbookDraft, draft, 'playbook');
      return { ...postOnce, path: PLAYBOOKS, json: { ...rest, abortOnError, timeout }, response: playbook };
    });
  }

  /** Deletes a playbook with its runs. Rejects as `HttpClient.request` does. */
  delete(playbookId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#http.request({ method: 'DELETE', path: PLAYBOOK, pathParams: { playbookId } }, options);
  }

  /**
   * Appends a step to a playbook. Not retried after a failure with an unknown outcome.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  createStep(playbookId: string, step: PlaybookStepDraft, options?: CallOptions): ApiPromise<PlaybookStep> {
    return this.#http.call(options, () => {
      const json = validateRequest(playbookStepDraft, step, 'step');
      return { ...postOnce, path: `${PLAYBOOK}/steps`, pathParams: { playbookId }, json, response: playbookStep };
    });
  }

  /**
   * Schedules a run. Not retried after a failure with an unknown outcome.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  schedule(playbookId: string, target: PlaybookTarget, options?: CallOptions): ApiPromise<ScheduledTask> {
    return this.#http.call(options, () => {
      const { entrypoint, flowReferenceId, localeReferenceId } = validateRequest(playbookTarget, target, 'target');
      return {
        ...postOnce,
        path: `${PLAYBOOK}/schedule`,
        pathParams: { playbookId },
        json: { entrypoint, flowId: flowReferenceId, localeId: localeReferenceId },
        response: scheduledTask,
      };
    });
  }

  /** Fetches a task in its current state. Rejects as `HttpClient.request` does. */
  getTask(taskId: string, options?: CallOptions): ApiPromise<PlaybookTask> {
    return this.#http.request({ method: 'GET', path: TASK, pathParams: { taskId }, response: playbookTask }, options);
  }

  /** Cancels a task, which may then still be `cancelling`. Rejects as `HttpClient.request` does. */
  cancelTask(taskId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#http.request(
      { method: 'POST', path: `${TASK}/cancel`, pathParams: { taskId }, safeToRepeat: true },
      options,
    );
  }

  /** Fetches the result of a run, step by step. Rejects as `HttpClient.request` does. */
  getRun(playbookId: string, runId: string, options?: CallOptions): ApiPromise<PlaybookRun> {
    return this.#http.request(
      { method: 'GET', path: `${PLAYBOOK}/runs/{runId}`, pathParams: { playbookId, runId }, response: playbookRun },
      options,
    );
  }

  /**
   * Schedules a run, polls its task, every 2 s by default, until it has ended, and fetches the result. `totalTimeoutMs`
   * (default 600,000 ms, ten minutes) covers all of it. After an abort or a timeout, the task continues on the server;
   * see {@link PlaybookClient.cancelTask}.
   *
   * @returns the task and, if it is `done`, the run. A task that failed is a result, not an error.
   * @throws (as rejection) `TimeoutError`; `AbortError`; and what the single calls throw. Once the run is scheduled, only a
   * permanent failure is thrown.
   */
  async run(playbookId: string, target: PlaybookTarget, options: PlaybookRunOptions = {}): Promise<PlaybookOutcome> {
    checkRunOptions(options);
    const { totalTimeoutMs } = pollLimits(options);
    const { signal, timeoutMs, maxRetries, headers, submittedId, onSubmitted } = options;
    const startedAt = this.#http.clock.monotonic();
    const id =
      submittedId ??
      (await this.schedule(playbookId, target, { signal, timeoutMs, maxRetries, headers, totalTimeoutMs })).id;
    const accepted = submittedId === undefined ? { onSubmitted } : undefined;
    const read = (callOptions: CallOptions): ApiPromise<PlaybookTask> => this.getTask(id, callOptions);
    const task = await pollUntilDone(this.#http, { job: 'playbook task', id, read, startedAt, accepted }, options);
    const { playbookRunId: runId } = task;
    if (hasFailed(task) || runId === undefined) return { task };
    // Polled, too, so that the result outlasts an outage. Any run that can be read is the result.
    const readRun = async (callOptions: CallOptions): Promise<{ status: string; run: PlaybookRun }> => ({
      status: 'done',
      run: await this.getRun(playbookId, runId, callOptions),
    });
    const { run } = await pollUntilDone(
      this.#http,
      { job: 'playbook run', id: runId, read: readRun, startedAt, accepted: {} },
      { ...options, onProgress: undefined },
    );
    return { task, run };
  }

  async #page(
    query: PlaybookQuery,
    options: CallOptions | undefined,
    soFar?: Progress,
  ): Promise<ApiResponse<PlaybookPage>> {
    const { pageSize: limit, cursor, projectId } = validateRequest(playbookQuery, query, 'query');
    const call = this.#http.request(
      { method: 'GET', path: PLAYBOOKS, query: { projectId, limit, next: cursor }, response: playbookPage },
      options,
    );
    return withNextCursor(await call.withResponse(), ['nextCursor', 'next'], cursor, soFar);
  }
}
