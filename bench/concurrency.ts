// How a call's cost and its slowest answers grow with 1 to 512 concurrent calls: `npm run bench -- concurrency`.
import { HttpClient, StaticTokenAuth } from 'agent-assist-sdk';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { alternate, cost, quantile, ratio, repeat, spread, type Cost } from './harness/measure.ts';
import { isShort, publish, type Plot } from './harness/report.ts';
import { startHttpServer } from './harness/servers.ts';

const BODY = { interactionId: 'i-1', transcript: 'I want a refund for the order that never arrived' };
const REQUESTS = isShort ? 512 : 2048;
const ROUNDS = isShort ? 3 : 7;
const LEVELS = isShort ? [1, 512] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

await using server = await startHttpServer();
const baseUrl = `http://127.0.0.1:${server.port}`;
await using transport = new NodeTransport();
const auth = new StaticTokenAuth({ token: 'token' });
const ours = (http: HttpClient) => () => http.request({ method: 'POST', path: '/suggest', json: BODY });
const headers = { authorization: 'Bearer token', 'content-type': 'application/json' };
const calls: Readonly<Record<string, () => PromiseLike<unknown>>> = {
  'bare fetch': async () => {
    const response = await fetch(`${baseUrl}/suggest`, { method: 'POST', headers, body: JSON.stringify(BODY) });
    return JSON.parse(await response.text()) as unknown;
  },
  'agent-assist-sdk': ours(new HttpClient({ baseUrl, auth })),
  'agent-assist-sdk on NodeTransport': ours(new HttpClient({ baseUrl, auth, transport: transport.send })),
};

const names = Object.keys(calls);
const cpu = new Map<string, [number, number][]>(names.map((name) => [name, []]));
const slowest = new Map<string, [number, number][]>(names.map((name) => [name, []]));
const ratios = new Map<string, [number, number][]>(names.map((name) => [name, []]));
for (const level of LEVELS) {
  const latencies = new Map<string, number[]>(names.map((name) => [name, []]));
  const costs = await alternate(
    ROUNDS,
    Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        (): Promise<Cost> =>
          cost(REQUESTS, () =>
            repeat(REQUESTS, level, async () => {
              const startedAt = performance.now();
              await call();
              latencies.get(name)?.push(performance.now() - startedAt);
            }),
          ),
      ]),
    ),
  );
  for (const name of names) {
    cpu.get(name)?.push([level, spread((costs[name] ?? []).map(({ cpuUs }) => cpuUs)).median]);
    slowest.get(name)?.push([level, quantile(latencies.get(name) ?? [], 0.99)]);
    ratios.get(name)?.push([level, ratio(costs, name, 'bare fetch').median]);
  }
}
const plot = (title: string, y: string, of: ReadonlyMap<string, readonly (readonly [number, number])[]>): Plot => ({
  title,
  x: 'concurrent calls',
  y,
  lines: [...of].map(([name, points]) => ({ name, points })),
});
publish('concurrency', {
  tables: [],
  plots: [
    plot('CPU time of a call', 'µs', cpu),
    plot('CPU time of a call beside bare fetch', '× fetch', ratios),
    plot('99th percentile of the answers', 'ms', slowest),
  ],
});
