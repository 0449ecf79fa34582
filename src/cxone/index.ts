/**
 * Real CXone tenants.
 *
 * @module agent-assist-sdk/cxone
 */

export {};
