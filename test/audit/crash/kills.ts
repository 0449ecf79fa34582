import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished } from 'vitest';
import { AuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { trailPath } from '../helpers.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Files that are written, and killed, at the same time; most of them wait until the lock of the killed one is stale. */
const FILES = 20;
/** Chooses the moments of the kills. A run that failed has printed its own: CRASH_SEED repeats it, as far as real time can be repeated. */
const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
/** A third of the kills falls near the opening of the trail, the rest into the writing that follows. */
const DEATHS = [
  { after: 'opening', withinMs: 30 },
  { after: 'acknowledged', withinMs: 15 },
  { after: 'acknowledged', withinMs: 15 },
] as const;

interface Life {
  /** Numbers of the records that were acknowledged, by their place in the trail. */
  readonly acknowledged: ReadonlyMap<number, number>;
  /** What the writer said that it recovered; nothing when it died before. */
  readonly recoveredBytes: number | undefined;
}

/** What became of one file. */
interface Outcome {
  readonly acknowledged: number;
  readonly torn: number;
}

async function bundleWriter(): Promise<string> {
  const outfile = `${root}node_modules/.audit-writer-${process.pid}.mjs`;
  onTestFinished(() => rm(outfile, { force: true }));
  await build({
    entryPoints: [fileURLToPath(new URL('./writer.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    alias: { 'agent-assist-sdk/audit': `${root}src/audit/index.ts` },
  });
  return outfile;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets a writer run and kills it `delayMs` after it said `after` for the first time. */
async function liveAndDie(
  script: string,
  path: string,
  firstNumber: number,
  after: string,
  delayMs: number,
): Promise<Life> {
  const child = spawn(process.execPath, [script, path, String(firstNumber)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  const acknowledged = new Map<number, number>();
  let recoveredBytes: number | undefined;
  let dying: Promise<void> | undefined;
  for await (const line of createInterface(child.stdout)) {
    const [word, first = '', second] = line.split(' ');
    if (word === 'recovered') recoveredBytes = Number(first);
    else if (second !== undefined) acknowledged.set(Number(first), Number(second));
    if (word === after) dying ??= sleep(delayMs).then(() => void child.kill('SIGKILL'));
  }
  await dying;
  expect(await exited).toBe('SIGKILL');
  return { acknowledged, recoveredBytes };
}

/** A trail that writers write one after the other, each until it is killed. */
class Victim {
  readonly #path: string;
  readonly #number: number;
  readonly #random: () => number;
  readonly #acknowledged = new Map<number, number>();
  #life: Life = { acknowledged: new Map(), recoveredBytes: undefined };
  #kills = 0;
  #tornBytes = 0;
  #torn = 0;

  constructor(path: string, number: number) {
    this.#path = path;
    this.#number = number;
    this.#random = randomFrom(SEED + number);
  }

  async kill(script: string): Promise<void> {
    const { after, withinMs } = DEATHS[(this.#number + this.#kills) % DEATHS.length] ?? DEATHS[0];
    this.#life = await liveAndDie(script, this.#path, this.#kills * 1_000, after, this.#random() * withinMs);
    this.#kills += 1;
  }

  /** Checks what the last kill has left. */
  async check(): Promise<void> {
    const { acknowledged, recoveredBytes } = this.#life;
    // The writer found, and told of, exactly what the kill before had torn.
    if (recoveredBytes !== undefined) expect(recoveredBytes).toBe(this.#tornBytes);
    for (const [seq, number] of acknowledged) {
      expect(this.#acknowledged.has(seq)).toBe(false);
      this.#acknowledged.set(seq, number);
    }
    if (!existsSync(this.#path)) return;
    const result = await verifyAuditTrail(this.#path);
    if (!result.ok) expect(result.problem.kind).toBe('torn');
    const intact = result.ok ? result.head.count : result.problem.seq - 1;
    expect(intact).toBeGreaterThanOrEqual(Math.max(0, ...this.#acknowledged.keys()));
    this.#tornBytes = await bytesAfterLastLine(this.#path);
    expect(this.#tornBytes > 0).toBe(!result.ok);
    this.#torn += result.ok ? 0 : 1;
  }

  /** Checks that everything acknowledged is in the trail when it is opened again. */
  async outcome(): Promise<Outcome> {
    await using trail = await AuditTrail.open(this.#path);
    expect(trail.recovered?.bytes ?? 0).toBe(this.#tornBytes);
    const kept = new Map<number, unknown>();
    for await (const { seq, record } of trail.records()) kept.set(seq, record['number']);
    for (const [seq, number] of this.#acknowledged) expect(kept.get(seq)).toBe(number);
    expect(await trail.verify()).toMatchObject({ ok: true });
    return { acknowledged: this.#acknowledged.size, torn: this.#torn };
  }
}

/**
 * Kills writers at random moments and checks after each kill that no acknowledged record is lost and that what the kill
 * has torn is reported.
 *
 * @param kills - a multiple of 20, the number of files, which begin with different kinds of death.
 */
export async function survivesKills(kills: number): Promise<void> {
  const script = await bundleWriter();
  console.log(`CRASH_SEED=${SEED}`);
  const victims = await Promise.all(
    Array.from({ length: FILES }, async (_, number) => new Victim(await trailPath(), number)),
  );
  for (let round = 0; round < kills / FILES; round += 1) {
    // Nothing is checked while a writer lives: its kill would come late, after many megabytes more to check.
    await Promise.all(victims.map((victim) => victim.kill(script)));
    for (const victim of victims) await victim.check();
  }
  const outcomes = await Promise.all(victims.map((victim) => victim.outcome()));
  const acknowledged = outcomes.reduce((sum, outcome) => sum + outcome.acknowledged, 0);
  const torn = outcomes.reduce((sum, outcome) => sum + outcome.torn, 0);
  console.log(`${acknowledged} records acknowledged, ${torn} of ${kills} kills tore a line`);
  expect(acknowledged).toBeGreaterThan(0);
}

async function bytesAfterLastLine(path: string): Promise<number> {
  const bytes = await readFile(path);
  return bytes.length - bytes.lastIndexOf(0x0a) - 1;
}
