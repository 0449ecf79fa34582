import { ConfigurationError } from '../errors.js';
import type { OmittedPart } from './validation.js';

/** The parsed response of a call, with its metadata. */
export interface ApiResponse<T> {
  /** The parsed body. */
  readonly data: T;
  readonly status: number;
  /** Headers of the response. */
  readonly headers: Headers;
  /** Request id from the response headers, if present. */
  readonly requestId: string | undefined;
  /** Number of requests sent for this call, the first included. */
  readonly attempts: number;
  /** Invalid parts that were left out of `data`: optional fields and list items. Nearly always empty. */
  readonly omitted: readonly OmittedPart[];
}

/**
 * The promise of a call. Await it for the parsed response, or call {@link ApiPromise.withResponse} for status, headers,
 * request id and the number of attempts too. `then`, `catch` and `finally` return ordinary promises.
 *
 * @example
 * ```ts
 * const { data, requestId } = await suggestions.suggest(interaction).withResponse();
 * ```
 */
export class ApiPromise<T> extends Promise<T> {
  #response: ApiResponse<T> | undefined;

  /** Makes `then`, `catch` and `finally` return ordinary promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Creates the promise of a call from its `response`. */
  static from<T>(response: Promise<ApiResponse<T>>): ApiPromise<T> {
    // Each promise of this chain has one reaction, so that V8 can follow it from an error to the caller's `await`.
    const promise = new ApiPromise<T>((resolve) => {
      const data = response.then((answer) => {
        promise.#response = answer;
        return answer.data;
      });
      resolve(data);
    });
    return promise;
  }

  /** Runs `start`. An error that it throws becomes a rejection, as with `Promise.try`. */
  static attempt<T>(start: () => ApiPromise<T>): ApiPromise<T> {
    try {
      return start();
    } catch (error) {
      return ApiPromise.from<T>(Promise.reject(error));
    }
  }

  /**
   * Returns the parsed response with status, headers, request id and the number of attempts.
   *
   * @throws (as rejection) what the call rejects with; `ConfigurationError` for a promise without a call, e.g. of
   * `ApiPromise.all`.
   */
  withResponse(): Promise<ApiResponse<T>> {
    return this.then(() => {
      if (this.#response === undefined)
        throw new ConfigurationError('withResponse: this promise does not belong to a call');
      return this.#response;
    });
  }
}
