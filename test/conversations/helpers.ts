import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RecordableStream } from 'agent-assist-sdk/conversations';

/** The path of a recording in a folder of its own, which is gone after the test. */
export async function recordingPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'calls.jsonl');
}

/** The names of a recording's files, sorted, and all that is in them. */
export async function filesOf(path: string): Promise<{ readonly names: readonly string[]; readonly text: string }> {
  const folder = join(path, '..');
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return { names, text: texts.join('') };
}

/** A stream without a socket, for what depends on nothing that arrives over one. */
export class HandStream implements RecordableStream {
  readonly eventNames: readonly string[] = ['TRANSCRIPT_FRAGMENT', 'unknown'];
  readonly #listeners = new Map<string, Set<(event: object) => unknown>>();

  on(name: string, listener: (event: object) => unknown): void {
    this.#listeners.set(name, (this.#listeners.get(name) ?? new Set()).add(listener));
  }

  off(name: string, listener: (event: object) => unknown): void {
    this.#listeners.get(name)?.delete(listener);
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  emit(event: { readonly type: string; readonly [field: string]: unknown }): void {
    const name = event.type === 'GAP' ? 'gap' : this.eventNames.includes(event.type) ? event.type : 'unknown';
    for (const listener of this.#listeners.get(name) ?? []) listener(event);
  }
}
