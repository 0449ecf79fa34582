/**
 * Presets: where a platform is and what it expects.
 *
 * Guide: [Authentication](../../docs/authentication.md).
 *
 * @module agent-assist-sdk/platforms
 */

export { cognigy, type CognigyOptions } from './cognigy.js';
export { cxone } from './cxone.js';
export type { PlatformOptions } from './platform.js';
export type { Platform } from '../http/internal.js';
