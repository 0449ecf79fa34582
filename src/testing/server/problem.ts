import type { Issue } from '../../errors.js';

/** Details of a {@link HttpProblem}. */
export interface HttpProblemDetails {
  readonly message?: string | undefined;
  /** Problems of the body or the query, each with its path. */
  readonly issues?: readonly Issue[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Thrown by a route's handler to send an error response: `{error, message, issues?}` as JSON. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: number;
  /** The `error` field of the response. */
  readonly code: string;
  /** Problems, each with its path; empty if the whole request is concerned. */
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, details: HttpProblemDetails = {}) {
    super(details.message ?? code);
    this.status = status;
    this.code = code;
    this.issues = details.issues ?? [];
    this.headers = details.headers ?? {};
  }

  /** Returns the body of the response. */
  toBody(): Readonly<Record<string, unknown>> {
    return { error: this.code, message: this.message, ...(this.issues.length > 0 && { issues: this.issues }) };
  }
}

/** @internal Returns a value that exists; throws a 404 for one that does not. */
export function found<T>(value: T | undefined, code: string, message: string): T {
  if (value === undefined) throw new HttpProblem(404, code, { message });
  return value;
}
