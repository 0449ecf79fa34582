import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import type { AuthClient, Platform } from 'agent-assist-sdk';
import type { Tenant } from 'agent-assist-sdk/testing';
import type { Questions } from './queue.ts';

/** What a part works with. */
export interface PartContext {
  readonly platform: Platform;
  readonly auth: AuthClient;
  readonly redis: Redis;
  readonly questions: Questions;
  /** What it is called in its lines, and in the header `x-worker`. */
  readonly name: string;
  /** Ends it when what it has in work is done. */
  readonly signal: AbortSignal;
}

/** The environment of a process: URLs of its tenant and Redis. */
export type FleetEnvironment = Readonly<Record<string, string | undefined>>;

/** Returns the environment of an embedded tenant. */
export function environmentOf({ cxonePlatform, credentials }: Tenant): FleetEnvironment {
  return {
    AGENT_ASSIST_BASE_URL: cxonePlatform.baseUrl,
    AGENT_ASSIST_TOKEN_URL: cxonePlatform.tokenUrl,
    AGENT_ASSIST_STREAM_URL: cxonePlatform.streamUrl,
    AGENT_ASSIST_CLIENT_ID: credentials.clientId,
    AGENT_ASSIST_CLIENT_SECRET: credentials.clientSecret,
  };
}

/** A key for the store of tokens, as `openssl rand -base64 32` makes one. */
export const newStoreKey = (): string => randomBytes(32).toString('base64');

/** One process of the fleet. */
export interface Part {
  readonly name: string;
  readonly process: ChildProcess;
  /** Resolves when it has ended, for any reason. */
  readonly ended: Promise<void>;
}

/** Starts a part as a separate process, and prints its lines. */
export function startPart(
  role: 'ingest' | 'worker',
  name: string,
  env: FleetEnvironment,
  show: (line: string) => void,
): Part {
  const file = fileURLToPath(new URL('../fleet.ts', import.meta.url));
  const child = spawn(process.execPath, [file, role, name], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches only the first process, which ends the parts in order.
    detached: true,
  });
  for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', (line) => show(line));
  return { name, process: child, ended: once(child, 'close').then(() => undefined) };
}

/** Ends parts in the order of the flow: first those that listen, then the workers. */
export async function stopParts(...stages: readonly (readonly Part[])[]): Promise<void> {
  for (const parts of stages) {
    for (const part of parts) part.process.kill('SIGTERM');
    await Promise.all(parts.map(({ ended }) => ended));
  }
}

/** The processes of one machine: an ingest and its standby, and the workers. */
export class Fleet implements AsyncDisposable {
  readonly #ingests: Part[];
  readonly #workers: Part[];
  #listener = '';

  constructor(env: FleetEnvironment, workers: number) {
    const show = (line: string): void => {
      console.log(line);
      this.#listener = /^(.*): holds the stream$/.exec(line)?.[1] ?? this.#listener;
    };
    this.#ingests = [1, 2].map((number) => startPart('ingest', `ingest-${number}`, env, show));
    this.#workers = Array.from({ length: workers }, (_, index) =>
      startPart('worker', `worker-${index + 1}`, env, show),
    );
  }

  /** Name of the ingest that holds the stream. */
  get listener(): string {
    return this.#listener;
  }

  /** Kills a process without warning. */
  kill(name: string): void {
    console.log(`kill -9 ${name}`);
    [...this.#ingests, ...this.#workers].find((part) => part.name === name)?.process.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopParts(this.#ingests, this.#workers);
  }
}

const MISSING_REDIS =
  'redis-server is not installed: apt-get install redis-server, or brew install redis; ' +
  'or set AGENT_ASSIST_REDIS_URL to another Redis, e.g. from docker run -p 6379:6379 redis';

/**
 * Starts a Redis that stores nothing on disk.
 *
 * @throws Error that says how to install one, if it is missing.
 */
export async function startRedis(): Promise<{ readonly url: string } & AsyncDisposable> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = new Promise((resolve) => server.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new Error(MISSING_REDIS)));
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${String(code)}`)));
    createInterface(server.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
