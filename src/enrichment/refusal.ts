import { AbortError, EnrichmentError, RequestValidationError, type Issue } from '../errors.js';

/** An answer that is not the enrichment. */
interface ErrorAnswer {
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly issues?: readonly Issue[] | undefined;
  readonly unavailable?: readonly string[] | undefined;
}

/** Thrown by a check of the handler to end the request with an answer. */
export class Refusal extends Error {
  readonly answer: ErrorAnswer;

  constructor(answer: ErrorAnswer) {
    super(answer.error);
    this.answer = answer;
  }
}

/** What nobody reads, since the caller has gone away; the status is for the log. */
const CALLER_GONE: ErrorAnswer = { status: 499, error: 'The caller went away' };

/** The answer to whatever ended a request (protocol 9). Of an unforeseen error it says nothing. */
export function toErrorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof Refusal) return error.answer;
  if (error instanceof RequestValidationError) {
    return { status: 422, error: 'The request breaks its rules', issues: error.issues };
  }
  if (error instanceof EnrichmentError) {
    return error.timedOut
      ? { status: 504, error: 'A service did not answer in time', unavailable: [error.source] }
      : { status: 502, error: 'A service failed', unavailable: [error.source] };
  }
  if (error instanceof AbortError) return CALLER_GONE;
  return { status: 500, error: 'Context enrichment failed' };
}
