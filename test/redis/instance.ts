// One process of a fleet: does what its parent tells it, and answers with the result.
import { AuthClient, CalibrationClient, HttpClient } from 'agent-assist-sdk';
import { encryptedStore } from 'agent-assist-sdk/http';
import { redisRateLimiter, redisStore } from 'agent-assist-sdk/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

const [redisUrl = '', origin = '', key = '', kind = '', windowMs = ''] = process.argv.slice(2);

/** Does not wait for the connection: the first commands must. */
function connect(): Parameters<typeof redisStore>[0] {
  if (kind === 'ioredis') {
    const redis = new Redis(redisUrl, { enableOfflineQueue: false, retryStrategy: () => 100 });
    redis.on('error', () => undefined);
    return redis;
  }
  const redis = createClient({ url: redisUrl, disableOfflineQueue: true, socket: { reconnectStrategy: () => 100 } });
  redis.on('error', () => undefined);
  void redis.connect();
  return redis;
}

const redis = connect();
const logger = {
  debug: () => undefined,
  info: (message: string) => process.send?.({ log: message }),
  warn: (message: string) => process.send?.({ log: message }),
  error: (message: string) => process.send?.({ log: message }),
};
const auth = new AuthClient({
  tokenUrl: `${origin}/token`,
  clientId: 'id',
  clientSecret: 'secret',
  store: encryptedStore(redisStore(redis, { keyPrefix: 'acme:tokens:' }), { keys: [key] }),
  logger,
});
const http = new HttpClient({ baseUrl: `${origin}/api`, auth });
const rateLimiter = redisRateLimiter(redis, {
  name: 'acme:calibrations',
  maxCalls: 10,
  windowMs: Number(windowMs),
  logger,
});
const calibrations = new CalibrationClient(http, { rateLimiter });
const calibration = {
  interactionIds: ['conv_8f3a2c1d'],
  polarityMatrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
  alertTriggers: [],
  sensitivityLevel: 0.85,
};

const tasks: Readonly<Record<string, (argument: unknown) => Promise<unknown>>> = {
  token: () => auth.getToken(),
  call: async (id) => http.request({ method: 'GET', path: '/things', query: { id: String(id) } }).then(() => id),
  calibrate: async (count) => {
    const calls = Array.from({ length: Number(count) }, () =>
      calibrations.apply(calibration, { totalTimeoutMs: 60_000 }),
    );
    return (await Promise.all(calls)).length;
  },
};

process.on('message', ({ task, argument }: { task: string; argument: unknown }) => {
  const work = tasks[task]?.(argument) ?? Promise.reject(new Error(`no task ${task}`));
  work.then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ result: 'ready' });
