import { ConnectionPool } from './connection-pool.js';
import type { Authorize } from '../server/authorization.js';
import type { ServerParts } from '../server/http-listener.js';
import { HttpProblem } from '../server/problem.js';
import type { RecordedRequest } from '../server/recorded-request.js';
import { shownToken, type AcceptUpgrade } from '../server/upgrade-listener.js';
import { checkKind } from '../../options.js';

/** The stream's path on Cognigy.AI and on CXone (protocol 1), and the scope that each asks for (protocol 2). */
const streamScopes: ReadonlyMap<string, string> = new Map([
  ['/api/v1/streaming/agentassist', 'streaming:subscribe'],
  ['/cxoneapi/v2/agentassist/stream', 'agentassist:read'],
]);

/** Events of known types that break their shape (protocol 5). */
export const outOfShapeEvents: readonly object[] = [
  { type: 'INTERACTION_UPDATE' },
  { type: 'INTERACTION_UPDATE', payload: null },
  { type: 'INTERACTION_UPDATE', payload: { transcript: 'no interaction', sentimentScore: 0 } },
  { type: 'INTERACTION_UPDATE', payload: { interactionId: 'shape-1', transcript: 12, sentimentScore: 'low' } },
  { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'shape-2' },
  { type: 'TRANSCRIPT_FRAGMENT', interactionId: 3, text: 'a number for an id' },
  { type: 'DIALOG_STATE', interactionId: 'shape-4', state: { name: 'TURN_END' } },
  { type: 'INSIGHT_ACCEPTED', interactionId: 'shape-5' },
];

/** @internal Lets a request for one of the two streams in; throws an `HttpProblem` for any other. */
export function admitToStream(stream: TenantStream, authorize: Authorize, request: RecordedRequest): AcceptUpgrade {
  const { path } = request;
  const scope = streamScopes.get(path);
  if (scope === undefined) throw new HttpProblem(404, 'not_found', 'there is no such stream');
  const { token, tokenIn } = shownToken(request);
  const { clientId } = authorize(request, scope, token);
  return (upgrade, socket, head) => stream.accept(upgrade, socket, head, { path, tokenIn, clientId });
}

/** The stream of a tenant, with its connections and faults. */
export class TenantStream extends ConnectionPool {
  /** @internal */
  constructor(parts: Pick<ServerParts, 'clock' | 'closing'>, heartbeatMs: number) {
    super(parts);
    if (heartbeatMs === Infinity) return;
    const { clock, closing } = parts;
    const schedule = (): unknown =>
      clock.setTimeout(() => {
        this.send({ type: 'HEARTBEAT' });
        timer = schedule();
      }, heartbeatMs);
    let timer = schedule();
    closing.addEventListener('abort', () => clock.clearTimeout(timer));
  }

  /** Sends an event to every connection. Returns the number of receivers. */
  send(event: object): number {
    checkKind('event', event, 'an object');
    return this.sendRaw(JSON.stringify(event));
  }

  /** Sends many events at once. Returns the number of sent frames. */
  burst(events: Iterable<object>): number {
    checkKind('events', (Object(events) as typeof events)[Symbol.iterator], 'a function', 'a list of events');
    let frames = 0;
    for (const event of events) frames += this.send(event);
    return frames;
  }

  /** Sends events of known types that break their shape. */
  sendOutOfShape(): void {
    this.burst(outOfShapeEvents);
  }
}
