import type { Issue } from '../../errors.js';

/** What a {@link HttpProblem} may carry besides its status and code. */
export interface HttpProblemDetails {
  /** A sentence for a person. */
  readonly message?: string | undefined;
  /** What is wrong with the body or the query, each with its path. */
  readonly issues?: readonly Issue[] | undefined;
  /** Headers to answer with. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Thrown by a route's handler to answer with an error: `{error, message, issues?}` as JSON.
 */
export class HttpProblem extends Error {
  /** Name of the class. */
  override name = 'HttpProblem';
  /** HTTP status of the answer. */
  readonly status: number;
  /** Short code of the answer's `error` field. */
  readonly code: string;
  /** What is wrong, each with its path; empty when the whole request is meant. */
  readonly issues: readonly Issue[];
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, details: HttpProblemDetails = {}) {
    super(details.message ?? code);
    this.status = status;
    this.code = code;
    this.issues = details.issues ?? [];
    this.headers = details.headers ?? {};
  }

  /** The answer's body. */
  toBody(): Readonly<Record<string, unknown>> {
    return { error: this.code, message: this.message, ...(this.issues.length > 0 && { issues: this.issues }) };
  }
}
