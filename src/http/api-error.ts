import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  UnprocessableEntityError,
  type ApiErrorInfo,
} from '../errors.js';
import { isObject } from '../json.js';
import type { Answer } from './transport.js';
import { redact } from './redact.js';

const MAX_MESSAGE_LENGTH = 500;

const CLASS_OF_STATUS: Readonly<Record<number, new (info: ApiErrorInfo) => ApiError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  422: UnprocessableEntityError,
  429: RateLimitError,
};

/** The error of the class that belongs to the status (protocol 3). */
export function apiError(info: ApiErrorInfo): ApiError {
  if (info.status >= 500) return new ServerError(info);
  if (info.status < 400) {
    return new ApiError(info, `${info.method} ${info.path} answered ${info.status}; redirects are not followed`);
  }
  return new (CLASS_OF_STATUS[info.status] ?? ApiError)(info);
}

function asRecord(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** A text, or those of a list of texts or of things with a `message`, as validators answer. */
function textsOf(value: unknown): readonly string[] {
  if (isText(value)) return [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => [item, asRecord(item)['message'], asRecord(item)['msg']]).filter(isText);
}

/** What an error answer says of itself. */
export interface ErrorStatement {
  readonly serverCode?: string | undefined;
  readonly serverMessage?: string | undefined;
  /** An id of the request inside the body, for answers without one in a header. */
  readonly bodyRequestId?: string | undefined;
}

/** Fields that hold a message, the most telling first; one with a dot lies in an object. */
const MESSAGE_FIELDS =
  'error_description errorDescription message error.message exception.message detail errors error description title';
const CODE_FIELDS = 'code error.code error errors.0.errorCode';

/** What lies at each of these places. */
const fieldsOf = (body: unknown, paths: string): unknown[] =>
  paths.split(' ').map((path) => path.split('.').reduce((value, key) => asRecord(value)[key], body));

/**
 * Reads an error answer. Understands RFC 6749 (`error`, `error_description`), RFC 9457 (`title`, `detail`), the usual
 * `message`, `code` and nested `error` object, lists of these, plain text, and the shapes of Cognigy.AI (a numeric `code`,
 * `traceId`) and CXone (`errorDescription`, `errors[].message`, `exception.message`, the header `icStatusDescription`). Any
 * other body, such as a page, says nothing.
 *
 * @param json - the body as JSON, `undefined` when it is none.
 */
export function readErrorAnswer(
  { headers, text = '' }: Answer,
  json: unknown,
  secrets: Iterable<string>,
): ErrorStatement {
  const isPlainText = json === undefined && /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  const messages = [...(isPlainText ? [text] : fieldsOf(json, MESSAGE_FIELDS)), headers.get('icstatusdescription')];
  const message = messages.map((value) => messageFrom(textsOf(value).join('; '), secrets)).find(isText);
  const code = fieldsOf(json, CODE_FIELDS).find((value) => isText(value) || Number.isFinite(value));
  return {
    serverCode: nameFrom(code, secrets),
    serverMessage: message,
    bodyRequestId: nameFrom(asRecord(json)['traceId'], secrets),
  };
}

/** A code or an id; anything longer or with other characters is none. */
function nameFrom(value: unknown, secrets: Iterable<string>): string | undefined {
  const isName = (typeof value === 'string' || typeof value === 'number') && /^[\w.:-]{1,64}$/.test(String(value));
  return isName ? redact(String(value), secrets) : undefined;
}

function messageFrom(text: string, secrets: Iterable<string>): string | undefined {
  const message = redact(text, secrets).slice(0, MAX_MESSAGE_LENGTH).toWellFormed().trim();
  return message === '' ? undefined : message;
}
