// Runs a suite against a tenant, as a process of its own that can be killed: <base URL> <token URL> <id> <secret> <cases> <journal>
import { AuthClient, HttpClient, SimulationClient } from 'agent-assist-sdk';
import { buildSimulation, runSuite } from 'agent-assist-sdk/simulation';
import { openJournal } from 'agent-assist-sdk/simulation/suites';

const [baseUrl = '', tokenUrl = '', clientId = '', clientSecret = '', count = '0', journalFile = ''] =
  process.argv.slice(2);
const auth = new AuthClient({ tokenUrl, clientId, clientSecret, scopes: ['simulation:execute'] });
const client = new SimulationClient(new HttpClient({ baseUrl, auth }));
const cases = Array.from({ length: Number(count) }, (_, index) => ({
  id: `case-${index}`,
  simulation: buildSimulation({
    botId: 'bot-123',
    environmentId: 'env-staging',
    versionId: 'ver-abc',
    inputs: ['book flight to paris'],
    context: { case: index },
    assertions: [
      { stepIndex: 0, expectedIntent: index % 3 === 0 ? 'goodbye' : 'book_flight', expectedConfidenceMin: 0.2 },
    ],
  }),
}));
await using journal = await openJournal(journalFile);
const run = await runSuite(cases, { client, journal, concurrency: 5, pollIntervalMs: 10 });
console.log(
  JSON.stringify(run.results.map(({ id, status, simulationId, resumed }) => ({ id, status, simulationId, resumed }))),
);
