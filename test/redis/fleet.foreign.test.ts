import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireProgram } from '../helpers/programs.js';
import { startRedis } from './redis.js';

const INSTANCES = 8;
// In the repository, so that the bundle finds the packages; git ignores it.
const folder = join('.tmp', `fleet-${process.pid}`);
const bundle = join(folder, 'instance.mjs');

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A tenant that counts: token requests, and per call its token and when it arrived. */
async function countingTenant() {
  const calls: { readonly id: string; readonly token: string; readonly at: number }[] = [];
  const calibrations: number[] = [];
  const revoked = new Set<string>();
  let issued = 0;
  let retryAfter: number | undefined;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://tenant');
    const answer = (status: number, body: object, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    request.resume();
    if (pathname === '/token') {
      issued += 1;
      const token = `token-${issued}`;
      setTimeout(() => answer(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 }), 300);
      return;
    }
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (pathname === '/api/things') {
      calls.push({ id: searchParams.get('id') ?? '', token, at: performance.now() });
      answer(revoked.has(token) ? 401 : 200, {});
      return;
    }
    calibrations.push(performance.now());
    const held = retryAfter;
    retryAfter = undefined;
    if (held === undefined) answer(202, { jobId: `job-${calibrations.length}`, status: 'queued' });
    else answer(429, {}, { 'retry-after': String(held) });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    calibrations,
    revoked,
    get issued() {
      return issued;
    },
    askToWait: (seconds: number) => {
      retryAfter = seconds;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Processes on one Redis, half of them by each client. */
async function startFleet(redisUrl: string, origin: string, windowMs = 60_000) {
  const key = randomBytes(32).toString('base64');
  const logs: string[] = [];
  const members = Array.from({ length: INSTANCES }, (_, index) => {
    const args = [redisUrl, origin, key, index % 2 === 0 ? 'ioredis' : 'node-redis', String(windowMs)];
    const child = fork(bundle, args, { stdio: 'inherit' });
    child.on('message', ({ log }: { log?: string }) => {
      if (log !== undefined) logs.push(log);
    });
    return child;
  });
  const reply = (child: ChildProcess): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const onMessage = (message: { result?: unknown; error?: string; log?: string }): void => {
        if (message.log !== undefined) return;
        child.off('message', onMessage).off('exit', onExit);
        if (message.error === undefined) resolve(message.result);
        else reject(new Error(message.error));
      };
      const onExit = (): void => {
        reject(new Error('a process ended'));
      };
      child.on('message', onMessage).once('exit', onExit);
    });
  const tell = async (index: number, task: string, argument?: unknown): Promise<unknown> => {
    const child = members[index];
    if (child === undefined) throw new Error('no such process');
    const result = reply(child);
    child.send({ task, argument });
    return result;
  };
  await Promise.all(members.map(reply));
  return {
    logs,
    tell,
    tellAll: (task: string, argument?: unknown) => Promise.all(members.map((_, index) => tell(index, task, argument))),
    [Symbol.asyncDispose]: async () => {
      const ended = members.map((child) => once(child, 'exit'));
      for (const child of members) child.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
}

/** Most of these moments that lie within one window, wherever it begins. */
function mostWithin(moments: readonly number[], windowMs: number): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at <= from + windowMs).length));
}

