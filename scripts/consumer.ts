// The package as a consumer gets it: packed, then installed into a new project.
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const workspace = join(root, '.tmp', 'consumers');

/** The part of `npm pack`'s output that is used. */
export interface Tarball {
  readonly path: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes of its files. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** Packs the output of `npm run build`. */
export async function pack(): Promise<Tarball> {
  await mkdir(workspace, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', workspace], {
    cwd: root,
    maxBuffer: 2 ** 24,
  });
  const [tarball] = JSON.parse(stdout) as (Omit<Tarball, 'path'> & { readonly filename: string })[];
  if (tarball === undefined) throw new Error('npm pack made no tarball');
  return { ...tarball, path: join(workspace, tarball.filename) };
}

/** Creates an empty project with this dependency and others. Returns its folder. */
export async function install(tarball: Tarball, name: string, others: readonly string[] = []): Promise<string> {
  const folder = join(workspace, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...options, tarball.path, ...others], { cwd: folder });
  return folder;
}
