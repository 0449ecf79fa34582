import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** Like `fetch`, leaves a missing end to the reader of the content. */
const ZLIB = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const { BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;
const BROTLI = { flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH };
const ZSTD = { flush: ZSTD_e_flush, finishFlush: ZSTD_e_flush };
/** In Node 22.15 and later. */
const hasZstd = 'createZstdDecompress' in zlib;

/** The encodings of {@link decode}, as `Accept-Encoding` (RFC 9110 §12.5.3). */
export const ACCEPT_ENCODING = 'br, gzip, deflate';

/**
 * Decodes the content encodings of a response body (RFC 9110 §8.4). Leaves an unknown encoding, or a sixth one,
 * unchanged, like `fetch`.
 */
export function decode(body: AsyncIterableIterator<Uint8Array>, contentEncoding: string): AsyncIterable<Uint8Array> {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim());
  const decoders = codings.toReversed().map((coding) => DECODERS.get(coding));
  const decoded = decoders
    .slice(0, 5)
    .reduce<AsyncIterable<Uint8Array>>((encoded, decoder) => decoder?.(encoded) ?? encoded, body);
  return Object.assign(
    { [Symbol.asyncIterator]: () => decoded[Symbol.asyncIterator]() },
    {
      // Ends the whole chain, also while it waits for data.
      destroy: (): void => void body.return?.(),
    },
  );
}

type Decoder = (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const gunzip: Decoder = (body) => through(body, zlib.createGunzip(ZLIB));
const unzstd: Decoder = (body) => through(body, zlib.createZstdDecompress(ZSTD));
const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', (body) => through(body, zlib.createBrotliDecompress(BROTLI))],
  ...(hasZstd ? [['zstd', unzstd] as const] : []),
]);

/** Some servers send raw deflate instead of the zlib format. */
async function* inflate(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const isZlib = ((first.value[0] ?? 0) & 0x0f) === 8;
  yield* through(prepend(first.value, body), isZlib ? zlib.createInflate(ZLIB) : zlib.createInflateRaw(ZLIB));
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function through(body: AsyncIterable<Uint8Array>, decoder: Transform): AsyncIterable<Uint8Array> {
  // A failure reaches the reader of the decoder.
  pipeline(body, decoder, () => undefined);
  return decoder;
}
