import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WebhookPayloadError, WebhookVerificationError } from 'agent-assist-sdk';
import { signWebhook, verifyWebhook } from 'agent-assist-sdk/webhooks';

/** What the adapter asks for. */
export type Question =
  | { readonly sign: { readonly secret: string; readonly id: string; readonly timestamp: Date; readonly body: string } }
  | { readonly verify: { readonly secret: string; readonly body: string; readonly headers: Record<string, string> } };

/** What the worker says. */
export type Reply = { readonly value: string | undefined } | { readonly refused: string } | { readonly failed: string };

async function answer(question: Question): Promise<string | undefined> {
  if ('sign' in question) {
    const { body, secret, ...options } = question.sign;
    return (await signWebhook(body, secret, options))['webhook-signature'];
  }
  const { body, headers, secret } = question.verify;
  try {
    await verifyWebhook(body, headers, secret);
  } catch (error) {
    // The suite's bodies are genuine without being events; svix does not look at their shape.
    if (!(error instanceof WebhookPayloadError)) throw error;
  }
  return undefined;
}

const { port, signal } = workerData as { port: MessagePort; signal: SharedArrayBuffer };
port.on('message', (question: Question) => {
  void answer(question)
    .then(
      (value): Reply => ({ value }),
      (error: unknown): Reply =>
        error instanceof WebhookVerificationError ? { refused: error.message } : { failed: String(error) },
    )
    .then((reply) => {
      port.postMessage(reply);
      Atomics.store(new Int32Array(signal), 0, 1);
      Atomics.notify(new Int32Array(signal), 0);
    });
});
