// A live agent-assist service: stream → triggers → cache → suggest → policy → metrics, with the widget's configuration
// served over HTTP.
//
//   npm run demo                              the embedded tenant plays conversations, shown live; ends by itself
//   npm run example -- agent-assist-service   with the environment below: your tenant, one metrics record a line
//
// AGENT_ASSIST_BASE_URL, AGENT_ASSIST_TOKEN_URL, AGENT_ASSIST_STREAM_URL, AGENT_ASSIST_CLIENT_ID,
// AGENT_ASSIST_CLIENT_SECRET, AGENT_ASSIST_SCOPES (space separated), PORT (8000; 0 for a free one),
// AGENT_ASSIST_DATA (folder of conversations for the embedded tenant)
import { serve } from 'srvx';
import { AssistEngine, AssistStream, AuthClient, HttpClient, SuggestionsClient, handleInOrder } from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import { createWidgetConfigHandler } from 'agent-assist-sdk/widget';
import { playDemo, startDemoTenant } from './agent-assist-service/demo-tenant.ts';
import { LiveView } from './agent-assist-service/live-view.ts';
import { readSettings, type Settings } from './agent-assist-service/settings.ts';
import { readPort } from './shared/environment.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const settings = readSettings(process.env);
  await (settings === undefined ? runDemo() : runService(settings));
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Runs the service until it is told to stop; `onUpdate` handles the events of one interaction in their order. */
async function assist(
  settings: Settings,
  onUpdate: (engine: AssistEngine, update: InteractionUpdate) => Promise<void>,
  whenReady: (widgetUrl: string) => Promise<void>,
): Promise<void> {
  const auth = new AuthClient(settings);
  const http = new HttpClient({ ...settings, auth });
  const engine = new AssistEngine({ client: new SuggestionsClient(http), onMetrics: settings.onMetrics });
  const server = serve({
    fetch: createWidgetConfigHandler(),
    hostname: '127.0.0.1',
    port: settings.port,
    silent: true,
    gracefulShutdown: false,
  });
  await server.ready();
  try {
    await using stream = new AssistStream({ platform: settings, auth });
    stream.on('reconnecting', ({ error, delayMs }) =>
      console.error(`${error.message}; connecting again in ${Math.round(delayMs)} ms`),
    );
    stream.on('invalid', ({ issues }) =>
      console.error(`ignored a frame: ${issues.map(({ message }) => message).join('; ')}`),
    );
    const handled = handleInOrder(
      stream,
      async (event) => {
        if (event.type === 'INTERACTION_UPDATE') await onUpdate(engine, event.payload);
      },
      { concurrency: 16, onError: (error) => console.error(error) },
    );
    // Where the stream ends for good, this rejects with the reason, whichever of the waits below is under way.
    handled.catch(() => undefined);
    await stream.connect({ signal: stop.signal });
    await Promise.race([whenReady(`${server.url ?? ''}api/widget/config`), handled]);
    await stream.close();
    await handled;
  } finally {
    await server.close(true);
  }
}

async function runService(settings: Settings): Promise<void> {
  await assist(
    { ...settings, onMetrics: (record) => console.log(JSON.stringify(record)) },
    async (engine, update) => {
      const outcome = await engine.handle(update, { signal: stop.signal });
      if (outcome.status === 'fallback') console.error('The agent got the fixed suggestions:', String(outcome.error));
    },
    async (widgetUrl) => {
      console.error(`Connected. Widget configuration: ${widgetUrl}`);
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
    },
  );
}

async function runDemo(): Promise<void> {
  await using tenant = await startDemoTenant();
  const view = new LiveView(process.stdout);
  await assist(
    {
      ...tenant.platform,
      ...tenant.credentials,
      scopes: ['agentassist:read', 'streaming:subscribe'],
      port: readPort(process.env, 0),
    },
    async (engine, update) => {
      const startedAt = performance.now();
      view.handled(update, await engine.handle(update), performance.now() - startedAt);
    },
    async (widgetUrl) => {
      await playDemo(tenant, { view, widgetUrl, signal: stop.signal });
    },
  );
  view.summary();
}
