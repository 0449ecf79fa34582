import { ResponseValidationError } from '../errors.js';
import type { ApiResponse } from '../http/internal.js';

/**
 * Creates the error for a flow's answer that a mapping cannot read. The path contains the URL token's name, never the
 * token.
 */
export function unexpectedAnswer(
  { status, attempts }: Pick<ApiResponse<unknown>, 'status' | 'attempts'>,
  path: string,
  message: string,
): ResponseValidationError {
  return new ResponseValidationError({ method: 'POST', path: '/{urlToken}', attempts }, status, [{ path, message }]);
}
