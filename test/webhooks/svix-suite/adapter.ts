import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Question, Reply } from './verifier.worker.js';

// svix verifies synchronously and WebCrypto does not, so ours runs in a worker that this thread waits for.
const { port1, port2 } = new MessageChannel();
const signal = new SharedArrayBuffer(4);
const worker = new Worker(new URL('./verifier.worker.js', import.meta.url), {
  workerData: { port: port2, signal },
  transferList: [port2],
});
worker.unref();
port1.unref();

/** Stands in for svix's class of this name. */
export class WebhookVerificationError extends Error {}

function ask(question: Question): string | undefined {
  const flag = new Int32Array(signal);
  Atomics.store(flag, 0, 0);
  port1.postMessage(question);
  Atomics.wait(flag, 0, 0, 10_000);
  const reply = receiveMessageOnPort(port1)?.message as Reply | undefined;
  if (reply === undefined) throw new Error('the verifier did not answer');
  if ('refused' in reply) throw new WebhookVerificationError(reply.refused);
  if ('failed' in reply) throw new Error(reply.failed);
  return reply.value;
}

/** Has the shape of svix's `Webhook`, on ours. */
export class Webhook {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
    // svix refuses an unusable secret at construction.
    this.sign('msg_probe', new Date(), '');
  }

  verify(body: string, headers: Record<string, string>): unknown {
    const unbranded = Object.entries(headers).map(([name, value]) => [name.replace(/^svix-/, 'webhook-'), value]);
    ask({ verify: { secret: this.#secret, body, headers: Object.fromEntries(unbranded) as Record<string, string> } });
    return JSON.parse(body);
  }

  sign(id: string, timestamp: Date, body: string): string {
    return ask({ sign: { secret: this.#secret, id, timestamp, body } }) ?? '';
  }
}
