/**
 * The platform's audit log, and a hash-chained audit trail.
 *
 * Guide: [Audit](../../docs/audit.md).
 *
 * @module agent-assist-sdk/audit
 */

export { AuditClient } from './client.js';
export type { ListAllOptions } from '../http/internal.js';
export { readAuditTrail, readAuditTrailCsv } from './read.js';
export { AuditTrail } from './trail.js';
export type {
  AuditLogEntry,
  AuditLogPage,
  AuditLogQuery,
  AuditRecord,
  AuditTrailCallOptions,
  AuditTrailCsvOptions,
  AuditTrailEntry,
  AuditTrailHead,
  AuditTrailOptions,
  AuditTrailProblem,
  AuditTrailVerification,
  RecoveredTail,
  VerifyTrailOptions,
} from './types.js';
export { verifyAuditTrail } from './verify.js';
