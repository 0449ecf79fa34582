import { ConfigurationError } from '../errors.js';
import { isThenable } from './guard.js';

/**
 * Where the SDK logs to: four levels, each taking a message and a few fields. `console` fits as it is, a pino logger
 * by {@link pinoLogger}; the message alone says what matters. What a logger throws is ignored. Credentials, query
 * strings and bodies are never logged.
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

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** A logger with these four functions, by level. */
function loggerOf(log: (level: (typeof LEVELS)[number]) => Logger['info']): Logger {
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** Logs nothing; the default. */
export const silentLogger: Logger = loggerOf(() => () => undefined);

/**
 * The logger that a client uses: the given one, behind a guard that ignores whatever it throws or rejects with.
 *
 * @throws {@link ConfigurationError} for one that lacks a level.
 */
export function resolveLogger(given: Logger | undefined): Logger {
  const logger = given ?? silentLogger;
  if (!LEVELS.every((level) => typeof logger[level] === 'function')) {
    throw new ConfigurationError('logger: expected an object with debug, info, warn and error, e.g. console');
  }
  return loggerOf((level) => (message, fields) => {
    try {
      const log: (...args: Parameters<Logger['info']>) => unknown = logger[level].bind(logger);
      const result = log(message, fields);
      if (isThenable(result)) Promise.resolve(result).catch(() => undefined);
    } catch {
      // There is nowhere left to report it.
    }
  });
}
