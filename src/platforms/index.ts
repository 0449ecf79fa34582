/**
 * Platform presets: URLs and conventions of Cognigy.AI and CXone.
 *
 * Guide: [Authentication](../../docs/authentication.md).
 *
 * @module agent-assist-sdk/platforms
 */

export { cognigy, type CognigyOptions } from './cognigy.js';
export { cxone } from './cxone.js';
export type { PlatformOptions } from './platform.js';
export type { Platform } from '../http/internal.js';
