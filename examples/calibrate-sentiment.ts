// Changes sentiment thresholds safely, and keeps a record of it.
//
// Verifies interactions, applies a calibration and waits for its job, notifies the coaching platform with a signed webhook,
// measures the precision of the alerts, and keeps everything in an audit trail on disk.
//
//   npm run example -- calibrate-sentiment    on an embedded tenant, or on yours with the environment below
//
// Environment, for your tenant:
//   AGENT_ASSIST_PLATFORM       documents; on cognigy and cxone, which cannot calibrate, it names an alternative; default: documents
//   AGENT_ASSIST_BASE_URL       e.g. https://acme.cognigy.ai/api/v1; if unset, the embedded tenant is used
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_SCOPES         space separated; default: sentiment:calibrate webhook:manage audit:read
//   AGENT_ASSIST_WEBHOOK_URL    public https URL that forwards to PORT; required for a tenant on another machine
//   PORT                        port of the webhook handler on 127.0.0.1, 0 for a free one; default: 8000, embedded 0
//   AGENT_ASSIST_AUDIT_TRAIL    file of the audit trail; default: a new one in the system's temporary folder
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { AuditClient, AuthClient, CalibrationClient, HttpClient, WebhooksClient } from 'agent-assist-sdk';
import { AuditTrail, verifyAuditTrail } from 'agent-assist-sdk/audit';
import { PrecisionTracker, verifyInteraction, type AlertTrigger } from 'agent-assist-sdk/calibration';
import { startTenant } from 'agent-assist-sdk/testing';
import { generateWebhookSecret } from 'agent-assist-sdk/webhooks';
import { reviewedInteractions } from './calibrate-sentiment/interactions.ts';
import { startReceiver } from './calibrate-sentiment/receiver.ts';
import { defaultScopes, readSettings, type Settings } from './calibrate-sentiment/settings.ts';
import { readPlatform, readPort, variable } from './shared/environment.ts';
import { fail, stopSignal } from './shared/program.ts';
import { requireCall } from './shared/real-platforms.ts';

const EVENT_TIMEOUT_MS = 15_000;
const alertTriggers: readonly AlertTrigger[] = [
  { emotion: 'frustration', threshold: 0.82, directive: 'escalate' },
  { emotion: 'anger', threshold: 0.88, directive: 'block' },
];

const signal = stopSignal();

try {
  requireCall(readPlatform(process.env), 'calibration');
  const settings = readSettings(process.env);
  if (settings === undefined) await runWithEmbeddedTenant();
  else await run(settings);
} catch (error) {
  fail(error);
}

async function runWithEmbeddedTenant(): Promise<void> {
  await using tenant = await startTenant();
  tenant.audit.seed(120);
  // One call of each kind is refused at first, to show retries.
  tenant.inject({
    route: 'PUT /agentassist/sentiment/calibration',
    fault: { kind: 'status', status: 429, retryAfter: 1 },
  });
  tenant.inject({
    route: 'GET /audit/sentiment/calibration',
    skip: 1,
    fault: { kind: 'status', status: 503, retryAfter: 1 },
  });
  heading(`Embedded tenant at ${tenant.origin}`);
  await run({
    connection: { platform: tenant.platform, ...tenant.credentials, scopes: defaultScopes },
    port: readPort(process.env, 0),
    webhookUrl: undefined,
  });
}

async function run(settings: Settings): Promise<void> {
  const { platform, clientId, clientSecret, scopes } = settings.connection;
  const auth = new AuthClient({ platform, clientId, clientSecret, scopes });
  const http = new HttpClient({
    platform,
    auth,
    onAttempt: ({ path, status, retryDelayMs }) => {
      if (retryDelayMs !== undefined)
        note(`${path}: ${status ?? 'no answer'}, retrying in ${Math.round(retryDelayMs)} ms`);
    },
  });
  const trailPath =
    variable(process.env, 'AGENT_ASSIST_AUDIT_TRAIL') ??
    join(await mkdtemp(join(tmpdir(), 'calibration-')), 'audit.jsonl');
  await using trail = await AuditTrail.open(trailPath);
  if (trail.recovered !== undefined)
    note(`a crash interrupted record ${trail.recovered.seq}; its remains are in ${trail.recovered.movedTo}`);

  const interactionIds = await verifyInteractions(trail);
  await calibrate(http, settings, trail, interactionIds);
  await measurePrecision(trail);
  await keepTenantLog(http, trail);
  await verifyTrail(trail, trailPath);
}

async function verifyInteractions(trail: AuditTrail): Promise<readonly string[]> {
  heading('Verify interactions');
  const verified: string[] = [];
  for (const interaction of reviewedInteractions) {
    const { interactionId, passed, domainTerms, failures } = verifyInteraction(interaction);
    if (passed) verified.push(interactionId);
    const why = passed
      ? `${interaction.emotion} ${interaction.confidence}, ${domainTerms.join(', ')}`
      : failures.map(({ type }) => type).join(', ');
    step(passed, `${interactionId}  ${why}`);
    await trail.append({ action: 'interaction.verified', interactionId, passed, failures });
  }
  return verified;
}

