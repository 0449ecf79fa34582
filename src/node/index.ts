/**
 * Adapters that serve the handlers of this package with `node:http`, Express and Fastify.
 *
 * Guide: [Webhooks](../../docs/webhooks.md#nodehttp-express-and-fastify).
 *
 * @module agent-assist-sdk/node
 */

export {
  toFastifyPlugin,
  toNodeHandler,
  type FastifyInstanceLike,
  type FastifyReplyLike,
  type NodeHandler,
  type WebHandler,
} from './handler.js';
