import { AbortError, ConnectionError, TimeoutError, type CallInfo } from '../errors.js';
import type { Clock } from './clock.js';
import { redact } from './redact.js';
import type { Transport, TransportRequest } from './transport.js';

/** An answer whose body was read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How long something may take, and what to say when it took longer. */
export interface TimeLimit {
  readonly ms: number;
  readonly message: string;
}

/**
 * Runs `work` under a time limit and the caller's signal. Ends when either is reached even if `work` ignores the
 * signal that it is given.
 *
 * @throws `TimeoutError` or `AbortError`; otherwise what `work` throws.
 */
export async function withinLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  limit: TimeLimit,
  context: { readonly clock: Clock; readonly signal: AbortSignal | undefined; readonly call: () => CallInfo },
): Promise<T> {
  const { clock, signal, call } = context;
  if (signal?.aborted === true) throw new AbortError(signal.reason);
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const end = (error: Error): void => {
      stopWatching();
      reject(error);
      controller.abort();
    };
    const onAbort = (): void => {
      end(new AbortError(signal?.reason));
    };
    const timer = clock.setTimeout(() => {
      end(new TimeoutError(limit.message, call(), limit.ms));
    }, limit.ms);
    const stopWatching = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    work(controller.signal).then(
      (value) => {
        stopWatching();
        resolve(value);
      },
      (error: unknown) => {
        stopWatching();
        reject(error);
      },
    );
  });
}

/** Sends a request and reads the whole answer. */
export async function exchange(transport: Transport, request: TransportRequest): Promise<Answer> {
  const response = await transport(request);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The innermost error with a system code; fetch wraps it in a `TypeError`, ky wraps that once more. */
function systemError(error: unknown): { code?: string; message: string } {
  let current = error;
  for (let depth = 0; isObject(current) && depth < 5; depth += 1) {
    if (typeof current['code'] === 'string') return { code: current['code'], message: String(current['message']) };
    if (!isObject(current['cause'])) break;
    current = current['cause'];
  }
  return { message: isObject(current) ? String(current['message']) : 'connection failed' };
}

/**
 * Turns whatever a transport threw into a `ConnectionError`. The original is not kept: its message may quote the
 * query, and inspecting it may show the request's headers.
 */
export function connectionError(error: unknown, call: CallInfo, secrets: readonly string[]): ConnectionError {
  const { code, message } = systemError(error);
  const cause = new Error(redact(message, secrets));
  const reason = code ?? 'no usable answer';
  return new ConnectionError(`${call.method} ${call.path} failed: ${reason}`, call, { cause, code });
}
