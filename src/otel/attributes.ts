import type { Attributes } from '@opentelemetry/api';
import { AgentAssistError } from '../errors.js';
import type { CallEnd, CallStart } from '../http/internal.js';

/**
 * Returns `error.type` of the semantic conventions: a status of at least 400, else the code of the SDK's error. An
 * error of another library counts as `_OTHER`, since its name may be anything.
 */
export function errorTypeOf(error: unknown, status?: number): Attributes {
  if (status !== undefined && status >= 400) return { 'error.type': String(status) };
  if (error === undefined) return {};
  return { 'error.type': error instanceof AgentAssistError ? error.code : '_OTHER' };
}

/** Returns the attributes of a request, with few values each, for metrics and spans. */
export function requestAttributes({ method, origin, route }: CallStart): Attributes {
  const { hostname, port, protocol } = new URL(origin);
  return {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    'url.template': route,
  };
}

/** Returns the attributes of the end of a call or an attempt. */
export function endAttributes({ status, error }: CallEnd): Attributes {
  return { ...(status === undefined ? {} : { 'http.response.status_code': status }), ...errorTypeOf(error, status) };
}
