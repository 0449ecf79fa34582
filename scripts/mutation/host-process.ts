// Starts a host and kills it with everything it started once a mutant takes too long.
import { fork, type ChildProcess } from 'node:child_process';
import type { Outcome, Task } from './host.ts';

export interface Host {
  /** `undefined` if it did not end within the time. */
  run(task: Task, timeoutMs: number): Promise<Outcome | undefined>;
  stop(): void;
}

export async function startHost(contentsFile: string): Promise<Host> {
  let child = await start(contentsFile);
  return {
    async run(task, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<Outcome | undefined>();
      const timer = setTimeout(resolve, timeoutMs, undefined);
      const onExit = (): void => resolve(undefined);
      child.once('message', resolve).once('exit', onExit);
      child.send(task);
      const outcome = await promise;
      clearTimeout(timer);
      child.off('exit', onExit);
      if (outcome === undefined) {
        stop(child);
        child = await start(contentsFile);
      }
      return outcome;
    },
    stop: () => stop(child),
  };
}

async function start(contentsFile: string): Promise<ChildProcess> {
  // A group of its own: the workers of vitest are killed with it.
  const child = fork(new URL('host.ts', import.meta.url), [contentsFile], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await new Promise((resolve, reject) => child.once('message', resolve).once('exit', reject));
  return child;
}

function stop(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
}
