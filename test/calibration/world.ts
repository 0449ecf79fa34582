import { AuthClient, HttpClient, type HttpClientOptions } from 'agent-assist-sdk';
import { CalibrationClient, type Calibration } from 'agent-assist-sdk/calibration';
import { startTenant, type Tenant, type TenantOptions } from 'agent-assist-sdk/testing';
import { FakeClock } from '../helpers/fake-clock.js';

/** A calibration that keeps every rule. */
export const calibration: Calibration = {
  interactionIds: ['conv_8f3a2c1d', 'conv_9b4e7f2a'],
  polarityMatrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
  alertTriggers: [
    { emotion: 'frustration', threshold: 0.82, directive: 'escalate' },
    { emotion: 'anger', threshold: 0.88, directive: 'block' },
  ],
  sensitivityLevel: 0.85,
};

/** A tenant on real sockets and clients of it, all on one clock that moves only while no request is on its way. */
export interface World extends AsyncDisposable {
  readonly tenant: Tenant;
  readonly clock: FakeClock;
  readonly http: HttpClient;
  readonly calibrations: CalibrationClient;
  /** The calibrations that the tenant received, oldest first. */
  puts(): Tenant['requests']['all'];
  newHttp(options?: Partial<HttpClientOptions>): HttpClient;
  /** Lets time pass until `work` settles. */
  run<T>(work: PromiseLike<T>): Promise<T>;
  /** Lets time pass; never while a request is on its way. */
  pass(ms: number): Promise<void>;
}

export async function startWorld(options: TenantOptions = {}): Promise<World> {
  const clock = new FakeClock();
  const tenant = await startTenant({ clock, ...options });
  let onTheWay = 0;
  const countingFetch: typeof fetch = async (...parameters) => {
    onTheWay += 1;
    try {
      const answer = await fetch(...parameters);
      const body = await answer.arrayBuffer();
      return new Response(body.byteLength === 0 ? null : body, answer);
    } finally {
      onTheWay -= 1;
    }
  };
  const idle = async (): Promise<void> => {
    // A few rounds, since what follows an answer takes some turns of the loop until it sends or sleeps again.
    for (let round = 0; round < 5; round += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (onTheWay > 0) round = -1;
    }
  };
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, clock, fetch: countingFetch });
  const newHttp = (httpOptions: Partial<HttpClientOptions> = {}): HttpClient =>
    new HttpClient({ platform: tenant.platform, auth, clock, fetch: countingFetch, random: () => 0.5, ...httpOptions });
  const http = newHttp();
  return {
    tenant,
    clock,
    http,
    calibrations: new CalibrationClient(http),
    newHttp,
    puts: () => tenant.requests.all.filter(({ method }) => method === 'PUT'),
    async run(work) {
      const isSettled = watch(work);
      for (;;) {
        await idle();
        if (isSettled()) return work;
        const [next] = clock.pendingDelays;
        await clock.advance(next ?? 0);
      }
    },
    async pass(ms) {
      const end = clock.monotonic() + ms;
      for (;;) {
        await idle();
        const left = end - clock.monotonic();
        if (left <= 0) return;
        await clock.advance(Math.min(left, clock.pendingDelays[0] ?? left));
      }
    },
    async [Symbol.asyncDispose]() {
      await auth[Symbol.asyncDispose]();
      await tenant.close();
    },
  };
}

export const rejection = async (work: PromiseLike<unknown>): Promise<unknown> => {
  try {
    return { resolved: await work };
  } catch (error) {
    return error;
  }
};

/** Whether `work` has settled by now. */
export function watch(work: PromiseLike<unknown>): () => boolean {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  work.then(done, done);
  return () => settled;
}