async function calibrate(
  http: HttpClient,
  settings: Settings,
  trail: AuditTrail,
  interactionIds: readonly string[],
): Promise<void> {
  heading('Calibrate, and receive the result by webhook');
  const secret = generateWebhookSecret();
  await using receiver = await startReceiver(secret, settings.port, (error) =>
    note(`refused a webhook: ${String(error)}`),
  );
  // Registered before the calibration, so that its event arrives.
  const url = settings.webhookUrl ?? receiver.url;
  const webhooks = new WebhooksClient(http, { allowLoopbackHttp: settings.webhookUrl === undefined });
  const registration = await webhooks.register(
    { url, events: ['sentiment.calibration.updated', 'agentassist.alert.triggered'], secret },
    { signal },
  );
  step(true, `webhook ${registration.id ?? ''} registered for ${url}`);
  await trail.append({ action: 'webhook.registered', id: registration.id, url });

  const calibrations = new CalibrationClient(http);
  const result = await calibrations.apply(
    {
      interactionIds,
      alertTriggers,
      sensitivityLevel: 0.85,
      triggerModelReweight: true,
      polarityMatrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
    },
    { signal },
  );
  step(true, `calibration ${result.jobId} accepted after ${Math.round(result.calibrationLatencyMs)} ms`);
  const job = await calibrations.wait(result.jobId, { pollIntervalMs: 500, signal });
  step(job.status === 'completed', `job ${job.jobId} ${job.status}`);
  await trail.append({
    action: 'calibration.applied',
    jobId: job.jobId,
    status: job.status,
    latencyMs: result.calibrationLatencyMs,
  });
  if (job.status !== 'completed') throw new Error(`the calibration ended as ${job.status}`);

  const event = await receiver.calibrationEvent(EVENT_TIMEOUT_MS);
  if (event === undefined) {
    // The calibration is valid anyway, so the run continues and the trail records what is missing.
    step(false, `no event within ${EVENT_TIMEOUT_MS / 1000} s: can the tenant reach ${url}?`);
    await trail.append({ action: 'webhook.missed', url });
    return;
  }
  step(
    true,
    `event ${event.type} of ${event.timestamp} verified: ${event.data.jobId ?? 'no job named'} ${event.data.status ?? ''}`,
  );
  await trail.append({ action: 'webhook.received', type: event.type, timestamp: event.timestamp, data: event.data });
}

async function measurePrecision(trail: AuditTrail): Promise<void> {
  heading('Precision of the alerts under the new thresholds');
  const tracker = new PrecisionTracker();
  for (const { emotion, confidence, heard } of reviewedInteractions) {
    const isRaised = alertTriggers.some((trigger) => trigger.emotion === emotion && confidence >= trigger.threshold);
    if (isRaised) tracker.record(emotion, heard === emotion ? 'true-positive' : 'false-positive');
  }
  for (const [name, precision] of [
    ...tracker.emotions.map((emotion) => [emotion, tracker.of(emotion)] as const),
    ['all', tracker.total] as const,
  ]) {
    const { truePositives, falsePositives, interval } = precision;
    step(
      true,
      `${name.padEnd(12)} ${precision.precision.toFixed(4)}  (${truePositives} of ${truePositives + falsePositives}; 95 % interval ${interval.low.toFixed(4)} to ${interval.high.toFixed(4)})`,
    );
  }
  await trail.append({ action: 'precision.measured', ...tracker.total, byEmotion: tracker.toJSON() });
}

async function keepTenantLog(http: HttpClient, trail: AuditTrail): Promise<void> {
  heading('Keep the tenant’s audit log');
  let entries = 0;
  let pages = 0;
  for await (const page of new AuditClient(http).listAll({ pageSize: 50 }, { signal }).byPage()) {
    await Promise.all(page.items.map((entry) => trail.append({ action: 'tenant.audit', entry })));
    entries += page.items.length;
    pages += 1;
  }
  step(true, `${entries} entries from ${pages} pages`);
}

async function verifyTrail(trail: AuditTrail, path: string): Promise<void> {
  heading('Verify the audit trail on disk');
  const { head } = trail;
  await trail.close();
  const verification = await verifyAuditTrail(path, { expectedHead: head });
  if (!verification.ok) throw new Error(`${path}: ${verification.problem.message}`);
  step(true, `${verification.head.count} records, all unchanged: ${path}`);
  step(true, `head ${head.hash}; store it elsewhere`);
}

function heading(text: string): void {
  console.log(`\n${pc.bold(text)}`);
}

function step(passed: boolean, text: string): void {
  console.log(`  ${passed ? pc.green('✓') : pc.red('✕')} ${text}`);
}

function note(text: string): void {
  console.log(pc.dim(`    ${text}`));
}
