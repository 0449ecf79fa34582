/**
 * What only Node has: a faster transport on undici.
 *
 * Guide: [Runtimes](../../docs/runtimes.md).
 *
 * @module agent-assist-sdk/node
 */

export { NodeTransport, type NodeTransportOptions } from './transport.js';
