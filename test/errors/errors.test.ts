import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import * as errors from 'agent-assist-sdk/errors';
import {
  AgentAssistError,
  QueueFullError,
  TimeoutError,
  type ApiErrorInfo,
  type CallInfo,
  type ErrorCode,
} from 'agent-assist-sdk/errors';

const call: CallInfo = { method: 'GET', path: '/thing', attempts: 2 };
const info: ApiErrorInfo = { ...call, status: 418, requestId: 'r-1', serverCode: 'teapot' };

/** One error of each class by its code: the compiler demands all codes. */
const samples: Record<ErrorCode, AgentAssistError> = {
  aborted: new errors.AbortError('enough'),
  api_error: new errors.ApiError(info),
  audit_trail_failed: new errors.AuditTrailError('broken', 'trail.jsonl', 'cannot be read'),
  bad_request: new errors.BadRequestError(info),
  closed: new errors.ClosedError('stream'),
  conflict: new errors.ConflictError(info),
  connection_failed: new errors.ConnectionError('failed', call, { systemCode: 'ECONNREFUSED' }),
  enrichment_failed: new errors.EnrichmentError('orders', false, new Error('low')),
  invalid_configuration: new errors.ConfigurationError('retries: unknown option'),
  invalid_request: new errors.RequestValidationError('card', []),
  invalid_response: new errors.ResponseValidationError(call, 200, []),
  invalid_suite_file: new errors.SuiteFileError('suite.yaml', []),
  invalid_webhook: new errors.WebhookPayloadError([]),
  not_found: new errors.NotFoundError(info),
  not_supported: new errors.NotSupportedError('Cognigy.AI', 'webhooks', 'use a Webhook endpoint'),
  oauth_error: new errors.OAuthError(info),
  pagination_failed: new errors.PaginationError('A cursor came back twice'),
  permission_denied: new errors.PermissionDeniedError(info),
  queue_full: new QueueFullError('audit trail', 3),
  rate_limited: new errors.RateLimitError(info),
  recording_failed: new errors.RecordingError('broken', 'calls.jsonl', 'expected an object', { line: 3 }),
  request_too_large: new errors.RequestTooLargeError('POST /things', 70, 60),
  response_too_large: new errors.ResponseTooLargeError(call, 200, 10),
  server_error: new errors.ServerError(info),
  stream_failed: new errors.StreamError('closed', { closeCode: 1006 }),
  timeout: new TimeoutError('too slow', 50),
  unauthenticated: new errors.AuthenticationError(info),
  unprocessable_entity: new errors.UnprocessableEntityError(info),
  webhook_verification_failed: new errors.WebhookVerificationError('replayed', 'again'),
};

describe('the code of an error', () => {
  it.each(Object.entries(samples))('%s belongs to one class', (code, error) => {
    expect([error.code, error.name]).toEqual([code, error.constructor.name]);
  });

  it('is there for every class that can be thrown', () => {
    const bases: readonly unknown[] = [AgentAssistError, errors.CallError];
    const classes = Object.values(errors).filter((value) => !bases.includes(value));
    expect(new Set(Object.values(samples).map((error) => error.constructor))).toEqual(new Set(classes));
  });

  it('is listed in the docs with its class, and no other is', () => {
    const page = readFileSync('docs/errors.md', 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| \[(\w+)\]\(#(\w+)\) \|$/gm)];
    const listed = rows.map(([, code, name, anchor]) => [code, name, anchor]);
    const expected = Object.values(samples).map(({ code, name }) => [code, name, name.toLowerCase()]);
    expect(listed).toEqual(expected);
  });

  it('tells errors of another copy of the package apart, where instanceof cannot', async () => {
    vi.resetModules();
    const copy = await import('agent-assist-sdk/errors');
    const foreign: unknown = new copy.TimeoutError('too slow', 50);
    expect(foreign).not.toBeInstanceOf(TimeoutError);
    const advice = (error: { readonly code: ErrorCode }): string => {
      switch (error.code) {
        case 'timeout':
          return 'wait longer';
        case 'rate_limited':
          return 'slow down';
        default:
          return 'give up';
      }
    };
    expect(
      [foreign, new TimeoutError('too slow', 50), samples.rate_limited, samples.closed].map((error) =>
        advice(error as AgentAssistError),
      ),
    ).toEqual(['wait longer', 'wait longer', 'slow down', 'give up']);
  });
});

it('a runtime that is too old gets one line that says which one is needed', async () => {
  const withResolvers = Object.getOwnPropertyDescriptor(Promise, 'withResolvers');
  if (withResolvers === undefined) throw new Error('this runtime is too old itself');
  vi.resetModules();
  Reflect.deleteProperty(Promise, 'withResolvers');
  try {
    const tooOld = {
      name: 'ConfigurationError',
      message: `agent-assist-sdk needs Node 22 or later, or a browser from 2024 or later; this is Node ${process.version}`,
    };
    await expect(import('agent-assist-sdk/errors')).rejects.toMatchObject(tooOld);
    // Before undici is loaded, which fails in its own way.
    const loaded = vi.fn(() => ({}));
    vi.doMock('undici', loaded);
    await expect(import('agent-assist-sdk/undici')).rejects.toMatchObject(tooOld);
    expect(loaded).not.toHaveBeenCalled();
  } finally {
    vi.doUnmock('undici');
    Object.defineProperty(Promise, 'withResolvers', withResolvers);
    vi.resetModules();
  }
});

describe('toJSON', () => {
  it('has name, message, code, status, request id and the message of the cause', () => {
    const error = new errors.RateLimitError({ ...info, status: 429, serverMessage: 'slow down' });
    error.cause = new TypeError('low');
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'RateLimitError',
        message: 'GET /thing returned 429 after 2 attempts: slow down',
        code: 'rate_limited',
        status: 429,
        requestId: 'r-1',
        cause: 'low',
      },
    });
  });

  it('leaves out what there is not, and a cause that is no error', () => {
    const error = new errors.AbortError('a reason that may be anything');
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'AbortError',
      message: 'The operation was aborted',
      code: 'aborted',
    });
  });
});

describe('TimeoutError', () => {
  it('names no call where none was made', () => {
    const error = new TimeoutError('No suggestions within 50 ms', 50);
    expect([error.timeoutMs, error.method, error.path, error.attempts]).toEqual([50, undefined, undefined, undefined]);
  });

  it('names the call whose limit it was', () => {
    expect(new TimeoutError('GET /thing: no answer', 50, { call })).toMatchObject({ ...call, timeoutMs: 50 });
  });
});

it('a full queue says which one and how much it holds', () => {
  expect(samples.queue_full).toMatchObject({ message: 'The audit trail is full (capacity 3)', capacity: 3 });
});
