import type { Issue } from '../../errors.js';

/** Thrown by a route's handler to send an error response: `{error, message, issues?}` as JSON. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: number;
  /** The `error` field of the response. */
  readonly code: string;
  /** Problems of the body or the query, each with its path; empty if the whole request is concerned. */
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string = code,
    { issues = [], headers = {}, fields = {} }: Partial<Pick<HttpProblem, 'issues' | 'headers' | 'fields'>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.issues = issues;
    this.headers = headers;
    this.fields = fields;
  }

  toBody(): Readonly<Record<string, unknown>> {
    const { code, message, issues, fields } = this;
    return { error: code, message, ...(issues.length > 0 && { issues }), ...fields };
  }
}

/** @internal */
export function notFound(what: string): HttpProblem {
  return new HttpProblem(404, 'not_found', `${what} not found`);
}

/** @internal Returns a value that exists; throws a 404 for one that does not. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw notFound(what);
  return value;
}

/** @internal */
export function methodNotAllowed(allowed: Iterable<string>): HttpProblem {
  const allow = [...new Set(allowed)].join(', ');
  return new HttpProblem(405, 'method_not_allowed', `the methods of this path: ${allow}`, { headers: { allow } });
}

/** @internal */
export function invalidArgument(message: string): HttpProblem {
  return new HttpProblem(400, 'invalid_argument', message);
}
