export { cognigy, type CognigyOptions } from './cognigy.js';
export { cxone } from './cxone.js';
export type { Platform, PlatformOptions } from './platform.js';
