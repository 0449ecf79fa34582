/**
 * Features that need the optional peer dependency `undici`: a faster transport for Node, and a guard for targets chosen
 * by untrusted users.
 *
 * Guide: [Runtimes](../../docs/runtimes.md#a-faster-transport-for-node).
 *
 * @module agent-assist-sdk/undici
 */

// First, since undici itself fails on an older Node without saying which one is needed.
import '../errors.js';

export { createGuardedAgent } from './guarded-agent.js';
export { NodeTransport, type NodeTransportOptions } from './transport.js';
