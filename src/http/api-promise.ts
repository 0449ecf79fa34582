import type { OmittedPart } from './validation.js';

/** The parsed answer of a call together with what came around it. */
export interface ApiResponse<T> {
  /** The parsed answer. */
  readonly data: T;
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Headers;
  /** Request id from the answer's headers, where there is one. */
  readonly requestId: string | undefined;
  /** Requests that were sent for this call, the first one included. */
  readonly attempts: number;
  /** What broke its rule and was left out of `data`: optional fields and items of lists. Nearly always empty. */
  readonly omitted: readonly OmittedPart[];
}

/**
 * The promise of a call. Await it for the parsed answer, or ask {@link ApiPromise.withResponse} for status, headers,
 * request id and the number of attempts beside it.
 *
 * @example
 * ```ts
 * const { data, requestId } = await suggestions.suggest(interaction).withResponse();
 * ```
 */
export class ApiPromise<T> extends Promise<T> {
  readonly #response: Promise<ApiResponse<T>>;

  /** `then`, `catch` and `finally` give ordinary promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  constructor(response: Promise<ApiResponse<T>>) {
    // The base promise is never looked at: everything goes through `then` below, so that a caller who only asks for
    // `withResponse()` leaves no second, unhandled rejection behind.
    super((resolve) => {
      resolve(undefined as T);
    });
    this.#response = response;
  }

  /** Runs `start`; what it throws becomes a rejection, as with `Promise.try`. */
  static attempt<T>(start: () => ApiPromise<T>): ApiPromise<T> {
    try {
      return start();
    } catch (error) {
      return new ApiPromise<T>(Promise.reject(error));
    }
  }

  override then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return this.#response.then(({ data }) => data).then(onFulfilled, onRejected);
  }

  override catch<R = never>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): Promise<T | R> {
    return this.then(undefined, onRejected);
  }

  override finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#response.then(({ data }) => data).finally(onFinally);
  }

  /** The parsed answer with status, headers, request id and the number of attempts. */
  withResponse(): Promise<ApiResponse<T>> {
    return this.#response;
  }
}
