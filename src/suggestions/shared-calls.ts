import { abortable } from '../http/index.js';

interface Call<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  callers: number;
}

/** Lets equal calls that are in flight at the same time share one. */
export class SharedCalls<T> {
  readonly #calls = new Map<string | symbol, Call<T>>();

  /**
   * Joins the call with this key, or starts it. The call goes on until the last of its callers has left.
   *
   * @param signal - ends this caller's wait only.
   */
  async join(key: string | symbol, start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const call = this.#calls.get(key) ?? this.#start(key, start);
    call.callers += 1;
    try {
      return await abortable(call.result, signal);
    } finally {
      call.callers -= 1;
      if (call.callers === 0) {
        this.#forget(key, call);
        call.controller.abort();
      }
    }
  }

  #start(key: string | symbol, start: (signal: AbortSignal) => Promise<T>): Call<T> {
    const controller = new AbortController();
    const call: Call<T> = {
      // Forgotten before any caller hears of the result: who asks from then on finds it in the cache.
      result: start(controller.signal).finally(() => {
        this.#forget(key, call);
      }),
      controller,
      callers: 0,
    };
    this.#calls.set(key, call);
    return call;
  }

  #forget(key: string | symbol, call: Call<T>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
  }
}
