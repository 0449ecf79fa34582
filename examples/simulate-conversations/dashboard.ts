import { auditRecord, notifyDashboard, type SuiteRun } from 'agent-assist-sdk/simulation';
import { WebhookNotifier } from 'agent-assist-sdk/webhooks';

/** Sends every simulation to the dashboard, one after another. A failure is reported and has no other effect. */
export async function tellDashboard(url: string, run: SuiteRun, signal: AbortSignal): Promise<void> {
  // The user chooses the dashboard, so it may be inside their network.
  const notifier = new WebhookNotifier({ allowLoopbackHttp: true, allowPrivateNetworks: true });
  const failures: unknown[] = [];
  for (const { simulation, result, evaluation } of run.results) {
    if (result === undefined || evaluation === undefined) continue;
    const outcome = await notifyDashboard(notifier, url, auditRecord(simulation, result, evaluation), { signal });
    if (!outcome.delivered) failures.push(outcome.error);
  }
  const [first] = failures;
  if (first === undefined) return;
  console.error(
    `The dashboard did not receive ${failures.length} simulations: ${first instanceof Error ? first.message : 'no reason given'}`,
  );
}
