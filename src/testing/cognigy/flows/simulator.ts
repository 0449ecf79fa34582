import { randomUUID } from 'node:crypto';
import { sleep } from '../../../http/clock.js';
import type { CognigyFlow } from './flow.js';
import type { ProjectServices } from '../routes/project.js';
import { checkKind } from '../../../options.js';

/** A scenario of the Simulator, on the wire. */
export interface CognigyScenario {
  readonly id: string;
  /** Reference, which calls name it by. */
  readonly referenceId: string;
  readonly name: string;
  readonly mission: string;
  /** Limit of a run's turns. */
  readonly maxTurns: number;
  readonly successCriteria: readonly object[];
  readonly projectReference: string;
  readonly [field: string]: unknown;
}

/** Context of a persona's turn. */
export interface CognigyPersonaTurn {
  readonly scenario: CognigyScenario;
  /** Number of the turn, from 1. */
  readonly turn: number;
  /** The flow's reply to the previous turn; empty at first. */
  readonly reply: string;
}

/** @internal One run of a batch, on the wire. */
export interface CognigySimulationRun {
  readonly referenceId: string;
  readonly turns: readonly object[];
  /** Whether it was a success, and why. */
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** @internal */
export interface SimulationBatch {
  readonly referenceId: string;
  readonly name: string;
  readonly scenario: CognigyScenario;
  readonly count: number;
  readonly startedAt: number;
  readonly runs: CognigySimulationRun[];
  failedRuns: number;
  status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'STOPPED';
  completedAt: number | undefined;
}

/** The Simulator: personas that talk to a flow until their mission is accomplished. */
export class CognigySimulator {
  /** Minimum duration of a run in ms. Default 10. */
  runMs = 10;

  readonly #services: ProjectServices;
  #speak: Parameters<CognigySimulator['speakWith']>[0] = ({ scenario, turn }) =>
    turn === 1 ? scenario.mission : undefined;
  #judge: Parameters<CognigySimulator['judgeWith']>[0] = ({ replies }) => replies.some((reply) => reply !== '');

  /** @internal */
  constructor(services: ProjectServices) {
    this.#services = services;
  }

  /** Replaces what personas say; `undefined` ends the conversation. By default they say only their mission. */
  speakWith(speak: (turn: CognigyPersonaTurn) => string | undefined): void {
    checkKind('speak', speak, 'a function');
    this.#speak = speak;
  }

  /** Replaces the criterion of success. By default it is any reply of the flow. */
  judgeWith(
    judge: (run: { readonly scenario: CognigyScenario; readonly replies: readonly string[] }) => boolean,
  ): void {
    checkKind('judge', judge, 'a function');
    this.#judge = judge;
  }

  /** @internal Starts a batch, which continues in the background. */
  start(scenario: CognigyScenario, flow: CognigyFlow, name: string, count: number): SimulationBatch {
    const batch: SimulationBatch = {
      referenceId: randomUUID(),
      name,
      scenario,
      count,
      startedAt: this.#services.clock.now(),
      runs: [],
      failedRuns: 0,
      status: 'IN_PROGRESS',
      completedAt: undefined,
    };
    void this.#work(batch, flow).catch(() => {
      batch.status = 'FAILED';
    });
    return batch;
  }

  async #work(batch: SimulationBatch, flow: CognigyFlow): Promise<void> {
    const { clock, closing } = this.#services;
    for (let sequence = 1; sequence <= batch.count; sequence += 1) {
      await sleep(clock, this.runMs, closing);
      if (batch.status === 'STOPPED') return;
      try {
        batch.runs.push(await this.#run(batch.scenario, flow, sequence));
      } catch {
        batch.failedRuns += 1;
      }
    }
    batch.status = batch.failedRuns === batch.count ? 'FAILED' : 'COMPLETED';
    batch.completedAt = clock.now();
  }

  async #run(scenario: CognigyScenario, flow: CognigyFlow, sequence: number): Promise<CognigySimulationRun> {
    const { clock, sessions } = this.#services;
    const startedAt = clock.now();
    const [userId, sessionId] = [`simulation-${randomUUID()}`, randomUUID()];
    const turns: object[] = [];
    const replies: string[] = [];
    const add = (role: string, text: string): void => {
      turns.push({ id: randomUUID(), sequence: turns.length + 1, text, data: { role }, createdAt: clock.now() });
    };
    for (let turn = 1; turn <= scenario.maxTurns; turn += 1) {
      const said = this.#speak({ scenario, turn, reply: replies.at(-1) ?? '' });
      if (said === undefined) break;
      add('persona', said);
      const outputs = await sessions.run(flow, { userId, sessionId, text: said, isTest: true });
      replies.push(outputs.map(({ text }) => text).join(' '));
      add('agent', replies.at(-1) ?? '');
    }
    const success = this.#judge({ scenario, replies });
    const denominator = Math.max(1, scenario.successCriteria.length);
    const numerator = success ? denominator : 0;
    return {
      referenceId: randomUUID(),
      sequence,
      turns,
      totalTurns: turns.length,
      successCriteria: scenario.successCriteria,
      metrics: {
        success,
        results: scenario.successCriteria.map((criterion) => ({ ...criterion, success })),
        successRate: { percentage: success ? 100 : 0, numerator, denominator },
        summary: '',
        isBatchStopped: false,
        isConversationEnded: turns.length < scenario.maxTurns * 2,
        errorInfo: null,
      },
      maxTurns: scenario.maxTurns,
      duration: clock.now() - startedAt,
    };
  }
}

/** @internal Returns a batch in the form of the wire. */
export function shownBatch({ referenceId, name, scenario, count, startedAt, runs, ...batch }: SimulationBatch): object {
  const succeeded = runs.filter(({ metrics }) => metrics['success'] === true).length;
  const average = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    id: referenceId,
    referenceId,
    name,
    simulationReference: scenario.referenceId,
    projectReference: scenario.projectReference,
    status: batch.status,
    runs: count,
    completedRuns: runs.length,
    failedRuns: batch.failedRuns,
    startedAt: new Date(startedAt).toISOString(),
    ...(batch.completedAt !== undefined && { completedAt: new Date(batch.completedAt).toISOString() }),
    metrics: {
      successRate: runs.length === 0 ? 0 : (100 * succeeded) / runs.length,
      averageTurns: average(runs.map(({ turns }) => turns.length)),
      averageSentiment: 0,
      runResults: { succeeded, failed: runs.length - succeeded },
    },
  };
}
