// A regression gate for a real Cognigy.AI bot: runs a suite as playbooks, or scores its sentences with the bot's NLU.
//
//   npm run example -- bot-regression-gate [suite.yaml] [options]
//
//   --runner <name>          playbooks: whole conversations; nlu: the sentences alone, cheap; default: playbooks
//   --baseline <run.json>    compare with a saved run, and fail on a regression that chance does not explain
//   --strict                 refuse a suite with expectations that the runner cannot check; default: list them in the reports
//   --reports <folder>       default: reports/bot
//   --poll-interval-ms <n>   default: 2000, with the embedded installation 20
//
// Exit code: 0 the gate holds, 1 it does not, 2 the suite could not be run. After an interruption, the same command
// resumes where it stopped.
//
// Environment, for your installation:
//   COGNIGY_API_HOST       e.g. api-trial.cognigy.ai; if unset, an embedded installation is used
//   COGNIGY_API_KEY        required with the host; acts with the roles of its user
//   COGNIGY_PROJECT_ID     required with the host
//   COGNIGY_FLOW_ID        reference id (a UUID) of the flow; required with the host
//   COGNIGY_LOCALE_ID      reference id (a UUID) of the locale; required with the host
//   COGNIGY_SNAPSHOT_ID    the version under test; default: the project's current state
//   COGNIGY_ENDPOINT_HOST  required if the API's host has no api-
//   CI                     set: a line for each case instead of a progress bar
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NluClient, PlaybookClient, nluRunner, playbookRunner } from 'agent-assist-sdk/cognigy';
import { compareRuns, runSuite } from 'agent-assist-sdk/simulation';
import { htmlReport, junitReport, markdownReport } from 'agent-assist-sdk/simulation/reports';
import { loadRun, loadSuite, openJournal } from 'agent-assist-sdk/simulation/suites';
import { openBot } from './shared/cognigy-bot.ts';
import { fail, stopSignal } from './shared/program.ts';
import { showProgress } from './simulate-conversations/progress.ts';

const signal = stopSignal();

try {
  process.exitCode = (await judge()) ? 0 : 1;
} catch (error) {
  fail(signal.aborted ? 'Interrupted. The same command resumes where it stopped.' : error, 2);
}

async function judge(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runner: { type: 'string', default: 'playbooks' },
      baseline: { type: 'string' },
      strict: { type: 'boolean', default: false },
      reports: { type: 'string', default: 'reports/bot' },
      'poll-interval-ms': { type: 'string' },
    },
  });
  if (positionals.length > 1) throw new Error(`expected one suite, got ${positionals.join(', ')}`);
  // A misspelled one would create playbooks in the project.
  if (!['playbooks', 'nlu'].includes(values.runner)) throw new Error('--runner: expected playbooks or nlu');
  await using bot = await openBot(process.env);
  if (bot.isEmbedded) console.log('No COGNIGY_API_HOST: using an embedded installation.');
  const { http, target, localeReferenceId } = bot;
  const nlu = new NluClient(http);
  const client =
    values.runner === 'nlu'
      ? nluRunner({ client: nlu, localeReferenceId })
      : playbookRunner({ client: new PlaybookClient(http), nlu, localeReferenceId, logger: console });
  // The same suite runs on every bot; the target replaces its ids.
  const suiteFile = positionals[0] ?? fileURLToPath(new URL('simulate-conversations/suite.yaml', import.meta.url));
  const { name, cases } = await loadSuite(suiteFile, { target });
  const baseline = values.baseline === undefined ? undefined : await loadRun(values.baseline);

  await mkdir(values.reports, { recursive: true });
  const journalFile = join(values.reports, `journal-${values.runner}-${bot.host}.jsonl`);
  await using journal = await openJournal(journalFile);
  using progress = showProgress(process.stdout, cases.length, { CI: process.env['CI'] });
  const run = await runSuite(cases, {
    client,
    journal,
    entityMatch: 'type',
    unsupported: values.strict ? 'refuse' : 'note',
    pollIntervalMs: Number(values['poll-interval-ms'] ?? (bot.isEmbedded ? 20 : 2000)),
    signal,
    onProgress: (event) => progress.show(event),
  });
  if (run.results.every(({ status }) => status === 'errored'))
    throw new Error(`no case has a verdict; the first failed with ${run.results[0]?.error?.message ?? 'nothing'}`);

  const comparison = baseline === undefined ? undefined : compareRuns(baseline, run);
  const files = {
    'junit.xml': junitReport(run, { name }),
    'report.md': markdownReport(run, { name, comparison }),
    'report.html': htmlReport(run, { name, comparison }),
    'run.json': JSON.stringify(run),
  };
  for (const [file, content] of Object.entries(files)) await writeFile(join(values.reports, file), content);
  // This run is complete, so the next one starts again.
  await journal.close();
  await rm(journalFile);

  const { summary, results, unsupported = [] } = run;
  for (const { part, reason, cases: count } of unsupported)
    console.log(`Not checked (${part}, ${count} cases): ${reason}`);
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.errored} without a verdict`);
  const holds = comparison?.gate.holds ?? summary.passed === results.length;
  console.log(`The gate ${holds ? 'holds' : 'does not hold'}. Reports: ${values.reports}`);
  return holds;
}
