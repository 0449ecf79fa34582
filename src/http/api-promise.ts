import { ConfigurationError } from '../errors.js';
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
 * request id and the number of attempts beside it. `then`, `catch` and `finally` give ordinary promises.
 *
 * @example
 * ```ts
 * const { data, requestId } = await suggestions.suggest(interaction).withResponse();
 * ```
 */
export class ApiPromise<T> extends Promise<T> {
  #response: ApiResponse<T> | undefined;

  /** `then`, `catch` and `finally` give ordinary promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The promise of a call that answers with `response`. */
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

  /** Runs `start`; what it throws becomes a rejection, as with `Promise.try`. */
  static attempt<T>(start: () => ApiPromise<T>): ApiPromise<T> {
    try {
      return start();
    } catch (error) {
      return ApiPromise.from<T>(Promise.reject(error));
    }
  }

  /**
   * The parsed answer with status, headers, request id and the number of attempts.
   *
   * @throws (as rejection) what the call rejects with; `ConfigurationError` where there was no call, e.g. for the promise
   * of `ApiPromise.all`.
   */
  withResponse(): Promise<ApiResponse<T>> {
    return this.then(() => {
      if (this.#response === undefined) throw new ConfigurationError('withResponse: this promise is none of a call');
      return this.#response;
    });
  }
}
