import type { Clock } from '../../http/clock.js';
import type { ProblemAnswer } from '../server/http-answers.js';

/**
 * How each of CXone's hosts writes an error, told from the path: the login, the ACD (no body, the message in a header),
 * DFO, the gateway before the others (401 and 404) and what is behind it.
 */
export function cxoneProblemAnswer(clock: Clock): ProblemAnswer {
  return ({ status, code, message, headers, issues }, { path, requestId }) => {
    if (/^\/(auth|\.well-known|authentication|public)\//.test(path)) {
      return { status, headers, json: { error: code, errorDescription: message } };
    }
    if (/^\/incontact/i.test(path)) {
      return { status, headers: { ...headers, icStatusDescription: message.replace(/[^ -~]/g, '?') } };
    }
    if (path.startsWith('/dfo/')) {
      const [{ path: field } = { path: '' }] = issues;
      return {
        status,
        headers,
        json: { errors: [{ field, message, parameters: {}, errorCode: code }], uid: requestId },
      };
    }
    const timestamp = new Date(clock.now()).toISOString();
    if (status === 401 || status === 404) return { status, headers, json: { timestamp, status, error: code, path } };
    const exception = { name: code, message };
    return { status, headers, json: { message, statusCode: status, traceId: requestId, exception } };
  };
}
