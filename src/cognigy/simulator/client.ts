import type * as z from '../../schema.js';
import {
  ApiPromise,
  checkedHttp,
  followCursors,
  jsonObject,
  pollOptions,
  pollUntilDone,
  receivedItems,
  validateRequest,
  withNextCursor,
  type ApiResponse,
  type CallOptions,
  type HttpClient,
  type ListAllOptions,
  type PagedIterable,
  type PollOptions,
  type Progress,
} from '../../http/internal.js';
import { checkKind, checkOptions } from '../../options.js';
import type {
  SimulatorBatch,
  SimulatorBatchDraft,
  SimulatorPage,
  SimulatorPageQuery,
  SimulatorScenario,
} from './types.js';
import { batch, scenario, scheduled, batchDraft, pageQuery, pageOf } from './schemas.js';

const SIMULATION = '/testing/simulations/{referenceId}';
const BATCH = `${SIMULATION}/batches/{batchReferenceId}`;

/** A list, and what its items are. */
interface Listed<T> {
  readonly item: z.Schema<T>;
  readonly path: string;
  readonly pathParams?: Readonly<Record<string, string>>;
  readonly projectId?: string;
}

const batchesOf = (referenceId: string): Listed<SimulatorBatch> => ({
  item: batch,
  path: `${SIMULATION}/batches`,
  pathParams: { referenceId },
});
const runsOf = (referenceId: string, batchReferenceId: string): Listed<Readonly<Record<string, unknown>>> => ({
  item: jsonObject,
  path: `${BATCH}/runs`,
  pathParams: { referenceId, batchReferenceId },
});

/**
 * The Simulator of Cognigy.AI: conversations in which a language model plays the customer, judged by criteria of
 * success. There are no steps and no intents, so no suite runs on it; see `playbookRunner`.
 *
 * @experimental The routes are documented by the vendor; the body of `schedule` and the fields of batches and runs are
 * known only from third-party code and may differ on your installation.
 */
