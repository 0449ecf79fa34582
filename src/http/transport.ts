/** One HTTP request, ready to be sent. */
export interface TransportRequest {
  /** HTTP method. */
  readonly method: string;
  /** Absolute URL. */
  readonly url: string;
  /** All headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body, if there is one. */
  readonly body: string | undefined;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** The answer to a {@link TransportRequest}. */
export interface TransportResponse {
  /** HTTP status. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Headers;
  /**
   * The body as it arrives, decompressed, in UTF-8; `null` for none. It fails when the connection breaks before its end. It
   * is read once, up to a limit, and cancelled where nothing reads on: a stream by `cancel()` or `destroy()`, another
   * iterable by the `return()` of its iterator. A `Response` fits.
   */
  readonly body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null;
}

/**
 * Sends one request, once: it follows no redirect and repeats nothing. The default one is ky on `fetch`, in
 * bundles for browsers `fetch` itself; `agent-assist-sdk/node` has a faster one for Node.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;
