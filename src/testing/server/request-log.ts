import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../http/clock.js';
import { keepLatest } from './kept.js';
import { requestTarget, type RecordedRequest } from './recorded-request.js';
import { routeMatcher, type RouteSelector } from './route-selector.js';
import { Waiters } from './waiters.js';
import { checkCounts, checkOptions, signalKind } from '../../options.js';

/** Options of a wait. */
export interface WaitOptions {
  /** Aborts the wait with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link RequestLog.waitFor}. */
export interface RequestWaitOptions extends WaitOptions {
  /** Which request to the route: 2 waits for the second. @defaultValue 1 */
  readonly count?: number | undefined;
}

/** @internal A recorded request and the means to finish it. */
export interface OpenRecord {
  readonly request: RecordedRequest;
  finish(status: number | undefined): void;
}

/**
 * The requests that a tenant received, oldest first. At most `limit` are kept (10,000 by default): each further one
 * evicts the oldest, while {@link RequestLog.total} keeps counting.
 */
export class RequestLog implements Iterable<RecordedRequest> {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #kept: RecordedRequest[] = [];
  readonly #waiters = new Waiters<RecordedRequest>();
  #total = 0;

  /** @internal */
  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Number of requests received since the start or the last {@link RequestLog.clear}. */
  get total(): number {
    return this.#total;
  }

  /** The requests that are kept, oldest first. */
  get all(): readonly RecordedRequest[] {
    return [...this.#kept];
  }

  /** The newest request. */
  get last(): RecordedRequest | undefined {
    return this.#kept.at(-1);
  }

  /** Iterates over the requests that are kept, oldest first. */
  [Symbol.iterator](): Iterator<RecordedRequest> {
    return this.all[Symbol.iterator]();
  }

  /** Returns the kept requests to a route, e.g. `POST /agentassist/suggest`, or those that a predicate accepts. */
  to(route: RouteSelector): readonly RecordedRequest[] {
    const matches = routeMatcher(route);
    return this.#kept.filter((request) => matches(request));
  }

  /** Returns the number of kept requests to a route. */
  count(route: RouteSelector): number {
    return this.to(route).length;
  }

  /**
   * Returns the first request to a route, or another one by its `count`, among those kept or future ones. Resolves when
   * the request arrives, before its response; await its `finished` for its status.
   *
   * @throws `AbortError` if `signal` is aborted first; `ConfigurationError` for a count that is not an integer of at
   * least 1.
   */
  async waitFor(route: RouteSelector, options: RequestWaitOptions = {}): Promise<RecordedRequest> {
    checkOptions('waitFor', options, { signal: signalKind, count: true });
    const { signal, count = 1 } = options;
    checkCounts({ count });
    const matches = routeMatcher(route);
    const kept = this.to(route);
    let missing = count - kept.length;
    return kept[count - 1] ?? this.#waiters.wait((request) => matches(request) && --missing === 0, signal);
  }

  /** Forgets everything. */
  clear(): void {
    this.#kept.length = 0;
    this.#total = 0;
  }

  /** @internal */
  record(request: IncomingMessage, bodyText: string, requestId: string): OpenRecord {
    const finished = Promise.withResolvers<undefined>();
    let status: number | undefined;
    this.#total += 1;
    const recorded: RecordedRequest = {
      ...requestTarget(request),
      headers: request.headers,
      bodyText,
      receivedAt: this.#clock.now(),
      requestId,
      sequence: this.#total,
      json: parseJson(bodyText),
      get status() {
        return status;
      },
      finished: finished.promise,
    };
    keepLatest(this.#kept, recorded, this.#limit);
    this.#waiters.offer(recorded);
    return {
      request: recorded,
      finish: (answered) => {
        status ??= answered;
        finished.resolve(undefined);
      },
    };
  }
}

/** Not `readJson`, which drops a field named `__proto__`: a test sees what was sent. */
function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
