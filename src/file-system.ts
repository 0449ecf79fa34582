// Types only: at run time the runtime supplies the module, so that bundlers for browsers do not look for it.
/* eslint-disable import-x/no-nodejs-modules */
import type * as NodeCrypto from 'node:crypto';
import type * as NodeFileSystem from 'node:fs/promises';
import type * as NodePath from 'node:path';
import { ConfigurationError } from './errors.js';

/** A file that is open. */
export type FileHandle = NodeFileSystem.FileHandle;

/** Modules that a runtime with files brings along. */
interface BuiltinModules {
  readonly 'node:crypto': typeof NodeCrypto;
  readonly 'node:fs/promises': typeof NodeFileSystem;
  readonly 'node:path': typeof NodePath;
}

/**
 * Returns the runtime's file system.
 *
 * @internal
 * @param user - what needs files, for the error message.
 * @throws {@link ConfigurationError} in runtimes without files, e.g. a browser.
 */
export function fileSystem(user: string): typeof NodeFileSystem {
  return builtinModule('node:fs/promises', user);
}

/**
 * Returns a module that the runtime brings along, in a way that bundlers do not follow.
 *
 * @internal
 * @param user - what needs it, for the error message.
 * @throws {@link ConfigurationError} in runtimes without it, e.g. a browser.
 */
export function builtinModule<Name extends keyof BuiltinModules>(name: Name, user: string): BuiltinModules[Name] {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const module = process?.getBuiltinModule?.(name);
  if (module === undefined) throw new ConfigurationError(`${user} needs a runtime with files: Node 22.3, Bun or Deno`);
  return module as BuiltinModules[Name];
}

/**
 * Puts the name of a new file on disk: it survives a power failure only if its folder does. Not every system supports that.
 *
 * @internal
 */
export async function syncFolder(path: string, user: string): Promise<void> {
  const folder = await fileSystem(user)
    .open(builtinModule('node:path', user).dirname(path), 'r')
    .catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/**
 * Returns whether someone deleted or replaced a file that is open: the system still confirms each write to it.
 *
 * @internal
 */
export async function isDeleted(path: string, handle: FileHandle, user: string): Promise<boolean> {
  const { nlink, ino } = await handle.stat();
  if (nlink > 0) return false;
  // Some network file systems count no links.
  const there = await fileSystem(user)
    .stat(path)
    .catch(() => undefined);
  return there?.ino !== ino;
}

/** Returns the system's code of a failure, e.g. `ENOENT`. */
export function errorCodeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** Says that a file cannot be written, with the system's code or, for the commonest ones, in words. */
export function writeProblem(error: unknown): string {
  const code = errorCodeOf(error);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return `cannot be written${code === undefined ? '' : `: ${isFull ? 'the disk is full' : code}`}`;
}

/**
 * Opens a file to read it. A pipe would wait for its writer, and then no process could exit; a device may have no end.
 *
 * @internal
 * @throws the error of `refuse` for anything other than a regular file; otherwise that of the system.
 */
export async function openRegularFile(
  fs: typeof NodeFileSystem,
  path: string,
  refuse: (problem: string) => Error,
): Promise<FileHandle> {
  if (!(await fs.stat(path)).isFile()) throw refuse('is not a regular file');
  return fs.open(path, 'r');
}

/** Reads a part of a file; less of it where the file ends. */
export async function readFully(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