export class SimulatorClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = checkedHttp(http);
  }

  /**
   * Lists the scenarios of a project.
   *
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  list(
    projectId: string,
    query: SimulatorPageQuery = {},
    options?: CallOptions,
  ): ApiPromise<SimulatorPage<SimulatorScenario>> {
    return ApiPromise.from(this.#scenarios(projectId, query, options));
  }

  /**
   * Iterates over the scenarios of a project from `query.cursor` on. Fetches each page when it is needed.
   *
   * @throws `ConfigurationError` if `maxItems` is not an integer of at least 1; while iterating, what
   * {@link SimulatorClient.list} throws, and `PaginationError` if a page that is not the last has no items, or if a
   * `total` is above the number of items.
   */
  listAll(
    projectId: string,
    query: SimulatorPageQuery = {},
    options: ListAllOptions = {},
  ): PagedIterable<SimulatorScenario, SimulatorPage<SimulatorScenario>> {
    return followCursors('listAll', query, options, (cursor, callOptions, soFar) =>
      this.#scenarios(projectId, { ...query, cursor }, callOptions, soFar),
    );
  }

  /** Fetches a scenario. Rejects as `HttpClient.request` does. */
  get(referenceId: string, options?: CallOptions): ApiPromise<SimulatorScenario> {
    const request = { method: 'GET', path: SIMULATION, pathParams: { referenceId }, response: scenario } as const;
    return this.#http.request(request, options);
  }

  /**
   * Schedules a batch of runs. Not retried after a failure with an unknown outcome.
   *
   * @returns the response unchanged, since its shape is not published; `{}` if it is empty; {@link SimulatorClient.listBatches} returns the
   * batch.
   * @throws (as rejection) `RequestValidationError` before anything is sent; otherwise as `HttpClient.request`.
   */
  schedule(
    referenceId: string,
    draft: SimulatorBatchDraft,
    options?: CallOptions,
  ): ApiPromise<Readonly<Record<string, unknown>>> {
    return this.#http.call(options, () => {
      const json = validateRequest(batchDraft, draft, 'batch');
      const path = `${SIMULATION}/schedule`;
      return { method: 'POST', path, pathParams: { referenceId }, json, safeToRepeat: false, response: scheduled };
    });
  }

  /** Lists the batches of a scenario. Rejects as {@link SimulatorClient.list} does. */
  listBatches(
    referenceId: string,
    query: SimulatorPageQuery = {},
    options?: CallOptions,
  ): ApiPromise<SimulatorPage<SimulatorBatch>> {
    return ApiPromise.from(this.#page(batchesOf(referenceId), query, options));
  }

  /** Iterates over the batches of a scenario. Throws as {@link SimulatorClient.listAll} does. */
  listAllBatches(
    referenceId: string,
    query: SimulatorPageQuery = {},
    options: ListAllOptions = {},
  ): PagedIterable<SimulatorBatch, SimulatorPage<SimulatorBatch>> {
    return followCursors('listAllBatches', query, options, (cursor, callOptions, soFar) =>
      this.#page(batchesOf(referenceId), { ...query, cursor }, callOptions, soFar),
    );
  }

  /** Fetches a batch in its current state. Rejects as `HttpClient.request` does. */
  getBatch(referenceId: string, batchReferenceId: string, options?: CallOptions): ApiPromise<SimulatorBatch> {
    const pathParams = { referenceId, batchReferenceId };
    return this.#http.request({ method: 'GET', path: BATCH, pathParams, response: batch }, options);
  }

  /**
   * Polls a batch, every 2 s by default, until it is `COMPLETED`, `FAILED` or `STOPPED`.
   *
   * @throws (as rejection) `TimeoutError` after `totalTimeoutMs` (default 600,000 ms, ten minutes); `AbortError`; and
   * what {@link SimulatorClient.getBatch} throws in the first call, and later only for a permanent failure.
   */
  async waitForBatch(
    referenceId: string,
    batchReferenceId: string,
    options: PollOptions<SimulatorBatch> = {},
  ): Promise<SimulatorBatch> {
    checkOptions('waitForBatch', options, pollOptions);
    const read = (callOptions: CallOptions): ApiPromise<SimulatorBatch> =>
      this.getBatch(referenceId, batchReferenceId, callOptions);
    return pollUntilDone(this.#http, { job: 'batch', id: batchReferenceId, read }, options);
  }

  /** Stops a batch. Rejects as `HttpClient.request` does. */
  stopBatch(referenceId: string, batchReferenceId: string, options?: CallOptions): ApiPromise<undefined> {
    const pathParams = { referenceId, batchReferenceId };
    return this.#http.request({ method: 'POST', path: BATCH, pathParams, safeToRepeat: true }, options);
  }

  /** Lists the runs of a batch, each with its turns and metrics. Rejects as {@link SimulatorClient.list} does. */
  listRuns(
    referenceId: string,
    batchReferenceId: string,
    query: SimulatorPageQuery = {},
    options?: CallOptions,
  ): ApiPromise<SimulatorPage<Readonly<Record<string, unknown>>>> {
    return ApiPromise.from(this.#page(runsOf(referenceId, batchReferenceId), query, options));
  }

  /** Iterates over the runs of a batch. Throws as {@link SimulatorClient.listAll} does. */
  listAllRuns(
    referenceId: string,
    batchReferenceId: string,
    query: SimulatorPageQuery = {},
    options: ListAllOptions = {},
  ): PagedIterable<Readonly<Record<string, unknown>>, SimulatorPage<Readonly<Record<string, unknown>>>> {
    return followCursors('listAllRuns', query, options, (cursor, callOptions, soFar) =>
      this.#page(runsOf(referenceId, batchReferenceId), { ...query, cursor }, callOptions, soFar),
    );
  }

  async #scenarios(
    projectId: string,
    query: SimulatorPageQuery,
    options: CallOptions | undefined,
    soFar?: Progress,
  ): Promise<ApiResponse<SimulatorPage<SimulatorScenario>>> {
    checkKind('projectId', projectId, 'a string');
    return this.#page({ item: scenario, path: '/testing/simulations', projectId }, query, options, soFar);
  }

  async #page<T>(
    { item, projectId, ...route }: Listed<T>,
    query: SimulatorPageQuery,
    options: CallOptions | undefined,
    soFar?: Progress,
  ): Promise<ApiResponse<SimulatorPage<T>>> {
    const { pageSize: limit, cursor } = validateRequest(pageQuery, query, 'page query');
    const wire = { projectId, limit, skip: cursor };
    const call = this.#http.request({ ...route, method: 'GET', query: wire, response: pageOf(item) }, options);
    const response = await call.withResponse();
    const { hasNext, ...page } = response.data;
    const read = Number(cursor ?? 0) + receivedItems(page, response.omitted);
    const data = { ...page, nextCursor: hasNext ? String(read) : undefined };
    return withNextCursor({ ...response, data }, ['nextCursor'], cursor, soFar);
  }
}
