/**
 * What only Node has: a faster transport on undici.
 *
 * @module agent-assist-sdk/node
 */

export { NodeTransport, type NodeTransportOptions } from './transport.js';
