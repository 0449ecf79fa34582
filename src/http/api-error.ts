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

/** Creates the error of the class that belongs to the status (protocol 3). */
export function apiError(info: ApiErrorInfo): ApiError {
  if (info.status >= 500) return new ServerError(info);
  if (info.status < 400) {
    return new ApiError(info, `${info.method} ${info.path} returned ${info.status}; redirects are not followed`);
  }
  return new (CLASS_OF_STATUS[info.status] ?? ApiError)(info);
}

/** Returns whether a token endpoint refused the client (RFC 6749 §5.2). Some send their refusals with the status 200. */
export function refusesClient({ status }: ApiError): boolean {
  return [200, 400, 401, 403].includes(status);
}

function asRecord(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Returns the text, or the texts of a list of strings or of objects with a `message`, as validators send. */
function textsOf(value: unknown): readonly string[] {
  if (isText(value)) return [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => [item, asRecord(item)['message'], asRecord(item)['msg']]).filter(isText);
}

/** What an error response says. */
export interface ErrorStatement {
  readonly serverCode?: string | undefined;
  readonly serverMessage?: string | undefined;
  /** An id of the request inside the body, for responses without one in a header. */
  readonly bodyRequestId?: string | undefined;
}

/** Fields that may hold a message, the most specific first; a dot separates nested names. */
const MESSAGE_FIELDS =
  'error_description errorDescription message error.message exception.message detail errors error description title Message fault.faultstring';
const CODE_FIELDS = 'code error.code error errors.0.errorCode';

/** Returns the values at these paths. */
const fieldsOf = (body: unknown, paths: string): unknown[] =>
  paths.split(' ').map((path) => path.split('.').reduce((value, key) => asRecord(value)[key], body));

/**
 * Reads an error response. Supports RFC 6749 (`error`, `error_description`), RFC 9457 (`title`, `detail`), the common
 * `message`, `code` and nested `error` object, lists of these, plain text, and the shapes of Cognigy.AI (a numeric
 * `code`, `traceId`) and CXone (`errorDescription`, `errors[].message`, `exception.message`, the header
 * `icStatusDescription`). Any other body, such as an HTML page, is ignored.
 *
 * @param json - the parsed body; `undefined` if it is not JSON.
 */
export function readErrorAnswer(
  { headers, text = '' }: Pick<Answer, 'headers'> & Partial<Answer>,
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

/** Returns a code or an id; `undefined` if it is too long or has other characters. */
function nameFrom(value: unknown, secrets: Iterable<string>): string | undefined {
  const isName = (typeof value === 'string' || typeof value === 'number') && /^[\w.:-]{1,64}$/.test(String(value));
  return isName ? redact(String(value), secrets) : undefined;
}

function messageFrom(text: string, secrets: Iterable<string>): string | undefined {
  const message = redact(text, secrets).slice(0, MAX_MESSAGE_LENGTH).toWellFormed().trim();
  return message === '' ? undefined : message;
}
