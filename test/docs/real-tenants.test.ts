import { expect, it } from 'vitest';
import { cognigyAi } from 'agent-assist-sdk/cognigy';
import { cxoneArea } from 'agent-assist-sdk/cxone';
import type { ApiPaths, Platform } from 'agent-assist-sdk/http';
import { readFileSync } from 'node:fs';

/** The clients' calls by the names that platforms refuse them under; complete by its type. */
const CALLS: Readonly<Record<keyof ApiPaths | 'stream', string>> = {
  stream: 'AssistStream',
  suggest: 'SuggestionsClient.suggest',
  knowledgeSearch: 'KnowledgeClient.search',
  insights: 'InsightsClient.push',
  feedback: 'InsightsClient.feedback',
  calibration: 'CalibrationClient.apply',
  calibrationJob: 'CalibrationClient.get',
  webhooks: 'WebhooksClient.register',
  calibrationAudit: 'AuditClient.list',
  botVersions: 'SimulationClient.listVersions',
  environment: 'SimulationClient.getEnvironment',
  simulations: 'SimulationClient.submit',
  simulation: 'SimulationClient.get',
  customer: 'CustomerDataClient.getProfile',
  customerOrders: 'CustomerDataClient.listRecentOrders',
  customerTickets: 'CustomerDataClient.listOpenTickets',
};

const page = readFileSync('docs/real-tenants.md', 'utf8');
const rows = [
  ...page.matchAll(
    /^\| (.+?) \| ((?:works|with loss|unavailable)\b.*?) \| ((?:works|with loss|unavailable)\b.*?) \|$/gm,
  ),
].map(([, block = '', cognigy = '', cxone = '']) => ({ block, cognigy, cxone }));

it('every row of the table says works, with loss or unavailable, and why where it is not simply works', () => {
  const [table = ''] = /^\| building block(?:.*\n)+?(?=\n)/m.exec(page) ?? [];
  expect(rows).toHaveLength(table.trimEnd().split('\n').length - 2);
  for (const { cognigy, cxone } of rows) {
    for (const cell of [cognigy, cxone])
      expect(cell).toMatch(/^(?:works\b|(?:with loss|unavailable)(?:, experimental)?: \S)/);
  }
});

const platforms: readonly (readonly ['cognigy' | 'cxone', Platform])[] = [
  ['cognigy', cognigyAi({ environment: 'trial' })],
  ['cxone', cxoneArea({ area: 'na1' })],
];

it.each(platforms)(
  'the table agrees with the calls that %s refuses, and with their advice',
  (subpath, { unsupported }) => {
    const refused = Object.entries(unsupported ?? {});
    // This project's protocol is refused whole: so a client of that protocol never works by itself.
    expect(refused.map(([call]) => call).sort()).toEqual(Object.keys(CALLS).sort());
    for (const [call, advice] of refused) {
      const name = `\`${CALLS[call as keyof typeof CALLS]}\``;
      const found = rows.filter(({ block }) => block.includes(name));
      expect(found, name).toHaveLength(1);
      const cell = found[0]?.[subpath] ?? '';
      // A part of this platform's own subpath takes the call's place, or nothing of the package does.
      const isReplaced = advice.includes(`agent-assist-sdk/${subpath}`);
      expect(cell, advice).toMatch(isReplaced ? /^(?:works|with loss)/ : /^unavailable: /);
      const parts = isReplaced ? advice.match(/\b(?:[A-Z]\w*Client(?:\.\w+)?|(?:flow|notification)[A-Z]\w+)/g) : [];
      for (const part of parts ?? []) expect(cell, advice).toContain(`\`${part}`);
    }
  },
);
