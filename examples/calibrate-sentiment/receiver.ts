import { serve } from 'srvx';
import { MemoryStore } from 'agent-assist-sdk/http';
import { createWebhookHandler, type CalibrationUpdatedData, type WebhookEvent } from 'agent-assist-sdk/webhooks';

/** The event of a calibration. */
export type CalibrationEvent = WebhookEvent<'sentiment.calibration.updated', CalibrationUpdatedData>;

/** A webhook receiver on 127.0.0.1. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Resolves with the first calibration event, or with `undefined` after the time limit. */
  calibrationEvent(timeoutMs: number): Promise<CalibrationEvent | undefined>;
}

/** Starts the receiver that the coaching platform would run. */
export async function startReceiver(
  secret: string,
  port: number,
  onRefused: (error: unknown) => void,
): Promise<Receiver> {
  const arrived = Promise.withResolvers<CalibrationEvent | undefined>();
  const server = serve({
    fetch: createWebhookHandler({
      secrets: secret,
      seen: new MemoryStore(),
      on: { 'sentiment.calibration.updated': (event) => arrived.resolve(event) },
      onError: onRefused,
    }),
    hostname: '127.0.0.1',
    port,
    silent: true,
    gracefulShutdown: false,
  });
  await server.ready();
  return {
    url: server.url ?? '',
    calibrationEvent: (timeoutMs) => {
      const timer = setTimeout(() => arrived.resolve(undefined), timeoutMs);
      return arrived.promise.finally(() => clearTimeout(timer));
    },
    [Symbol.asyncDispose]: () => server.close(true),
  };
}
