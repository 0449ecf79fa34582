import { systemClock, type Clock } from '../http/index.js';
import type { Evaluation, WireMetrics } from './evaluate.js';
import type { SimulationTarget } from './target.js';
import type { SimulationResult, SimulationStep } from './types.js';

/** The record of a simulation for governance, under the names of the wire (protocol 7). */
export interface SimulationAuditRecord {
  /** When the record was made; ISO 8601, UTC. */
  readonly timestamp: string;
  /** Id of the simulation. */
  readonly simulation_id: string;
  /** The environment that it ran in. */
  readonly environment_id: string;
  /** The version of the bot. */
  readonly bot_version: string;
  /** The metrics. */
  readonly metrics: WireMetrics;
  /** The conversation, as the server reported it. */
  readonly steps: readonly SimulationStep[];
  /** `PASS` only when the simulation did not fail, there were assertions, and every one of them holds. */
  readonly compliance_status: 'PASS' | 'FAIL';
}

/**
 * Writes the audit record of a simulation (protocol 7).
 *
 * @param target - what was simulated; a `Simulation` is one.
 * @param options.clock - source of the timestamp.
 */
export function auditRecord(
  target: Pick<SimulationTarget, 'environmentId' | 'versionId'>,
  result: SimulationResult,
  evaluation: Evaluation,
  options: { readonly clock?: Clock | undefined } = {},
): SimulationAuditRecord {
  const { clock = systemClock } = options;
  return {
    timestamp: new Date(clock.now()).toISOString(),
    simulation_id: result.id,
    environment_id: target.environmentId,
    bot_version: target.versionId,
    metrics: evaluation.metrics.toJSON(),
    steps: result.steps ?? [],
    compliance_status: evaluation.passed ? 'PASS' : 'FAIL',
  };
}
