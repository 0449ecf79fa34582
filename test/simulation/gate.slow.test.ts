import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSimulation, compareRuns, runSuite, type SuiteCase, type SuiteRun } from 'agent-assist-sdk/simulation';
import { startTenant, type TrainingExample } from 'agent-assist-sdk/testing';
import { describe, expect, test } from 'vitest';
import { clientOf, target } from './helpers.js';
import { sampleUtterances } from '../../src/testing/fixtures/sample-utterances.js';

const dataFile = join(process.env['AGENT_ASSIST_DATA'] ?? '../shared/data', 'utterances.jsonl');
const haveData = existsSync(dataFile);
if (!haveData)
  console.warn(
    `skipped: ${dataFile} is missing; set AGENT_ASSIST_DATA to the folder with the data sets (the tenant's own ${sampleUtterances.length} sentences are too few for this)`,
  );

interface Conversation {
  readonly id: string;
  readonly turns: readonly TrainingExample[];
}

/** What the server answered for one simulation, as it came over the wire. */
interface RawAnswer {
  readonly texts: readonly string[];
  readonly steps: readonly {
    index: number;
    nlu: { intent: string; confidence: number; entities: { type: string; value: string }[] };
  }[];
}

describe.skipIf(!haveData)('400 conversations of real customers', () => {
  const conversations = haveData
    ? readFileSync(dataFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Conversation)
    : [];
  const [asked, learnt] = [conversations.slice(-400), conversations.slice(0, -400)];
  const cases: SuiteCase[] = asked.map(({ id, turns }) => ({
    id,
    simulation: buildSimulation({
      ...target,
      inputs: turns.map(({ text }) => ({ text, delayMs: 0 })),
      assertions: turns.map(({ intent, entities }, stepIndex) => ({
        stepIndex,
        expectedIntent: intent,
        expectedConfidenceMin: 0.3,
        expectedEntities: entities,
      })),
    }),
  }));

  test('run 20 at a time, are scored as an independent count scores them, and a worse classifier is told apart', async () => {
    await using tenant = await startTenant();
    tenant.simulation.durationMs = 10;
    const answers = new Map<string, RawAnswer>();
    const listening: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      const sent = request.method === 'POST' ? await request.clone().text() : '';
      const response = await fetch(request);
      const body = (await response.clone().json()) as { id: string; status: string; steps?: RawAnswer['steps'] };
      if (sent !== '')
        answers.set(body.id, {
          texts: (JSON.parse(sent) as { inputs: { text: string }[] }).inputs.map(({ text }) => text),
          steps: [],
        });
      else if (body.status === 'COMPLETED')
        answers.set(body.id, { texts: answers.get(body.id)?.texts ?? [], steps: body.steps ?? [] });
      return response;
    };
    const client = clientOf(tenant, { fetch: listening });
    const turnsLearnt = learnt.flatMap(({ turns }) => turns);
    const runWith = async (every: number, asked: readonly SuiteCase[]): Promise<SuiteRun> => {
      tenant.simulation.train(turnsLearnt.filter((_, index) => index % every === 0));
      return runSuite(asked, { client, concurrency: 20, pollIntervalMs: 10, entityMatch: 'value' });
    };

    const good = await runWith(1, cases);
    expect(good.results.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
    expect(tenant.simulation.submitted).toBe(400);

    // Counted from the bodies on the wire alone; the case is known by its sentences.
    const truths = new Map(asked.map(({ turns }) => [JSON.stringify(turns.map(({ text }) => text)), turns]));
    let [turns, right, holding, found, spurious, missed] = [0, 0, 0, 0, 0, 0];
    const pairs = new Map<string, number>();
    for (const { texts, steps } of answers.values()) {
      const truth = truths.get(JSON.stringify(texts)) ?? [];
      truth.forEach(({ intent, entities = {} }, index) => {
        const nlu = steps.find((step) => step.index === index)?.nlu ?? { intent: '', confidence: 0, entities: [] };
        turns += 1;
        if (nlu.intent === intent) right += 1;
        const pair = `${intent} → ${nlu.intent}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
        const wanted = new Set(Object.entries(entities).map(([type, value]) => `${type}=${String(value)}`));
        const got = new Set(nlu.entities.map(({ type, value }) => `${type}=${value}`));
        const hits = [...wanted].filter((entity) => got.has(entity)).length;
        if (wanted.size > 0) {
          found += hits;
          missed += wanted.size - hits;
          spurious += [...got].filter((entity) => !wanted.has(entity)).length;
        }
        if (nlu.intent === intent && nlu.confidence >= 0.3 && hits === wanted.size) holding += 1;
      });
    }
    const { summary } = good;
    expect(summary.totalAssertions).toBe(turns);
    expect(summary.passedAssertions).toBe(holding);
    expect(summary.intentAccuracy).toBe(Number((right / turns).toFixed(4)));
    expect(summary.entities).toMatchObject({ truePositives: found, falsePositives: spurious, falseNegatives: missed });
    const table = summary.confusion.flatMap(({ expected, recognized, count }): [string, number][] =>
      recognized === undefined ? [] : [[`${expected} → ${recognized}`, count]],
    );
    expect(table.sort()).toEqual([...pairs].sort());

    // The extraction of entities is so poor that it hides the classifier: the gate looks at intents.
    const intentCases = cases.map(({ id, simulation }) => ({
      id,
      simulation: {
        ...simulation,
        assertions: simulation.assertions.map((assertion) => ({ ...assertion, expectedEntities: {} })),
      },
    }));
    const baseline = await runWith(1, intentCases);
    const again = compareRuns(baseline, await runWith(1, intentCases));
    expect(again).toMatchObject({ newlyFailing: [], newlyPassing: [], drifts: [], pValue: 1, gate: { holds: true } });
    const worse = compareRuns(baseline, await runWith(10, intentCases));
    expect(worse).toMatchObject({
      compared: 400,
      significant: true,
      gate: { holds: false, failures: [{ reason: 'regression' }] },
    });
    console.info(
      `intent accuracy ${summary.intentAccuracy}, entity F1 ${summary.entities.f1.toFixed(4)}, ${(good.elapsedMs / 1000).toFixed(1)} s for 400 cases; ` +
        `worse: ${worse.candidatePassRate} % instead of ${worse.baselinePassRate} %, p = ${worse.pValue.toExponential(1)}`,
    );
  }, 120_000);
});
