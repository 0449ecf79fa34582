// A regression gate for a bot: runs a suite of conversations, compares it with an earlier run, and writes reports.
//
//   npm run example -- simulate-conversations [suite.yaml] [options]
//
//   --baseline <run.json>    compare with a saved run, and fail on a regression that chance does not explain
//   --min-pass-rate <n>      lowest pass rate, in percent; default: 100, or 0 with a baseline
//   --version <id>           run the suite on another version of the bot
//   --reports <folder>       default: reports/simulation
//   --concurrency <n>        simulations at a time; default: 8
//   --poll-interval-ms <n>   default: 2000, with the embedded tenant 50
//   --timeout-ms <n>         time limit of each case; default: 600000
//
// Exit code: 0 the gate holds, 1 it does not, 2 the suite could not be run. After an interruption, the same command
// resumes where it stopped.
//
// Environment:
//   AGENT_ASSIST_PLATFORM       documents or cognigy; on cxone, which has no bots, it names an alternative; default: documents
//   AGENT_ASSIST_DASHBOARD_URL  receives each simulation's result; default: none
//   CI                          set: a line for each case instead of a progress bar
// Environment, documents:
//   AGENT_ASSIST_BASE_URL       e.g. https://acme.cognigy.ai/api/v1; if unset, the embedded tenant is used
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_SCOPES         space separated; default: simulation:execute bot:read environment:read
// Environment, cognigy:
//   COGNIGY_API_HOST            e.g. api-trial.cognigy.ai; if unset, an embedded installation is used
//   COGNIGY_API_KEY             required with the host
//   COGNIGY_PROJECT_ID          required with the host
//   COGNIGY_FLOW_ID             reference id (a UUID) of the flow; required with the host
//   COGNIGY_LOCALE_ID           reference id (a UUID) of the locale; required with the host
//   COGNIGY_SNAPSHOT_ID         the version under test; default: --version, else the project's current state
//   COGNIGY_ENDPOINT_HOST       required if the API's host has no api-
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuthClient, HttpClient, SimulationClient } from 'agent-assist-sdk';
import {
  auditRecord,
  compareRuns,
  runSuite,
  type ComparableRun,
  type RunComparison,
  type SimulationRunner,
  type SuiteRun,
} from 'agent-assist-sdk/simulation';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import {
  loadRun,
  loadSuite,
  openJournal,
  type SimulationSuite,
  type SuiteFileOptions,
} from 'agent-assist-sdk/simulation/suites';
import { startTenant } from 'agent-assist-sdk/testing';
import { NluClient, PlaybookClient, playbookRunner } from 'agent-assist-sdk/cognigy';
import { openBot } from './shared/cognigy-bot.ts';
import type { Connection } from './shared/environment.ts';
import { fail, stopSignal } from './shared/program.ts';
import { announce, requireCall } from './shared/real-platforms.ts';
import { tellDashboard } from './simulate-conversations/dashboard.ts';
import { showProgress } from './simulate-conversations/progress.ts';
import { defaultScopes, readSettings, type Settings } from './simulate-conversations/settings.ts';

const signal = stopSignal();

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings.platform === 'cxone') requireCall('cxone', 'simulations');
  const { platform, connection } = settings;
  const holds =
    platform === 'cognigy'
      ? await judgeBot(settings)
      : connection === undefined
        ? await judgeEmbedded(settings)
        : await judgeTenant(connection, settings);
  process.exitCode = holds ? 0 : 1;
} catch (error) {
  fail(signal.aborted ? 'Interrupted. The same command resumes where it stopped.' : error, 2);
}

async function judgeEmbedded(settings: Settings): Promise<boolean> {
  await using tenant = await startTenant();
  console.log('No AGENT_ASSIST_BASE_URL: using the embedded tenant.');
  return await judgeTenant({ platform: tenant.platform, ...tenant.credentials, scopes: defaultScopes }, settings);
}

async function judgeTenant(connection: Connection, settings: Settings): Promise<boolean> {
  const { platform, clientId, clientSecret, scopes } = connection;
  // --version replaces a part of the target; the rest comes from the file.
  const files = await loadFiles(settings, { versionId: settings.versionId });
  const auth = new AuthClient({ platform, clientId, clientSecret, scopes });
  const client = new SimulationClient(new HttpClient({ platform, auth }));
  await checkTargets(client, files.suite);
  // The verdicts of one server do not apply to another.
  return await judge(client, files, settings, new URL(platform.baseUrl).host.replace(':', '-'));
}

/** A bot of a real Cognigy.AI answers, as playbooks. */
async function judgeBot(settings: Settings): Promise<boolean> {
  await using bot = await openBot(process.env);
  const { http, localeReferenceId, host, target } = bot;
  const files = await loadFiles(settings, { ...target, versionId: settings.versionId ?? target.versionId });
  const client = playbookRunner({ client: new PlaybookClient(http), nlu: new NluClient(http), localeReferenceId });
  announce('cognigy', bot.isEmbedded, Object.values(client.unsupported ?? {}));
  return await judge(client, files, settings, `cognigy-${host}`);
}

