import { STATUS_CODES } from 'node:http';
import type { ProblemAnswer } from '../../server/http-answers.js';
import { TokenProblem } from '../../server/token-endpoint.js';

/** Numeric codes of problems, as the REST client of Cognigy.AI lists them, by the name or the status of the problem. */
const CODES: Readonly<Record<string, number>> = {
  invalid_argument: 1005,
  404: 1002,
  405: 1013,
  409: 1004,
  422: 1005,
  500: 1008,
  501: 1009,
};

/** @internal Problem documents of RFC 7807, with a numeric `code` and the `traceId` that no header carries. */
export const problemDocument: ProblemAnswer = (problem, { path, requestId }) => {
  const { status, headers, code } = problem;
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
      code: CODES[code] ?? (/^\d+$/.test(code) ? Number(code) : (CODES[status] ?? status)),
      traceId: `api--${requestId}`,
      details: problem.issues.length > 0 ? { issues: problem.issues } : {},
    },
  };
};
