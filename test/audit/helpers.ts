import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { AuditTrail, type AuditRecord } from 'agent-assist-sdk/audit';
import { FakeClock } from '../helpers/fake-clock.js';

/** A path in a folder of its own, which is gone after the test. */
export async function trailPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-trail-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'trail.jsonl');
}

/** Writes a closed trail of these records. */
export async function writeTrail(path: string, records: readonly AuditRecord[]): Promise<void> {
  await using trail = await AuditTrail.open(path, { clock: new FakeClock() });
  await Promise.all(records.map((record) => trail.append(record)));
}

/** A line as a forger would write it: right in itself, with whatever place in the chain. */
export function forgeLine(seq: number, previousHash: string, record: object): string {
  const at = '2026-01-01T00:00:00.000Z';
  const body = `"previousHash":"${previousHash}","record":${JSON.stringify(record)},"seq":${seq}}`;
  const hash = createHash('sha256').update(`{"at":"${at}",${body}`).digest('hex');
  return `{"at":"${at}","hash":"${hash}",${body}`;
}

/** The CSV of a trail of these records. */
export async function csvOf(records: readonly AuditRecord[], columns?: readonly string[]): Promise<string> {
  await using trail = await AuditTrail.open(await trailPath());
  for (const record of records) await trail.append(record);
  return (await Array.fromAsync(trail.csv({ columns }))).join('');
}
