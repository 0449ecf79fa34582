import type { ApiError } from '../errors.js';
import type { Clock } from './clock.js';
import { checkKind } from '../options.js';
import { guarded } from './guard.js';
import type { Logger } from './logger.js';
import { checkedHeaders } from './headers.js';

/** The start of a call. Contains no query, no body and no secret. */
export interface CallStart {
  /** HTTP method. */
  readonly method: string;
  /** Scheme, host and port, e.g. `https://acme.cognigy.ai`. */
  readonly origin: string;
  /** Path of the URL, with secrets removed. */
  readonly path: string;
  /**
   * The path template below the base URL, e.g. `/bots/{botId}/versions`. It has few values, so it can be a label of a
   * metric.
   */
  readonly route: string;
}

/** An attempt of a call, before it is sent. */
export interface AttemptStart extends CallStart {
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** The end of a call or an attempt. */
export interface CallEnd {
  /** HTTP status of the response, or of the error; absent without a response. */
  readonly status?: number | undefined;
  /** Why the call failed, or why an attempt got no response; absent otherwise. */
  readonly error?: unknown;
  /** Duration in ms, including waits. */
  readonly durationMs: number;
}

/** A measurement. Contains no content of an interaction and no secret. */
export type Measurement =
  /** A retry took `tokens` from the `RetryBudget`; absent if too few were left, and the call is not retried. */
  | { readonly type: 'retry_budget'; readonly tokens: number | undefined }
  /** A successful call paid `tokens` back to the `RetryBudget`; not recorded if it was full. */
  | { readonly type: 'retry_refund'; readonly tokens: number }
  /** An `AuthClient` asked its token endpoint for a token; `error` if that failed. */
  | { readonly type: 'token_refresh'; readonly error?: unknown }
  /** The state of an `AssistStream` changed; `from` is absent when it starts. */
  | { readonly type: 'stream_state'; readonly from: string | undefined; readonly to: string }
  /** A stream emitted an event, by the name of its listeners, e.g. `INTERACTION_UPDATE`, `unknown` or `gap`. */
  | { readonly type: 'stream_event'; readonly name: string }
  /** A stream will reconnect after `delayMs`. */
  | { readonly type: 'stream_reconnect'; readonly delayMs: number; readonly error: unknown }
  /** An iteration dropped its oldest event (`overflow`), or received a duplicate (`duplicate`; see `idOf`). */
  | { readonly type: 'stream_drop'; readonly reason: 'overflow' | 'duplicate' }
  /** An `AssistEngine` handled an update; `status` `cached` is a hit of its cache, and `error` is why it fell back. */
  | {
      readonly type: 'assist_outcome';
      readonly status: string;
      readonly durationMs: number;
      readonly error?: unknown;
    }
  /** An `EnrichmentCache` was asked for a part: cached, joined the load of another caller, or loaded by its source. */
  | { readonly type: 'enrichment_lookup'; readonly result: 'hit' | 'joined' | 'miss' }
  /** A question left its queue to be handled; `ageMs` is how long it had waited. */
  | { readonly type: 'question_asked'; readonly ageMs: number }
  /** A question was dropped from its queue; see `DropReason`. */
  | { readonly type: 'question_dropped'; readonly reason: string; readonly ageMs: number };

/**
 * Observes the SDK, e.g. for OpenTelemetry, Prometheus or a vendor's agent. `agent-assist-sdk/otel` implements it. Each
 * function is optional. Errors of a function are logged and never affect the observed work; nothing waits for it.
 *
 * @example
 * ```ts
 * import { HttpClient, cognigy } from 'agent-assist-sdk';
 * import type { Instrumentation } from 'agent-assist-sdk/http';
 *
 * const instrumentation: Instrumentation = {
 *   async call({ method, route }, run) {
 *     const { status, durationMs } = await run();
 *     console.log(method, route, status, Math.round(durationMs));
 *   },
 * };
 * const http = new HttpClient({ platform: cognigy({ tenant: 'acme' }), instrumentation });
 * ```
 */
export interface Instrumentation {
  /**
   * Called when a call starts. `run` makes the call in the current async context and resolves with its end; it never
   * rejects. Call it before the first `await`; otherwise the call is made outside of that context.
   */
  readonly call?: ((call: CallStart, run: () => Promise<CallEnd>) => unknown) | undefined;
  /**
   * Called before each attempt. `run` sends it, as in {@link Instrumentation.call}, with additional headers such as
   * `traceparent` ([W3C Trace Context](https://www.w3.org/TR/trace-context/)). They do not override the request's own.
   */
  readonly attempt?:
    | ((attempt: AttemptStart, run: (headers?: Readonly<Record<string, string>>) => Promise<CallEnd>) => unknown)
    | undefined;
  /**
   * Called when work is queued. Returns a function that does this work later in the current async context, so that a
   * span of the work has the right parent.
   */
  readonly bind?: ((work: () => unknown) => () => unknown) | undefined;
  /** Called with each measurement. */
  readonly record?: ((measurement: Measurement) => unknown) | undefined;
}

/** Adds headers to an attempt. */
type AddedHeaders = Readonly<Record<string, string>>;

/** An {@link Instrumentation} that cannot fail. */
export interface Instruments {
  /** Does `work` once, inside a hook if that runs it. Settles like `work`, regardless of the hook. */
  inside<T extends { readonly status: number }>(
    hook: 'call' | 'attempt',
    start: AttemptStart,
    work: (headers?: AddedHeaders) => Promise<T>,
  ): Promise<T>;
  record(measurement: Measurement): void;
}

/** @throws {@link ConfigurationError} for an object that observes nothing. */
export function resolveInstrumentation(
  given: Instrumentation | undefined,
  logger: Logger,
  clock: Clock,
): Instruments | undefined {
  if (given === undefined) return undefined;
  checkKind('instrumentation.call', given.call ?? given.attempt ?? given.record ?? given.bind, 'a function');
  return {
    inside: (hook, start, work) => {
      const startedAt = clock.monotonic();
      let result: ReturnType<typeof work> | undefined;
      const end = ({ status }: Pick<CallEnd, 'status'>, error?: unknown): CallEnd => ({
        status,
        error,
        durationMs: clock.monotonic() - startedAt,
      });
      const run = (headers?: AddedHeaders): Promise<CallEnd> => {
        result ??= work(checkedHeaders(headers));
        return result.then(end, (error: unknown) => end(error as ApiError, error));
      };
      guarded('instrumentation', () => given[hook]?.(start, run), logger)();
      return result ?? (result = work());
    },
    record: guarded('instrumentation', (measurement) => given.record?.(measurement), logger),
  };
}
