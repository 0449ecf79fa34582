// Chooses alert thresholds from recorded calls, with a promise, and applies them as a calibration.
//
// Records the stream of an embedded tenant without personal data, labels the recorded updates with a supervisor's verdicts,
// tunes an alert on the platform's confidence and one on sentiment and keywords, writes reports with the curves, applies
// the first as a calibration, and lets the engine use the second.
//
//   npm run example -- tune-alerts [options]
//
//   --reports <folder>   default: reports/tune-alerts
//
// Exit code: 0 both alerts were chosen and the calibration is applied, 1 otherwise.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPhoneNumbersInText } from 'libphonenumber-js';
import {
  AssistEngine,
  AssistStream,
  AuthClient,
  CalibrationClient,
  HttpClient,
  keywordTrigger,
  SuggestionsClient,
} from 'agent-assist-sdk';
import {
  readRecording,
  recordStream,
  redactPersonalData,
  toAlertTriggers,
  toTrigger,
  tuneAlerts,
  tuningHtmlReport,
  tuningMarkdownReport,
  type AlertTuning,
  type ChosenAlerts,
  type LabelledUpdate,
  type RecordedEvent,
} from 'agent-assist-sdk/conversations';
import type { InteractionUpdateEvent } from 'agent-assist-sdk/stream';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { inventCalls, type Calls } from './tune-alerts/calls.ts';
import { fail } from './shared/program.ts';

const scopes = ['streaming:subscribe', 'sentiment:calibrate', 'agentassist:read'];

try {
  const { values } = parseArgs({ options: { reports: { type: 'string', default: 'reports/tune-alerts' } } });
  await run(values.reports);
} catch (error) {
  fail(error);
}

async function run(folder: string): Promise<void> {
  await using tenant = await startTenant();
  const { platform } = tenant;
  await using auth = new AuthClient({ platform, ...tenant.credentials, scopes });
  const http = new HttpClient({ platform, auth });

  const calls = inventCalls();
  const labelled = await recordAndLabel(tenant, auth, calls);
  const interactionIds = [...new Set(labelled.map(({ conversationId }) => conversationId))];
  console.log(`${labelled.length} updates of ${interactionIds.length} calls recorded and labelled`);

  const frustration = tuneAlerts(only(labelled, 'frustration'), {
    objective: { type: 'precision', atLeast: 0.7 },
    rules: ['score'],
  });
  const sentiment = tuneAlerts(only(labelled, 'sentiment'), { objective: { type: 'alert-volume', atMostPer100: 25 } });
  await report(folder, 'frustration', frustration);
  await report(folder, 'sentiment', sentiment);

  const alertTriggers = toAlertTriggers([requireChoice(frustration)], { directive: 'escalate' });
  const calibration = {
    // A calibration names at most 50.
    interactionIds: interactionIds.slice(0, 50),
    alertTriggers,
    sensitivityLevel: 0.85,
    polarityMatrix: { negative: -0.4, neutral: 0, positive: 0.4 },
  };
  const { jobId, status } = await new CalibrationClient(http).run(calibration, { pollIntervalMs: 50 });
  console.log(`calibration ${jobId} ${status}: ${JSON.stringify(alertTriggers)}`);
  if (status !== 'completed') throw new Error('the platform did not apply the calibration');

  await assist(http, calls, requireChoice(sentiment));
}

/** Records the stream while the calls take place, and joins the recording with what the supervisor heard. */
async function recordAndLabel(tenant: Tenant, auth: AuthClient, calls: Calls): Promise<readonly LabelledUpdate[]> {
  const temporary = await mkdtemp(join(tmpdir(), 'tune-alerts-'));
  try {
    const path = join(temporary, 'calls.jsonl');
    await using stream = new AssistStream({ platform: tenant.platform, auth });
    await using recorder = await recordStream(stream, path, {
      redact: redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') }),
    });
    let missing = calls.updates.length;
    const arrived = new Promise<void>((resolve) => {
      stream.on('INTERACTION_UPDATE', () => {
        missing -= 1;
        if (missing === 0) resolve();
      });
    });
    await stream.connect();
    for (const update of calls.updates) tenant.stream.send(update);
    await arrived;
    await recorder.close();

    const labelled: LabelledUpdate[] = [];
    const findKeywords = keywordTrigger();
    for await (const { event } of readRecording(path)) {
      if (event.type !== 'INTERACTION_UPDATE') continue;
      const { payload } = event as RecordedEvent & InteractionUpdateEvent;
      labelled.push({
        conversationId: payload.interactionId,
        label: calls.heard[labelled.length] ?? false,
        scores: { sentiment: payload.sentimentScore, frustration: Number(payload.context?.['frustration']) },
        keywordHits: findKeywords(payload).length,
      });
    }
    return labelled;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Keeps one score: each score that is compared widens the bounds. */
function only(labelled: readonly LabelledUpdate[], score: string): LabelledUpdate[] {
  return labelled.map((update) => ({ ...update, scores: { [score]: update.scores[score] } }));
}

async function report(folder: string, name: string, tuning: AlertTuning): Promise<void> {
  await mkdir(folder, { recursive: true });
  const page = join(folder, `${name}.html`);
  await writeFile(page, tuningHtmlReport(tuning, { name }));
  console.log(`\n${tuningMarkdownReport(tuning, { name })}\nwritten to ${page}`);
}

function requireChoice(tuning: AlertTuning): ChosenAlerts {
  if (tuning.status === 'chosen') return tuning;
  throw new Error(`the labelled calls do not support a choice: ${tuning.message}`);
}

/** Lets the engine handle the calls with the tuned trigger. */
async function assist(http: HttpClient, calls: Calls, { point }: ChosenAlerts): Promise<void> {
  const engine = new AssistEngine({
    client: new SuggestionsClient(http),
    triggers: [toTrigger(point.rule)],
    pauseMs: 0,
  });
  let asked = 0;
  for (const { payload } of calls.updates) if ((await engine.handle(payload)).status !== 'skipped') asked += 1;
  const per100 = ((100 * asked) / calls.updates.length).toFixed(1);
  console.log(`the engine asked for suggestions at ${asked} of ${calls.updates.length} updates, ${per100} per 100`);
}
