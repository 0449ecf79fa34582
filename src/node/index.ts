/**
 * What only Node has: a faster transport on undici.
 *
 * @module
 */

export { NodeTransport, type NodeTransportOptions } from './transport.js';
