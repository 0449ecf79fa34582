/**
 * Where the SDK logs to: four levels, each taking a message and a few fields. `console` and a pino logger fit as they
 * are; the message alone says what matters. Credentials, query strings and bodies are never logged.
 */
export interface Logger {
  /** What happens step by step: attempts, waits, token fetches. */
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Changes of state: connected, closed. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something failed and is being mended: a retry, a reconnection. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something failed for good, or a listener threw. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Logs nothing; the default. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
