import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancelBody, readBody, type Body } from '../../src/http/transport.js';

const MIB = 1024 * 1024;
const never = new AbortController().signal;

/** What is waiting in a stream, and whether it was cancelled. */
function streamOf(chunks: Iterable<Uint8Array>, onCancel?: () => void): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const next = iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: () => onCancel?.(),
  });
}

async function* iterableOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

function* bytesOneByOne(total: number): Generator<Uint8Array> {
  for (let sent = 0; sent < total; sent += 1) yield new Uint8Array([sent % 251]);
}

describe('readBody', () => {
  it('gives the bytes that came, however they were cut, or nothing above the limit', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.nat(400), async (parts, maxBytes) => {
        const whole = parts.flatMap((part) => [...part]);
        for (const body of [streamOf(parts), iterableOf(parts)] as Body[]) {
          const copies = parts.map((part) => part.slice());
          const bytes = await readBody(body, maxBytes, never);
          expect(bytes && [...bytes]).toEqual(whole.length > maxBytes ? undefined : whole);
          // A chunk may still belong to whoever gave it.
          expect(parts).toEqual(copies);
        }
      }),
    );
  });

  it('costs about the size of the body, in chunks of one byte too', async () => {
    let peak = 0;
    const chunks = function* (): Generator<Uint8Array> {
      let count = 0;
      for (const chunk of bytesOneByOne(MIB)) {
        if (count++ % (64 * 1024) === 0) {
          globalThis.gc?.();
          const { heapUsed, arrayBuffers } = process.memoryUsage();
          peak = Math.max(peak, heapUsed + arrayBuffers);
        }
        yield chunk;
      }
    };
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const bytes = await readBody(streamOf(chunks()), MIB, never);
    expect(bytes?.length).toBe(MIB);
    expect(bytes?.buffer.byteLength).toBeLessThanOrEqual(2 * MIB);
    // One object for each chunk would be hundreds of MB.
    expect(peak - heapUsed - arrayBuffers).toBeLessThan(150 * MIB);
  });

  it('cancels what it does not read to its end', async () => {
    let cancelled = 0;
    const onCancel = (): void => void (cancelled += 1);
    await readBody(streamOf(bytesOneByOne(10), onCancel), 5, never);
    cancelBody(streamOf(bytesOneByOne(10), onCancel));
    await expect(readBody(streamOf(bytesOneByOne(10), onCancel), 50, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(cancelled).toBe(3);
    await readBody(streamOf(bytesOneByOne(5), onCancel), 5, never);
    expect(cancelled).toBe(3);
  });
});
