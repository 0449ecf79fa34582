import { HttpClient, type AttemptInfo, type HttpClientOptions, type HttpRequest } from 'agent-assist-sdk';
import { FakeClock } from '../helpers/fake-clock.js';

export const GET: HttpRequest<unknown> = { method: 'GET', path: '/thing' };

export function setUp(
  baseUrl: string,
  options: Partial<HttpClientOptions> = {},
): { clock: FakeClock; http: HttpClient; attempts: AttemptInfo[] } {
  const clock = new FakeClock();
  const attempts: AttemptInfo[] = [];
  const http = new HttpClient({
    baseUrl,
    clock,
    fetch: clock.fetch,
    random: () => 0.5,
    onAttempt: (info) => attempts.push(info),
    ...options,
  });
  return { clock, http, attempts };
}

export async function errorOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}
