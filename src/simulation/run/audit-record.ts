import { systemClock, type Clock } from '../../http/internal.js';
import { toJson } from '../../json.js';
import { checkFields, checkKind, checkOptions, signalKind } from '../../options.js';
import type { Evaluation, WireMetrics } from '../judge/evaluate.js';
import type { SimulationPart, SimulationResult, SimulationStep, SimulationTarget } from '../types.js';

/** The audit record of a simulation, with its names on the wire (protocol 7). */
export interface SimulationAuditRecord {
  /** Time of the record; ISO 8601, UTC. */
  readonly timestamp: string;
  readonly simulation_id: string;
  readonly environment_id: string;
  /** Id of the bot's version. */
  readonly bot_version: string;
  readonly metrics: WireMetrics;
  /** The conversation, as the server sent it. */
  readonly steps: readonly SimulationStep[];
  /** `PASS` only if the simulation did not fail, has assertions, and all of them hold. */
  readonly compliance_status: 'PASS' | 'FAIL';
  /** Expectations that the runner could not judge; absent if it judged all. */
  readonly unchecked?: readonly SimulationPart[] | undefined;
}

/**
 * Creates the audit record of a simulation (protocol 7).
 *
 * @param target - what was simulated; a `Simulation` fits.
 * @param options.clock - source of the timestamp.
 * @throws `ConfigurationError` for an argument of a wrong type.
 */
export function auditRecord(
  target: Pick<SimulationTarget, 'environmentId' | 'versionId'>,
  result: SimulationResult,
  evaluation: Evaluation,
  options: { readonly clock?: Clock | undefined } = {},
): SimulationAuditRecord {
  checkFields('target', target, { environmentId: 'a string', versionId: 'a string' });
  checkFields('result', result, { id: 'a string' });
  checkFields('evaluation', evaluation, {
    verdicts: 'a list of objects',
    metrics: 'the metrics of evaluate with toJSON()',
  });
  checkOptions('auditRecord', options, { clock: 'a clock with now()' });
  const { clock = systemClock } = options;
  const unchecked = new Set(evaluation.verdicts.flatMap((verdict) => verdict.unchecked ?? []));
  return {
    timestamp: new Date(clock.now()).toISOString(),
    simulation_id: result.id,
    environment_id: target.environmentId,
    bot_version: target.versionId,
    metrics: evaluation.metrics.toJSON(),
    steps: result.steps ?? [],
    compliance_status: evaluation.passed ? 'PASS' : 'FAIL',
    ...(unchecked.size > 0 ? { unchecked: [...unchecked] } : {}),
  };
}

/** Time limit of each attempt in ms (protocol 7). */
const TIMEOUT_MS = 10_000;

/** Sends a notification and rejects if it was not accepted; `WebhookNotifier` fits. */
export interface DashboardNotifier {
  /** Sends `body` as JSON by POST. */
  send(
    url: string | URL,
    body: unknown,
    options: {
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      readonly signal: AbortSignal | undefined;
    },
  ): PromiseLike<unknown>;
}

/** Whether the dashboard accepted a notification with a 2xx, or the error. */
export type DashboardNotification =
  { readonly delivered: true } | { readonly delivered: false; readonly error: unknown };

/**
 * Notifies an MLOps dashboard that a simulation is complete (protocol 7). Sends
 * `{event, metrics, audit_log, timestamp}` with `X-Source: cognigy-sim-runner`, with a limit of 10 s for each attempt;
 * `audit_log` is the record as JSON text.
 *
 * Never rejects: a failed notification does not affect the simulation. Returns the failure instead.
 *
 * @example
 * ```ts
 * import { notifyDashboard, type SimulationAuditRecord } from 'agent-assist-sdk/simulation';
 * import { WebhookNotifier } from 'agent-assist-sdk/webhooks';
 *
 * async function report(record: SimulationAuditRecord): Promise<void> {
 *   const outcome = await notifyDashboard(new WebhookNotifier(), 'https://mlops.example.com/hook', record);
 *   if (!outcome.delivered) console.error('the dashboard was not told:', outcome.error);
 * }
 * ```
 */
export async function notifyDashboard(
  notifier: DashboardNotifier,
  url: string | URL,
  record: SimulationAuditRecord,
  options: { readonly signal?: AbortSignal | undefined; readonly clock?: Clock | undefined } = {},
): Promise<DashboardNotification> {
  try {
    checkKind('notifier', notifier, 'a notifier with send()');
    checkKind('record', record, 'an object');
    checkOptions('notifyDashboard', options, { signal: signalKind, clock: 'a clock with now()' });
    const { signal, clock = systemClock } = options;
    await notifier.send(
      url,
      {
        event: 'cognigy_simulation_complete',
        metrics: record.metrics,
        audit_log: toJson(record, 'audit record'),
        timestamp: new Date(clock.now()).toISOString(),
      },
      { headers: { 'X-Source': 'cognigy-sim-runner' }, timeoutMs: TIMEOUT_MS, signal },
    );
    return { delivered: true };
  } catch (error) {
    return { delivered: false, error };
  }
}
