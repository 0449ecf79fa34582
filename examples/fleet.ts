// Many processes share one tenant: one listens, another stands by, and workers answer questions from a queue in Redis.
//
//   npm run example -- fleet                  all of it on this machine: Redis, an ingest, a standby, 4 workers
//   npm run example -- fleet ingest NAME      one process that listens, or stands by while another one does
//   npm run example -- fleet worker NAME      one process that answers questions
//   npm run example -- fleet dead-letters     prints the questions that failed for good
//
// Without a base URL, an embedded tenant plays conversations. The example kills a worker and the ingest along the way, and
// ends by itself. Ctrl+C and SIGTERM end a process when its current work is done.
//
// Environment:
//   AGENT_ASSIST_REDIS_URL      e.g. redis://127.0.0.1:6379; if unset, the first form starts the installed redis-server
//   AGENT_ASSIST_STORE_KEY      key for the shared tokens, from openssl rand -base64 32; if unset, each process has its own token
//   AGENT_ASSIST_BASE_URL       of your CXone tenant, e.g. https://api.niceincontact.com; of agent-assist-tenant, its
//                               cxoneBaseUrl; if unset, the embedded one is used
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_STREAM_URL     default: derived from the base URL
//   AGENT_ASSIST_SCOPES         default: agentassist:read knowledge:read agentassist:write
import { AuthClient, cxone } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { playDemo } from './fleet/demo.ts';
import { ingest } from './fleet/ingest.ts';
import { Fleet, environmentOf, newStoreKey, startRedis } from './fleet/processes.ts';
import { Questions, connectTo, tokenStore } from './fleet/queue.ts';
import { work } from './fleet/worker.ts';
import { readConnection, variable } from './shared/environment.ts';
import { fail, stopSignal, untilAborted } from './shared/program.ts';

const SCOPES = ['agentassist:read', 'knowledge:read', 'agentassist:write'];
const WORKERS = 4;
const signal = stopSignal();
const [role, name = role] = process.argv.slice(2);

try {
  if (role === undefined) await runAll();
  else await runPart(role, name ?? role);
} catch (error) {
  if (!signal.aborted) fail(error);
}

async function runPart(role: string, name: string): Promise<void> {
  const redisUrl = variable(process.env, 'AGENT_ASSIST_REDIS_URL');
  if (redisUrl === undefined) throw new Error(`Set AGENT_ASSIST_REDIS_URL for ${role}`);
  const redis = connectTo(redisUrl);
  try {
    await using questions = new Questions(redis);
    if (role === 'dead-letters') {
      for (const { data, failedReason } of await questions.deadLetters())
        console.log(JSON.stringify({ ...data, failedReason }));
      return;
    }
    const run = role === 'ingest' ? ingest : role === 'worker' ? work : undefined;
    if (run === undefined) throw new Error(`Unknown part ${role}: expected ingest, worker or dead-letters`);
    const connection = readConnection(process.env, cxone, SCOPES);
    if (connection === undefined) throw new Error(`Set AGENT_ASSIST_BASE_URL for ${role}`);
    const store = tokenStore(redis, variable(process.env, 'AGENT_ASSIST_STORE_KEY'));
    await using auth = new AuthClient({ ...connection, store });
    await run({ platform: connection.platform, auth, redis, questions, name, signal });
  } finally {
    redis.disconnect();
  }
}

async function runAll(): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const redisUrl = variable(process.env, 'AGENT_ASSIST_REDIS_URL') ?? parts.use(await startRedis()).url;
  const env = {
    AGENT_ASSIST_REDIS_URL: redisUrl,
    AGENT_ASSIST_STORE_KEY: variable(process.env, 'AGENT_ASSIST_STORE_KEY') ?? newStoreKey(),
  };
  if (readConnection(process.env, cxone, SCOPES) !== undefined) {
    parts.use(new Fleet(env, WORKERS));
    await untilAborted(signal);
    return;
  }
  const tenant = parts.use(await startTenant());
  const fleet = parts.use(new Fleet({ ...env, ...environmentOf(tenant) }, WORKERS));
  const redis = connectTo(redisUrl);
  parts.defer(() => redis.disconnect());
  await playDemo(tenant, redis, fleet, signal);
}
