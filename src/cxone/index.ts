/**
 * Real CXone tenants.
 *
 * @module agent-assist-sdk/cxone
 */

export {
  connectCxone,
  discoverCxone,
  type ConnectCxoneOptions,
  type CxoneConnection,
  type DiscoverCxoneOptions,
} from './discovery.js';
export { readIdToken, type CxoneIdentity } from './id-token.js';
export { cxoneArea, type CxoneAreaOptions, type CxonePlatform } from './platform.js';
