import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { sleep } from '../../http/clock.js';
import { bearerToken } from './authorization.js';
import { renderAnswer, spoil, type RenderedAnswer } from './http-answers.js';
import { renderProblem, renderStatusFault, type ListenerParts } from './http-listener.js';
import { methodNotAllowed } from './problem.js';
import type { RecordedRequest } from './recorded-request.js';

/** @internal Takes over the socket of an upgrade that was let in. */
export type AcceptUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** @internal Decides on an upgrade: how it is accepted; throws an `HttpProblem` to refuse it. */
export type AdmitUpgrade = (request: RecordedRequest) => AcceptUpgrade;

/** @internal Handles one upgrade: a connection to a stream, or an answer that refuses it. */
export async function handleUpgrade(
  parts: ListenerParts,
  admit: AdmitUpgrade,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => undefined);
  const requestId = randomUUID();
  const record = parts.requests.record(request, '', requestId);
  let status: number | undefined;
  try {
    const outcome = await decide(parts, admit, record.request);
    if (outcome === 'dropped' || socket.destroyed) {
      socket.destroy();
    } else if (typeof outcome === 'function') {
      outcome(request, socket, head);
      status = 101;
    } else {
      const { requestIdHeader = 'x-request-id' } = parts;
      refuse(socket, outcome, requestIdHeader === false ? {} : { [requestIdHeader]: requestId });
      status = outcome.status;
    }
  } catch {
    socket.destroy();
  } finally {
    record.finish(status);
  }
}

async function decide(
  parts: ListenerParts,
  admit: AdmitUpgrade,
  request: RecordedRequest,
): Promise<AcceptUpgrade | RenderedAnswer | 'dropped'> {
  const fault = parts.faults.pick(request);
  if (fault?.delayMs !== undefined) await sleep(parts.clock, fault.delayMs, parts.closing);
  if (fault?.kind === 'drop') return 'dropped';
  if (fault?.kind === 'status') return renderStatusFault(parts, request, fault);
  if (fault?.kind === 'revoked-token') parts.tokens.revoke(shownToken(request).token ?? '');
  else if (fault !== undefined && fault.kind !== 'delay') {
    return spoil(renderAnswer({ status: 200, json: { message: 'not an upgrade' } }), fault.kind);
  }
  try {
    if (request.method !== 'GET') throw methodNotAllowed(['GET']);
    return admit(request);
  } catch (error) {
    return renderProblem(parts, request, error);
  }
}

/** @internal Returns the token of an upgrade, and its place. */
export function shownToken({ headers, query }: RecordedRequest): {
  token: string | undefined;
  tokenIn: 'header' | 'query' | 'api-key';
} {
  const inHeader = bearerToken(headers);
  if (inHeader !== undefined) return { token: inHeader, tokenIn: 'header' };
  const inQuery = query.get('access_token') ?? undefined;
  return { token: inQuery, tokenIn: inQuery === undefined ? 'api-key' : 'query' };
}

function refuse(socket: Duplex, { status, headers, body }: RenderedAnswer, id: Readonly<Record<string, string>>): void {
  const lines = Object.entries({
    ...headers,
    ...id,
    'content-length': body.length,
    connection: 'close',
  });
  const head = lines.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  socket.end(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${head}\r\n`), body]),
  );
}
