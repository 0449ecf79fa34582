/** Collects unhandled rejections in place of whoever listens for them, until it is disposed. */
export function unhandledRejections(): AsyncDisposable & { seen(): Promise<readonly unknown[]> } {
  const reasons: unknown[] = [];
  const collect = (reason: unknown): void => void reasons.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', collect);
  const seen = async (): Promise<readonly unknown[]> => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return reasons;
  };
  return {
    seen,
    async [Symbol.asyncDispose]() {
      await seen();
      process.removeListener('unhandledRejection', collect);
      for (const listener of others) process.on('unhandledRejection', listener);
    },
  };
}
