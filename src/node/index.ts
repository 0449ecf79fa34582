/**
 * What only Node has: a faster transport on undici, a guard for targets that strangers choose, adapters of its servers.
 *
 * Guide: [Runtimes](../../docs/runtimes.md).
 *
 * @module agent-assist-sdk/node
 */

export { createGuardedAgent } from './guarded-agent.js';
export {
  toFastifyPlugin,
  toNodeHandler,
  type FastifyInstanceLike,
  type FastifyReplyLike,
  type NodeHandler,
  type WebHandler,
} from './handler.js';
export { NodeTransport, type NodeTransportOptions } from './transport.js';