/** The suite, and the baseline. */
interface Files {
  readonly suite: SimulationSuite;
  readonly baseline: ComparableRun | undefined;
}

/** Mistakes in a file are reported before anything is sent. */
async function loadFiles({ suiteFile, baselineFile }: Settings, target: SuiteFileOptions['target']): Promise<Files> {
  const suite = await loadSuite(suiteFile, { target });
  return { suite, baseline: baselineFile === undefined ? undefined : await loadRun(baselineFile) };
}

async function judge(
  client: SimulationRunner,
  { suite, baseline }: Files,
  settings: Settings,
  server: string,
): Promise<boolean> {
  await mkdir(settings.reports, { recursive: true });
  const journalFile = join(settings.reports, `journal-${server}.jsonl`);
  const run = await simulate(client, suite, settings, journalFile);
  if (run.results.every(({ status }) => status === 'errored')) {
    throw new Error(`no case has a verdict; the first failed with ${run.results[0]?.error?.message ?? 'nothing'}`);
  }
  const comparison =
    baseline === undefined ? undefined : compareRuns(baseline, run, { minPassRate: settings.minPassRate });
  await writeReports(settings.reports, suite.name, run, comparison);
  // This run is complete, so the next one starts again.
  await rm(journalFile);
  if (settings.dashboardUrl !== undefined) await tellDashboard(settings.dashboardUrl, run, signal);
  return verdict(run, comparison, settings);
}

async function simulate(
  client: SimulationRunner,
  suite: SimulationSuite,
  settings: Settings,
  journalFile: string,
): Promise<SuiteRun> {
  await using journal = await openJournal(journalFile);
  using progress = showProgress(process.stdout, suite.cases.length, process.env);
  return await runSuite(suite.cases, {
    client,
    journal,
    // The reports list what a runner cannot check; a client of this project's protocol checks everything.
    unsupported: 'note',
    entityMatch: settings.platform === 'cognigy' ? 'type' : undefined,
    concurrency: settings.concurrency,
    pollIntervalMs: settings.pollIntervalMs,
    timeoutMs: settings.timeoutMs,
    signal,
    onProgress: (event) => progress.show(event),
  });
}

async function checkTargets(client: SimulationClient, suite: SimulationSuite): Promise<void> {
  const targets = new Map(
    suite.cases.map(({ simulation: { botId, environmentId, versionId } }) => [
      JSON.stringify([botId, environmentId, versionId]),
      { botId, environmentId, versionId },
    ]),
  );
  const checks = await Promise.all([...targets.values()].map((target) => client.checkTarget(target, { signal })));
  const reasons = new Set(checks.flatMap(({ refusals }) => refusals.map(({ message }) => message)));
  if (reasons.size > 0) throw new Error(`the suite cannot be run: ${[...reasons].join('; ')}`);
}

async function writeReports(
  folder: string,
  name: string,
  run: SuiteRun,
  comparison: RunComparison | undefined,
): Promise<void> {
  const records = run.results.flatMap(({ simulation, result, evaluation }) =>
    result === undefined || evaluation === undefined
      ? []
      : [JSON.stringify(auditRecord(simulation, result, evaluation))],
  );
  const files = {
    'junit.xml': junitReport(run, { name }),
    'report.md': markdownReport(run, { name, comparison }),
    'report.html': htmlReport(run, { name, comparison }),
    'run.json': JSON.stringify(run),
    'audit.jsonl': records.map((record) => `${record}\n`).join(''),
  };
  await Promise.all(Object.entries(files).map(([file, content]) => writeFile(join(folder, file), content)));
}

function verdict({ summary, results }: SuiteRun, comparison: RunComparison | undefined, settings: Settings): boolean {
  const holds =
    comparison?.gate.holds ?? (summary.errored === 0 && summary.passed * 100 >= settings.minPassRate * results.length);
  const reasons =
    comparison === undefined
      ? [`${summary.passRate} % of the cases pass, ${settings.minPassRate} % must`]
      : [
          `${comparison.baselinePassRate} % → ${comparison.candidatePassRate} %`,
          ...comparison.gate.failures.map(({ message }) => message),
        ];
  console.log(
    `${summary.passed} passed, ${summary.failed} failed, ${summary.errored} without a verdict; ` +
      `intent accuracy ${summary.intentAccuracy}, entity F1 ${summary.entities.f1.toFixed(4)}`,
  );
  console.log(`The gate ${holds ? 'holds' : 'does not hold'}: ${reasons.join('; ')}`);
  console.log(`Reports: ${settings.reports}`);
  return holds;
}
