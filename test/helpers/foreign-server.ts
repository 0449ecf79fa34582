import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A port of 127.0.0.1 on which nothing listens. It is below those that systems give to whoever asks for any port, so that
 * no other test gets it before the server that it is for.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const socket = connect(port, '127.0.0.1');
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A server that we did not write, running with a configuration of ours. */
export interface ForeignServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts a program with a configuration file and waits until it listens.
 *
 * @param configure - writes the configuration for a port and a folder of the server's own.
 * @param command - program and arguments, given the configuration file and the folder.
 */
export async function foreignServer(
  configure: (port: number, folder: string) => string,
  command: (file: string, folder: string) => readonly [string, ...string[]],
): Promise<ForeignServer> {
  const folder = await mkdtemp(join(tmpdir(), 'agent-assist-'));
  const port = await freePort();
  const file = join(folder, 'server.conf');
  await writeFile(file, configure(port, folder));
  const [program, ...args] = command(file, folder);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new AbortController();
  child.once('exit', (code) => ended.abort(new Error(`${program} ended with ${code ?? 'a signal'}: ${output}`)));
  await untilListening(port, ended.signal);
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
