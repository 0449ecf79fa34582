import { STATUS_CODES } from 'node:http';
import type { ProblemAnswer } from '../../server/http-answers.js';
import { HttpProblem, type HttpProblemDetails } from '../../server/problem.js';
import { TokenProblem } from '../../server/token-endpoint.js';

/** @internal Numeric codes of Cognigy.AI's problem documents, as its REST client lists them. */
export const codes = {
  badRequest: 400,
  missingArgument: 1000,
  notFound: 1002,
  conflict: 1004,
  invalidArgument: 1005,
} as const;

/** Codes of problems that are named by their status alone. */
const CODE_BY_STATUS: ReadonlyMap<number, number> = new Map([
  [404, codes.notFound],
  [405, 1013],
  [409, codes.conflict],
  [422, codes.invalidArgument],
  [500, 1008],
  [501, 1009],
]);

/** @internal Creates a problem with a code of Cognigy.AI. */
export function cognigyProblem(
  status: number,
  code: number,
  message: string,
  details: HttpProblemDetails = {},
): HttpProblem {
  return new HttpProblem(status, String(code), { message, ...details });
}

/** @internal */
export function notFound(what: string): HttpProblem {
  return cognigyProblem(404, codes.notFound, `${what} not found`);
}

/** @internal */
export function invalidArgument(message: string): HttpProblem {
  return cognigyProblem(400, codes.invalidArgument, message);
}

/** @internal Problem documents of RFC 7807, with a numeric `code` and the `traceId` that no header carries. */
export const problemDocument: ProblemAnswer = (problem, { path, requestId }) => {
  const { status, headers } = problem;
  if (problem instanceof TokenProblem) return { status, headers, json: problem.toBody() };
  return {
    status,
    headers,
    json: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Unknown',
      status,
      detail: problem.message,
      instance: path,
      code: /^\d+$/.test(problem.code) ? Number(problem.code) : (CODE_BY_STATUS.get(status) ?? status),
      traceId: `api--${requestId}`,
      details: problem.issues.length > 0 ? { issues: problem.issues } : {},
    },
  };
};
