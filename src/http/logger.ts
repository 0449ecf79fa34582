import { environmentLogger } from '#runtime';
import { checkKind } from '../options.js';
import { attempt } from './callbacks.js';

/**
 * A logger with four levels. Each takes a message, complete in itself, and a few fields. `console` fits; use
 * {@link pinoLogger} for pino and other loggers that take the fields first. Errors that a logger throws are ignored.
 * Credentials, query strings and bodies are never logged.
 */
export interface Logger {
  /** Logs single steps: attempts, waits, token requests. */
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Logs changes of state: connected, closed. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Logs a failure that the SDK handles: a retry, a reconnection. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Logs a final failure, or a listener that threw. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const LEVELS: readonly (keyof Logger)[] = ['debug', 'info', 'warn', 'error'];

/**
 * Adapts pino, or another logger that takes the fields first. The field `error` becomes `err`, which pino writes with
 * class, message and stack.
 *
 * @throws `ConfigurationError` for a logger without one of the levels.
 *
 * @example
 * ```ts
 * import { HttpClient, cognigy } from 'agent-assist-sdk';
 * import { pinoLogger } from 'agent-assist-sdk/http';
 * import pino from 'pino';
 *
 * const http = new HttpClient({ platform: cognigy({ tenant: 'acme' }), logger: pinoLogger(pino()) });
 * ```
 */
export function pinoLogger(pino: Record<keyof Logger, (fields: object, message: string) => unknown>): Logger {
  return loggerOf((level) => {
    checkKind('logger', pino, `a logger with ${level}()`);
    return (message, { error, ...fields } = {}) =>
      pino[level](error === undefined ? fields : { ...fields, err: error }, message);
  });
}

/** Returns a logger from a function per level. */
function loggerOf(log: (level: keyof Logger) => (...args: Parameters<Logger['info']>) => unknown): Logger {
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** Logs nothing; the default, unless the environment sets `AGENT_ASSIST_LOG`. */
export const silentLogger: Logger = loggerOf(() => () => undefined);

/**
 * Returns the given logger, or that of the environment, wrapped to ignore what it throws or rejects with.
 *
 * @throws `ConfigurationError` for a logger without one of the levels.
 */
export function resolveLogger(given: Logger | undefined): Logger {
  const logger = given ?? environmentLogger(LEVELS, loggerOf) ?? silentLogger;
  if (logger === silentLogger) return logger;
  for (const level of LEVELS) checkKind('logger', logger, `a logger with ${level}()`);
  // A pino logger without the adapter would drop the fields: its type allows a message first.
  const target =
    'bindings' in logger && 'isLevelEnabled' in logger
      ? pinoLogger(logger as unknown as Parameters<typeof pinoLogger>[0])
      : logger;
  // There is nowhere left to report an error.
  return loggerOf(
    (level) => (message, fields) =>
      attempt(
        () => target[level](message, fields),
        () => undefined,
      ),
  );
}
