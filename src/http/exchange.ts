import { ConnectionError, type CallInfo } from '../errors.js';
import { redact } from './redact.js';
import type { Transport, TransportRequest } from './transport.js';

/** An answer whose body was read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
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
