import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { sleep } from '../../http/clock.js';
import { bearerToken } from './authorization.js';
import { renderAnswer, renderProblem, spoil, type RenderedAnswer } from './http-answers.js';
import { renderStatusFault, requestTarget, type ListenerParts } from './http-listener.js';
import { HttpProblem } from './problem.js';
import type { RecordedRequest } from './request-log.js';
import { streamScopes, type AcceptedUpgrade, type TenantStream } from '../stream/stream.js';

/** @internal Handles one upgrade: a connection to the stream, or an answer that refuses it. */
export async function handleUpgrade(
  parts: ListenerParts,
  stream: TenantStream,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => undefined);
  const requestId = randomUUID();
  const record = parts.requests.record({
    ...requestTarget(request),
    headers: request.headers,
    bodyText: '',
    receivedAt: parts.clock.now(),
    requestId,
  });
  let status: number | undefined;
  try {
    const outcome = await decide(parts, record.request);
    if (outcome === 'dropped' || socket.destroyed) {
      socket.destroy();
    } else if ('tokenIn' in outcome) {
      stream.accept(request, socket, head, outcome);
      status = 101;
    } else {
      refuse(socket, outcome, requestId);
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
  request: RecordedRequest,
): Promise<AcceptedUpgrade | RenderedAnswer | 'dropped'> {
  const fault = parts.faults.pick(request);
  if (fault?.delayMs !== undefined) await sleep(parts.clock, fault.delayMs, parts.closing);
  if (fault?.kind === 'drop') return 'dropped';
  if (fault?.kind === 'status') return renderStatusFault(fault, parts.clock);
  if (fault?.kind === 'revoked-token') parts.tokens.revoke(shownToken(request).token ?? '');
  else if (fault !== undefined && fault.kind !== 'delay') {
    return spoil(renderAnswer({ status: 200, json: { message: 'not an upgrade' } }), fault.kind);
  }
  try {
    return admit(parts, request);
  } catch (error) {
    return renderProblem(error);
  }
}

function admit({ authorizer }: ListenerParts, request: RecordedRequest): AcceptedUpgrade {
  const { method, path, headers } = request;
  const scope = streamScopes.get(path);
  if (scope === undefined) throw new HttpProblem(404, 'not_found', { message: 'there is no such stream' });
  if (method !== 'GET') throw new HttpProblem(405, 'method_not_allowed', { headers: { allow: 'GET' } });
  const { token, tokenIn } = shownToken(request);
  const { clientId } = authorizer.authorize(token, headers, [scope]);
  return { path, tokenIn, clientId };
}

function shownToken({ headers, query }: RecordedRequest): {
  token: string | undefined;
  tokenIn: AcceptedUpgrade['tokenIn'];
} {
  const inHeader = bearerToken(headers);
  if (inHeader !== undefined) return { token: inHeader, tokenIn: 'header' };
  const inQuery = query.get('access_token') ?? undefined;
  return { token: inQuery, tokenIn: inQuery === undefined ? 'api-key' : 'query' };
}

function refuse(socket: Duplex, { status, headers, body }: RenderedAnswer, requestId: string): void {
  const lines = Object.entries({
    ...headers,
    'x-request-id': requestId,
    'content-length': body.length,
    connection: 'close',
  });
  const head = lines.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  socket.end(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${head}\r\n`), body]),
  );
}
