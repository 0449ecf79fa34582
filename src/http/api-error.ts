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

/**
 * What an error answer says of itself. Understands RFC 6749 (`error`, `error_description`), RFC 9457 (`title`, `detail`),
 * the usual `message`, `code` and nested `error` object, lists of these, and plain text; any other body, such as a page,
 * says nothing.
 *
 * @param json - the body as JSON, `undefined` when it is none.
 */
export function readErrorBody(
  { headers, text = '' }: Answer,
  json: unknown,
  secrets: Iterable<string>,
): { serverCode?: string | undefined; serverMessage?: string | undefined } {
  if (json === undefined) {
    const isPlainText = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
    return { serverMessage: isPlainText ? messageFrom(text, secrets) : undefined };
  }
  const body = asRecord(json);
  const nested = asRecord(body['error']);
  const message = [
    body['error_description'],
    body['message'],
    nested['message'],
    body['detail'],
    body['errors'],
    body['error'],
    body['title'],
  ]
    .map(textsOf)
    .find(({ length }) => length > 0);
  const code = [body['code'], nested['code'], body['error']].find(isText);
  return {
    serverCode: code !== undefined && /^[\w.-]{1,64}$/.test(code) ? redact(code, secrets) : undefined,
    serverMessage: message === undefined ? undefined : messageFrom(message.join('; '), secrets),
  };
}

function messageFrom(text: string, secrets: Iterable<string>): string | undefined {
  const message = redact(text, secrets).slice(0, MAX_MESSAGE_LENGTH).toWellFormed().trim();
  return message === '' ? undefined : message;
}

const USUAL_REQUEST_ID_HEADERS = ['x-request-id', 'request-id', 'x-correlation-id', 'x-amzn-requestid'];

/** The request id of an answer, where the header of this name or a usual one has it. A proxy may echo a credential there. */
export function requestIdOf(headers: Headers, headerName: string, secrets: Iterable<string>): string | undefined {
  for (const name of [headerName, ...USUAL_REQUEST_ID_HEADERS]) {
    const value = headers.get(name);
    if (value !== null) return redact(value, secrets);
  }
  return undefined;
}
