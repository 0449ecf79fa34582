import { ConnectionError, type CallInfo } from '../errors.js';
import { connectionFailure } from './connection-failure.js';
import { connectionProblem } from './connection-advice.js';
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

/**
 * Turns whatever a transport threw into a `ConnectionError`. The original is not kept: its message may quote the
 * query, and inspecting it may show the request's headers.
 */
export function connectionError(
  error: unknown,
  call: CallInfo & { readonly host: string },
  secrets: readonly string[],
): ConnectionError {
  const { code, message, permanent } = connectionFailure(error, secrets);
  const cause = new Error(message);
  const { method, path, host } = call;
  const problem = connectionProblem(code, message, host);
  return new ConnectionError(`${method} ${path} failed: ${problem}`, call, { cause, code, host, permanent });
}
