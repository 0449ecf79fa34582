import { AgentAssistError, listIssues, type Issue } from './base.js';

/** The stream ended and will not reconnect, or could not be opened. */
export class StreamError extends AgentAssistError {
  override name = 'StreamError';
  override readonly code = 'stream_failed';
  /** WebSocket close code (RFC 6455 §7.4), if the connection was closed with one. */
  readonly closeCode: number | undefined;
  /** HTTP status, if the upgrade was refused with one, or a similar status in a message that refused the client. */
  override readonly status: number | undefined;

  constructor(
    message: string,
    options?: ErrorOptions & { closeCode?: number | undefined; status?: number | undefined },
  ) {
    super(message, options);
    this.closeCode = options?.closeCode;
    this.status = options?.status;
  }
}

/**
 * Reason of a {@link WebhookVerificationError}: a header is missing or malformed, the timestamp is outside the
 * tolerance, no signature matches any secret, the body is compressed and no signature matches it, or the id is a
 * duplicate.
 */
export type WebhookVerificationReason =
  | 'missing_header'
  | 'malformed_header'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'no_matching_signature'
  | 'compressed_body'
  | 'replayed';

/** Verification of a webhook failed, or it is a replay (protocol 10). Its body was not parsed. */
export class WebhookVerificationError extends AgentAssistError {
  override name = 'WebhookVerificationError';
  override readonly code = 'webhook_verification_failed';
  /** The reason, e.g. `timestamp_too_old`. */
  readonly reason: WebhookVerificationReason;

  constructor(reason: WebhookVerificationReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A webhook is genuine, but its body is not a JSON event `{type, timestamp, data}` (protocol 10). */
export class WebhookPayloadError extends AgentAssistError {
  override name = 'WebhookPayloadError';
  override readonly code = 'invalid_webhook';
  /** All problems of the body, each with its path. */
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(`Invalid webhook body: ${listIssues(issues)}`);
    this.issues = issues;
  }
}

/**
 * Reason of an {@link AuditTrailError}: another writer changed the file, the file cannot be read as a trail, or the
 * system could not write it.
 */
export type AuditTrailReason = 'conflict' | 'broken' | 'write_failed';

/** A record could not be added to an audit trail, or the trail could not be opened. */
export class AuditTrailError extends AgentAssistError {
  override name = 'AuditTrailError';
  override readonly code = 'audit_trail_failed';
  /** What failed. */
  readonly reason: AuditTrailReason;
  /** The trail's file. */
  readonly path: string;

  constructor(reason: AuditTrailReason, path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.reason = reason;
    this.path = path;
  }
}

/**
 * Reason of a {@link RecordingError}: the file cannot be read as a recording, the system could not write it, an event
 * could not be recorded, e.g. because `redact` threw, or someone else deleted or truncated the file that is being written.
 */
export type RecordingReason = 'broken' | 'write_failed' | 'event_failed' | 'file_lost';

/** A recording could not be written or read, or an event could not be recorded. Does not quote any event. */
export class RecordingError extends AgentAssistError {
  override name = 'RecordingError';
  override readonly code = 'recording_failed';
  /** What failed. */
  readonly reason: RecordingReason;
  /** The recording's file. */
  readonly path: string;
  /** The broken line, from 1, if there is one. */
  readonly line: number | undefined;

  constructor(
    reason: RecordingReason,
    path: string,
    problem: string,
    options?: ErrorOptions & { readonly line?: number | undefined },
  ) {
    super(`${path}${options?.line === undefined ? '' : `:${options.line}`}: ${problem}`, options);
    this.reason = reason;
    this.path = path;
    this.line = options?.line;
  }
}

/** A required source failed or timed out. Its error is the `cause`. */
export class EnrichmentError extends AgentAssistError {
  override name = 'EnrichmentError';
  override readonly code = 'enrichment_failed';
  /** Name of the source. */
  readonly source: string;
  /** Whether a time limit was reached: the source's, its call's, or that of the whole enrichment. */
  readonly timedOut: boolean;

  constructor(source: string, timedOut: boolean, cause: unknown) {
    super(`The source ${source} ${timedOut ? 'did not respond in time' : 'failed'}`, { cause });
    this.source = source;
    this.timedOut = timedOut;
  }
}

/** A problem in a file, and its position. */
export interface FileIssue extends Issue {
  /** Line, from 1; absent if the whole file is concerned. */
  readonly line?: number | undefined;
  /** Column, from 1; absent if the whole file is concerned. */
  readonly column?: number | undefined;
}

/** Limit of issues in the message of a {@link SuiteFileError}. */
const LISTED = 20;

/** A suite, a journal or a saved run is invalid. The message names file, line and path of each issue. */
export class SuiteFileError extends AgentAssistError {
  override name = 'SuiteFileError';
  override readonly code = 'invalid_suite_file';
  /** The file, as passed by the caller. */
  readonly file: string;
  /** All problems. */
  readonly issues: readonly FileIssue[];

  constructor(file: string, issues: readonly FileIssue[], options?: ErrorOptions) {
    const more = issues.length > LISTED ? [`and ${issues.length - LISTED} more`] : [];
    super([...issues.slice(0, LISTED).map((issue) => describe(file, issue)), ...more].join('\n'), options);
    this.file = file;
    this.issues = issues;
  }
}

function describe(file: string, { line, column, path, message }: FileIssue): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
}