describe.runIf(requireProgram('redis-server', 'redis-server'))('eight processes on one Redis', () => {
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    await build({
      entryPoints: ['test/redis/instance.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
      target: 'node24',
      alias: {
        'agent-assist-sdk/http': './src/http/index.ts',
        'agent-assist-sdk/redis': './src/redis/index.ts',
        'agent-assist-sdk': './src/index.ts',
      },
      external: ['isomorphic-ws', 'ws', 'ioredis', 'redis'],
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('make one token request when they start at once, and send no token that was refused to one of them', async () => {
    await using redis = await startRedis();
    await using tenant = await countingTenant();
    await using fleet = await startFleet(redis.url, tenant.origin);
    expect(new Set(await fleet.tellAll('token'))).toEqual(new Set(['token-1']));
    expect(tenant.issued).toBe(1);

    await fleet.tellAll('call', 'before');
    tenant.revoked.add('token-1');
    await fleet.tell(3, 'call', 'refused');
    const from = tenant.calls.length;
    await fleet.tellAll('call', 'after');
    expect(tenant.calls.slice(from).map(({ token }) => token)).toEqual(
      Array.from({ length: INSTANCES }, () => 'token-2'),
    );
    expect(tenant.issued).toBe(2);
    expect(fleet.logs).toEqual([]);
    console.log(`token requests of ${INSTANCES} processes: ${tenant.issued} (one, and one after a refusal)`);
  });

  it('apply 40 calibrations, and the tenant never sees more than 10 in any window', async () => {
    const windowMs = 2000;
    await using redis = await startRedis();
    await using tenant = await countingTenant();
    await using fleet = await startFleet(redis.url, tenant.origin, windowMs);
    await fleet.tellAll('token');
    expect(await fleet.tellAll('calibrate', 5)).toEqual(Array.from({ length: INSTANCES }, () => 5));
    expect(tenant.calibrations).toHaveLength(40);
    expect(mostWithin(tenant.calibrations, windowMs)).toBeLessThanOrEqual(10);
    const tookMs = (tenant.calibrations.at(-1) ?? 0) - (tenant.calibrations[0] ?? 0);
    console.log(
      `40 calibrations in ${Math.round(tookMs)} ms, at most ${mostWithin(tenant.calibrations, windowMs)} in any ${windowMs} ms`,
    );

    // What the platform asks of one process holds for all.
    tenant.askToWait(3);
    await fleet.tellAll('calibrate', 1);
    const [refused = 0, ...rest] = tenant.calibrations.slice(40);
    // Those that had their slots when the answer came are on their way.
    expect(rest.filter((at) => at > refused + 200 && at < refused + 3000)).toEqual([]);
    expect(rest).toHaveLength(INSTANCES);
  });

  it.each(['stopped', 'frozen'])(
    'lose no call and double none while Redis is %s for ten seconds',
    { timeout: 90_000 },
    async (how) => {
      await using redis = await startRedis();
      await using tenant = await countingTenant();
      await using fleet = await startFleet(redis.url, tenant.origin);
      await fleet.tellAll('token');
      const sent: string[] = [];
      const slowest: number[] = [];
      let isOver = false;
      const callers = Array.from({ length: INSTANCES }, async (_, index) => {
        for (let turn = 0; !isOver; turn += 1) {
          const id = `${index}-${turn}`;
          sent.push(id);
          const startedAt = performance.now();
          expect(await fleet.tell(index, 'call', id)).toBe(id);
          slowest.push(performance.now() - startedAt);
          await wait(20);
        }
      });
      await wait(1000);
      if (how === 'stopped') await redis.stop();
      else redis.freeze();
      await wait(10_000);
      if (how === 'stopped') await redis.start();
      else redis.thaw();
      await wait(7000);
      isOver = true;
      await Promise.all(callers);
      const arrived = tenant.calls.map(({ id }) => id);
      expect(arrived.toSorted()).toEqual(sent.toSorted());
      expect(new Set(arrived).size).toBe(arrived.length);
      expect(tenant.issued).toBe(1);
      // Each process says once that the store fails, and once that it is back.
      const about = (text: RegExp): number => fleet.logs.filter((line) => text.test(line)).length;
      expect([about(/^Token store: read failed/), about(/^Token store: responds again/)]).toEqual([
        INSTANCES,
        INSTANCES,
      ]);
      console.log(
        `Redis ${how} for 10 s: ${sent.length} calls, ${arrived.length} arrived, slowest ${Math.round(Math.max(...slowest))} ms`,
      );
    },
  );
});
