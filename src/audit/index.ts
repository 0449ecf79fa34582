/**
 * The platform's audit log, and a hash-chained one of your own.
 *
 * Guide: [Audit](../../docs/audit.md).
 *
 * @module agent-assist-sdk/audit
 */

export { AuditClient, type ListAllOptions } from './client.js';
export type { AuditRecord, AuditTrailEntry, AuditTrailHead } from './entry.js';
export type { AuditLogEntry, AuditLogPage, AuditLogQuery } from './schemas.js';
export { readAuditTrail, readAuditTrailCsv, type AuditTrailCallOptions, type AuditTrailCsvOptions } from './read.js';
export { AuditTrail, type AuditTrailOptions } from './trail.js';
export type { RecoveredTail } from './trail-file.js';
export {
  verifyAuditTrail,
  type AuditTrailProblem,
  type AuditTrailVerification,
  type VerifyTrailOptions,
} from './verify.js';
