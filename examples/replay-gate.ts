// Shows what a different trigger would have asked in recorded conversations, and fails if that is too much.
//
// Replays a recording twice into an engine, with today's triggers and with the change, and prints the diff as
// Markdown for a pull request. The suggestions come from an embedded tenant, over sockets, so no account is needed.
//
//   npm run example -- replay-gate [recording] [options]
//
//   recording              the path that was passed to recordStream; default: a sample, which is recorded first
//   --threshold=<number>   the changed trigger asks below this sentiment; default: -0.7
//   --keywords <a,b>       the changed trigger asks at these words; default: today's
//   --max-asked <n>        how many new questions are allowed; default: 0
//   --max-not-asked <n>    how many questions may disappear; default: 0
//   --outcomes <folder>    folder for the outcomes of both replays; default: not kept
//
// Exit code: 0 the gate holds, 1 it does not, 2 it could not be judged.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPhoneNumbersInText } from 'libphonenumber-js';
import { AssistStream, AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import {
  compareReplays,
  engineTarget,
  formatReplayDiff,
  gateReplays,
  recordStream,
  redactPersonalData,
  replay,
} from 'agent-assist-sdk/conversations';
import { keywordTrigger, sentimentTrigger } from 'agent-assist-sdk/suggestions';
import { sampleConversations, startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { fail, stopSignal } from './shared/program.ts';

const signal = stopSignal();

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threshold: { type: 'string', default: '-0.7' },
      keywords: { type: 'string' },
      'max-asked': { type: 'string', default: '0' },
      'max-not-asked': { type: 'string', default: '0' },
      outcomes: { type: 'string' },
    },
  });
  if (positionals.length > 1) throw new Error(`expected one recording, got ${positionals.join(', ')}`);
  process.exitCode = await judge(positionals[0], {
    threshold: Number(values.threshold),
    keywords: values.keywords?.split(','),
    maxAsked: Number(values['max-asked']),
    maxNotAsked: Number(values['max-not-asked']),
    outcomes: values.outcomes,
  });
} catch (error) {
  fail(signal.aborted ? 'Interrupted.' : error, 2);
}

interface Change {
  readonly threshold: number;
  readonly keywords: readonly string[] | undefined;
  readonly maxAsked: number;
  readonly maxNotAsked: number;
  readonly outcomes: string | undefined;
}

async function judge(recording: string | undefined, change: Change): Promise<number> {
  const { threshold, keywords, maxAsked, maxNotAsked } = change;
  await using tenant = await startTenant();
  const folder = await mkdtemp(join(tmpdir(), 'replay-gate-'));
  try {
    const source = recording ?? (await recordSample(tenant, join(folder, 'sample.jsonl')));
    const kept = change.outcomes ?? folder;
    await mkdir(kept, { recursive: true });
    const [before, after] = [join(kept, 'before.jsonl'), join(kept, 'after.jsonl')];
    const client = suggestionsOf(tenant);
    const triggers = [keywordTrigger({ keywords }), sentimentTrigger({ threshold })];
    await replay(source, engineTarget({ client }), { outcomes: before, signal });
    await replay(source, engineTarget({ client, triggers }), { outcomes: after, signal });

    const diff = await compareReplays(before, after, { signal });
    // A question that comes or goes changes what is shown and what it costs as well.
    const more = { maxChangedCards: Infinity, maxMoreCalls: Infinity };
    const { failures, exitCode } = gateReplays(diff, { maxAsked, maxNotAsked, ...more });
    console.log(formatReplayDiff(diff));
    for (const failure of failures) console.log(`❌ ${failure}`);
    if (failures.length === 0) console.log('✅ The gate holds.');
    return exitCode;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function suggestionsOf({ platform, credentials }: Tenant): SuggestionsClient {
  const auth = new AuthClient({ platform, ...credentials, scopes: ['agentassist:read'] });
  return new SuggestionsClient(new HttpClient({ platform, auth }));
}

/** Records the sample as a service would record its stream. */
async function recordSample(tenant: Tenant, path: string): Promise<string> {
  const { platform, credentials } = tenant;
  const auth = new AuthClient({ platform, ...credentials, scopes: ['streaming:subscribe'] });
  await using stream = new AssistStream({ platform, auth });
  await using recorder = await recordStream(stream, path, {
    redact: redactPersonalData({ findPhoneNumbers: (text) => findPhoneNumbersInText(text, 'US') }),
  });
  await stream.connect({ signal });
  const ended = new Promise((resolve) => stream.once('unknown', resolve));
  for (const conversation of sampleConversations) await tenant.play(conversation, { speed: Infinity, signal });
  tenant.stream.send({ type: 'END_OF_SAMPLE' });
  await ended;
  await recorder.flush();
  console.error(`Recorded ${recorder.counts.written} events of the sample.`);
  return path;
}
