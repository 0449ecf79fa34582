import { createWebhookHandler, signWebhook, type WebhookHandlerOptions } from 'agent-assist-sdk/webhooks';
import { FakeClock } from '../helpers/fake-clock.js';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export const URL_ = 'https://coaching.example.com/webhook';

export const alert = {
  type: 'agentassist.alert.triggered',
  timestamp: '2026-01-01T00:00:00Z',
  data: { emotion: 'anger', directive: 'block' },
};

export interface Setup {
  readonly clock: FakeClock;
  readonly errors: unknown[];
  readonly receive: (request: Request) => Promise<Response>;
}

export function setup(options: Partial<WebhookHandlerOptions> = {}): Setup {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  return { clock, errors, receive: createWebhookHandler({ secrets: SECRET, on: {}, clock, onError, ...options }) };
}

export async function request(
  clock: FakeClock,
  event: unknown = alert,
  id = 'msg_1',
  secret: string = SECRET,
): Promise<Request> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const headers = await signWebhook(body, secret, { id, timestamp: new Date(clock.now()) });
  return new Request(URL_, { method: 'POST', body, headers });
}

export async function outcome(response: Promise<Response>): Promise<[number, unknown]> {
  const answered = await response;
  const text = await answered.text();
  return [answered.status, text === '' ? undefined : (JSON.parse(text) as { error: unknown }).error];
}
