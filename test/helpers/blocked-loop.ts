import { Worker } from 'node:worker_threads';
import type { Clock } from 'agent-assist-sdk/http';

/** A clock that stands still until it jumps; its timers ring in the event loop's own phase for timers, late ones too. */
export class JumpingClock implements Clock {
  #elapsedMs = 0;

  now(): number {
    return Date.parse('2026-01-01T00:00:00Z') + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const dueAt = this.#elapsedMs + delayMs;
    const timer = setInterval(() => {
      if (this.#elapsedMs < dueAt) return;
      clearInterval(timer);
      callback();
    }, 1);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    clearInterval(timer as NodeJS.Timeout);
  }

  jump(ms: number): void {
    this.#elapsedMs += ms;
  }
}

/** A server in a thread of its own, whose first answer arrives while this thread's event loop is blocked. */
export interface BlockingServer extends AsyncDisposable {
  readonly url: string;
  readonly clock: JumpingClock;
  /** How many requests have arrived. */
  readonly requests: () => number;
}

const SERVER = `
  const { createServer } = require('node:http');
  const { gzipSync } = require('node:zlib');
  const { parentPort, workerData: { flags, body } } = require('node:worker_threads');
  const zipped = gzipSync(body);
  createServer((request, response) => {
    request.resume().on('end', () => {
      parentPort.postMessage('request');
      Atomics.wait(flags, 0, 0);
      const isZipped = request.url === '/zipped';
      response.writeHead(200, { 'content-type': 'application/json', ...(isZipped && { 'content-encoding': 'gzip' }) });
      response.end(isZipped ? zipped : body, () => {
        Atomics.store(flags, 1, 1);
        Atomics.notify(flags, 1);
      });
    });
  }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });`;

/** Starts a server; at its first request the event loop is blocked until the answer has arrived, and `blockedMs` more. */
export async function blockingServer(body: unknown, blockedMs: number): Promise<BlockingServer> {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const clock = new JumpingClock();
  let requests = 0;
  const worker = new Worker(SERVER, { eval: true, workerData: { flags, body: JSON.stringify(body) } });
  const port = await new Promise<number>((resolve) => {
    // Inside a callback for I/O, so that the timers are next, and what has arrived only after them.
    worker.on('message', (message: unknown) => {
      if (typeof message === 'number') {
        resolve(message);
        return;
      }
      requests += 1;
      if (requests > 1) return;
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
      Atomics.wait(flags, 1, 0);
      // The timers of 1 ms under the clock's are due as well.
      const until = performance.now() + 2;
      while (performance.now() < until);
      clock.jump(blockedMs);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    clock,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
