const { setImmediate } = globalThis as { readonly setImmediate?: ((callback: () => void) => unknown) | undefined };

/** Workers have no `setImmediate`, but a server of their own for each request. */
const nextTurn = async (): Promise<void> =>
  new Promise((resolve) => {
    if (setImmediate === undefined) resolve();
    else setImmediate(resolve);
  });

/**
 * Lets callers continue in the order of their calls, one in a turn of the event loop.
 *
 * Node accepts one new connection a turn. If a turn handled as many requests as have arrived, new connections to a busy
 * server would wait for seconds, where no deadline of the server sees them.
 */
export class Turns {
  #free: Promise<void> = Promise.resolve();

  /** Waits for a turn in which no other caller continues. */
  async next(): Promise<void> {
    const free = this.#free;
    this.#free = free.then(nextTurn);
    await free;
  }
}
