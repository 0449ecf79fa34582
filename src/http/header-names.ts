/** The names of the headers that this package sends or reads on its own (protocol 4). Each can be replaced in the options of `HttpClient`. */
export interface HeaderNames {
  /** Carries a call's idempotency key. */
  readonly idempotencyKey: string;
  /** Carries the format's version of `CalibrationClient.apply`. */
  readonly formatVersion: string;
  /** Has the request id of an answer; where it is missing, other usual names are tried. */
  readonly requestId: string;
}

/** The names of protocol 4. */
export const defaultHeaderNames: HeaderNames = {
  idempotencyKey: 'X-Idempotency-Key',
  formatVersion: 'X-Format-Version',
  requestId: 'X-Request-Id',
};
