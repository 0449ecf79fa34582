/** Returns whether a value has a `then`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/**
 * Calls the caller's functions and passes their errors to `onError`. Keeps errors of `onError` itself for
 * {@link Callbacks.settled}, so that no failure is lost.
 */
export class Callbacks<Subject> {
  readonly #onError: (error: unknown, subject: Subject) => unknown;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(onError: (error: unknown, subject: Subject) => unknown) {
    this.#onError = onError;
  }

  /** Calls a function at once and does not wait for its promise. Never throws. */
  call(callback: () => unknown, subject: Subject): void {
    const running = this.run(callback, subject);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  /** Reports an error at once. The promise never rejects. */
  async report(error: unknown, subject: Subject): Promise<void> {
    try {
      await this.#onError(error, subject);
    } catch (failure) {
      this.#failure ??= { error: failure };
    }
  }

  /** Resolves when every call has ended; rejects with the first failure of `onError`, if it had one. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Calls a function at once. The promise settles when it has ended, and never rejects. */
  async run(callback: () => unknown, subject: Subject): Promise<void> {
    try {
      const result = callback();
      if (isThenable(result)) await result;
    } catch (error) {
      await this.report(error, subject);
    }
  }
}
