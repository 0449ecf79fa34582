import { AbortError } from './errors.js';

/** A body as it arrives: that of a `Request` or a `Response`, or a Node stream. */
export type Body = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Concatenates chunks. Does not copy a single chunk. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * Reads a body to its end, up to `maxBytes` and until `signal` is aborted. Costs about the body's size, whatever the
 * size of its chunks.
 *
 * @returns its bytes, or `undefined` if it has more than `maxBytes`.
 * @throws `AbortError` if `signal` is aborted first; what the body throws.
 */
export async function readBody(
  body: Body | null,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const { read, cancel } = open(body);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  let isDone = false;
  try {
    let bytes = new Uint8Array();
    let length = 0;
    for (;;) {
      const { done, value } = await read();
      if (signal.aborted) throw new AbortError(signal.reason);
      isDone = done === true;
      if (value === undefined || isDone) return bytes.subarray(0, length);
      if (length + value.length > maxBytes) return undefined;
      if (length === 0) {
        // Most bodies are one chunk, which needs no copy.
        bytes = value as Uint8Array<ArrayBuffer>;
      } else {
        bytes = withRoom(bytes, length, value.length);
        bytes.set(value, length);
      }
      length += value.length;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    if (!isDone) cancel();
  }
}

/** Reads only how a body begins, its first chunk, and cancels the rest. */
export async function readBeginning(body: Body | null, signal: AbortSignal): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const { read, cancel } = open(body);
  signal.addEventListener('abort', cancel);
  try {
    return (await read()).value ?? new Uint8Array();
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Cancels an unread body, so that its connection sends no more of it. */
export function cancelBody(body: Body | null): void {
  if (body !== null) open(body).cancel();
}

interface BodyReader {
  readonly read: () => Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  readonly cancel: () => void;
}

function open(body: Body): BodyReader {
  // Errors of canceling carry no information.
  const ignore = (): undefined => undefined;
  if ('getReader' in body) {
    const reader = body.getReader();
    return { read: () => reader.read(), cancel: () => void reader.cancel().catch(ignore) };
  }
  const iterator = body[Symbol.asyncIterator]();
  // The iterator of a Node stream that was never read ends without the stream.
  const { destroy } = body as { readonly destroy?: () => void };
  const cancel = (): void => (destroy === undefined ? void iterator.return?.().catch(ignore) : destroy.call(body));
  return { read: () => iterator.next(), cancel };
}

/** Returns `bytes` if it has room for so many more, else a copy of twice the size. */
function withRoom(bytes: Uint8Array<ArrayBuffer>, used: number, more: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= used + more) return bytes;
  const larger = new Uint8Array(Math.max(2 * used, used + more));
  larger.set(bytes.subarray(0, used));
  return larger;
}
