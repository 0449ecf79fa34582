// A live agent-assist service: stream → triggers → cache → suggest → policy → metrics.
//
//   npm run demo                              an embedded tenant plays calls and fails on purpose; ends by itself
//   npm run demo -- --speed 5                 the same at 5 times the speed of speech; default: 10
//   npm run example -- agent-assist-service   with the environment below: your tenant, one metrics record per line
//
// On cognigy, a flow makes the suggestions, and updates come from standard input, one JSON object per line. On cxone,
// transcripts arrive on the notification socket, and Agent Copilot makes the suggestions.
//
// The service also serves the widget's configuration over HTTP. Press Ctrl+C to stop it.
//
// Environment:
//   AGENT_ASSIST_PLATFORM       documents, cognigy or cxone; default: documents
//   PORT                        port of the widget's configuration, 0 for a free one; default: 8000, in the demo 0
// Environment, documents:
//   AGENT_ASSIST_BASE_URL       e.g. https://acme.cognigy.ai/api/v1; if unset, the demo runs
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_STREAM_URL     default: derived from the base URL
//   AGENT_ASSIST_SCOPES         space separated; default: agentassist:read streaming:subscribe
// Environment, cognigy:
//   COGNIGY_API_HOST            e.g. api-trial.cognigy.ai; if unset, an embedded installation is used
//   COGNIGY_URL_TOKEN           of the flow's REST endpoint; required with the host
//   COGNIGY_ENDPOINT_HOST       required if the API's host has no api-
// Environment, cxone:
//   CXONE_CLIENT_ID             of the client that NICE registered; if unset, an embedded CXone is used
//   CXONE_CLIENT_SECRET         required with the client
//   CXONE_ACCESS_KEY_ID         required with the client
//   CXONE_ACCESS_KEY_SECRET     required with the client
//   CXONE_CONTACT_IDS           the contacts to listen to, separated by commas; required with the client
//   CXONE_COPILOT_CONFIG        AgentAssistAppConfigJson of the hub, as JSON; required with the client
//   CXONE_ISSUER                default: https://cxone.niceincontact.com
//   CXONE_API_URL               default: from discovery
//   CXONE_STREAM_URL            default: from discovery
//   CXONE_DFO_URL               default: from discovery
import { parseArgs } from 'node:util';
import { serve } from 'srvx';
import {
  AssistEngine,
  cognigy,
  handleInOrder,
  keywordTrigger,
  sentimentTrigger,
  type AssistMetrics,
  type AssistOutcome,
  type Trigger,
} from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import { startTenant } from 'agent-assist-sdk/testing';
import { createWidgetConfigHandler } from 'agent-assist-sdk/widget';
import { cognigySite } from './agent-assist-service/cognigy-site.ts';
import { cxoneSite } from './agent-assist-service/cxone-site.ts';
import { playDemo } from './agent-assist-service/demo.ts';
import { LiveView } from './agent-assist-service/live-view.ts';
import { documentsSite, type ConnectionWatcher, type Site } from './agent-assist-service/site.ts';
import { readConnection, readPlatform, readPort } from './shared/environment.ts';
import { fail, stopSignal, untilAborted } from './shared/program.ts';

/** Hooks to watch the service. */
interface Watcher {
  readonly onMetrics: (record: AssistMetrics) => void;
  readonly onOutcome: (outcome: AssistOutcome, durationMs: number) => void;
  readonly onUpdate?: (update: InteractionUpdate) => void;
}

const streamWatcher: ConnectionWatcher = {
  onStream: (stream) =>
    stream
      .on('reconnecting', ({ error, delayMs }) =>
        console.error(`${error.message}; reconnecting in ${Math.round(delayMs)} ms`),
      )
      .on('invalid', ({ issues }) =>
        console.error(`Ignored a frame: ${issues.map(({ message }) => message).join('; ')}`),
      ),
};

const SCOPES = ['agentassist:read', 'streaming:subscribe'];
const signal = stopSignal();

try {
  await (serveNamedPlatform() ?? runDemo());
} catch (error) {
  if (!signal.aborted) fail(error);
}

/** Serves the platform named by the environment; `undefined` if none is named. */
function serveNamedPlatform(): Promise<void> | undefined {
  const { env } = process;
  switch (readPlatform(env)) {
    case 'cognigy':
      return runService(cognigySite(env));
    case 'cxone':
      return runService(cxoneSite(env, signal));
    case 'documents': {
      const connection = readConnection(env, cognigy, SCOPES);
      return connection && runService(documentsSite(connection, streamWatcher, signal));
    }
  }
}

/** Assists agents until `whileConnected` resolves or the updates end. */
async function assist(
  site: Site,
  port: number,
  watcher: Watcher,
  whileConnected: (widgetUrl: string) => Promise<void>,
): Promise<void> {
  const engine = new AssistEngine<InteractionUpdate>({
    client: site.suggestions,
    triggers: [keywordTrigger(), sentimentTrigger()].map(onlyCustomer),
    onMetrics: watcher.onMetrics,
    ...site.engine,
  });

  // Updates of one call are handled in order, different calls in parallel.
  const handled = handleInOrder(
    site.updates,
    async (update) => {
      watcher.onUpdate?.(update);
      const startedAt = performance.now();
      const outcome = await engine.handle(update, { signal });
      watcher.onOutcome(outcome, performance.now() - startedAt);
    },
    {
      keyOf: ({ interactionId }) => interactionId,
      concurrency: 16,
      onError: (error) => signal.aborted || console.error(error),
    },
  );
  // Rejects with the reason if the stream ends for good, whichever wait below is in progress.
  handled.catch(() => undefined);
  await site.connect();

  const server = serve({ fetch: createWidgetConfigHandler(), hostname: '127.0.0.1', port, silent: true });
  try {
    await server.ready();
    await Promise.race([whileConnected(`${server.url ?? ''}api/widget/config`), handled, untilAborted(signal)]);
    await site.close();
    await handled;
  } finally {
    await server.close(true);
  }
}

/** The agent's words must not fire a trigger. */
function onlyCustomer(trigger: Trigger): Trigger<InteractionUpdate> {
  return (update) => (update.context?.['speaker'] === 'agent' ? [] : trigger(update));
}

async function runService(opening: Promise<Site>): Promise<void> {
  await using site = await opening;
  const watcher: Watcher = {
    onMetrics: (record) => console.log(JSON.stringify(record)),
    onOutcome: (outcome) => {
      if (outcome.status === 'fallback')
        console.error('The agent got the fallback suggestions:', String(outcome.error));
    },
  };
  await assist(site, readPort(process.env, 8000), watcher, async (widgetUrl) => {
    console.error(`Connected. Widget configuration: ${widgetUrl}`);
    await untilAborted(signal);
  });
}

async function runDemo(): Promise<void> {
  const { values } = parseArgs({ options: { speed: { type: 'string', default: '10' } } });
  await using tenant = await startTenant();
  const view = new LiveView(process.stdout);
  const connection = { platform: tenant.platform, ...tenant.credentials, scopes: SCOPES };
  await using site = await documentsSite(connection, view, signal);
  await assist(site, readPort(process.env, 0), view, () =>
    playDemo(tenant, view, { speed: Number(values.speed), signal }),
  );
  if (!signal.aborted) view.summary();
}
