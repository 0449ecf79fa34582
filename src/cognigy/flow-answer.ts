import { ResponseValidationError } from '../errors.js';
import type { ApiResponse } from '../http/internal.js';

/** The error for an answer of a flow that a mapping cannot read. The path has the URL token's name, never the token. */
export function unexpectedAnswer(
  { status, attempts }: Pick<ApiResponse<unknown>, 'status' | 'attempts'>,
  path: string,
  message: string,
): ResponseValidationError {
  return new ResponseValidationError({ method: 'POST', path: '/{urlToken}', attempts }, status, [{ path, message }]);
}
