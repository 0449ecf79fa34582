import { auditRecord, notifyDashboard, type SuiteRun } from 'agent-assist-sdk/simulation';
import { WebhookNotifier } from 'agent-assist-sdk/webhooks';

/** Tells the dashboard of every simulation, one after the other; a failure is said and changes nothing else. */
export async function tellDashboard(url: string, run: SuiteRun, signal: AbortSignal): Promise<void> {
  // Whoever runs this names the dashboard, so it may well be inside of their network.
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
    `the dashboard was not told of ${failures.length} simulations: ${first instanceof Error ? first.message : 'no reason given'}`,
  );
}
