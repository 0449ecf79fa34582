// Types only: at run time the module comes from the runtime, so that bundlers for browsers do not look for it.
// eslint-disable-next-line import-x/no-nodejs-modules
import type * as NodeModule from 'node:module';
import type { LockOptions } from 'proper-lockfile';
import { AuditTrailError, ConfigurationError } from '../errors.js';

type Lock = (path: string, options: LockOptions) => Promise<() => Promise<void>>;

/** A lock whose writer has not renewed it for this long belongs to a dead one; the least that the library allows. */
const STALE_MS = 2_000;
const RENEW_MS = 1_000;
/** Waits 10 s and more for a writer that lives: many times what a write to a slow disk takes. */
const RETRIES = { retries: 150, factor: 1.3, minTimeout: 5, maxTimeout: 100, randomize: true };

/** The library, without a trace that bundlers follow: it needs files. */
function loadLock(): Lock {
  const { process } = globalThis as { process?: { cwd: () => string; getBuiltinModule?: (name: string) => unknown } };
  const module = process?.getBuiltinModule?.('node:module') as typeof NodeModule | undefined;
  try {
    if (module === undefined) throw new Error('no modules');
    // A bundle in CommonJS knows no URL of its own.
    const { url = `${process?.cwd() ?? ''}/` } = import.meta as { url?: string };
    return (module.createRequire(url)('proper-lockfile') as { lock: Lock }).lock;
  } catch (error) {
    throw new ConfigurationError('AuditTrail needs the package proper-lockfile; a bundle has to leave it external', {
      cause: error,
    });
  }
}

/**
 * Runs `work` while nobody else writes to the file, in this process or another. The lock of a process that died is taken
 * over after two seconds.
 *
 * @throws {@link AuditTrailError} when another writer keeps the lock for too long, or when it cannot be made.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = loadLock();
  // Whoever loses the lock in the middle of a write finds the file longer than expected, or releases nothing.
  const onCompromised = (): void => undefined;
  const release = await lock(path, { stale: STALE_MS, update: RENEW_MS, retries: RETRIES, onCompromised }).catch(
    (error: unknown) => {
      if ((error as { code?: unknown }).code === 'ELOCKED')
        throw new AuditTrailError('conflict', path, 'is being written by someone else', { cause: error });
      throw writeFailed(path, error);
    },
  );
  try {
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}

/** Says what the system said of a write, and what its commonest codes mean. */
export function writeFailed(path: string, error: unknown): AuditTrailError {
  const { code } = error as { code?: unknown };
  const reason =
    code === 'ENOSPC' || code === 'EDQUOT' ? ': the disk is full' : typeof code === 'string' ? `: ${code}` : '';
  return new AuditTrailError('write_failed', path, `cannot be written${reason}`, { cause: error });
}
