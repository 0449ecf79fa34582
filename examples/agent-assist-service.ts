// A live agent-assist service: stream → triggers → cache → suggest → policy → metrics.
//
//   npm run demo                              an embedded tenant plays calls and misbehaves; ends by itself
//   npm run demo -- --speed 5                 the same, slower: how many times faster than people speak (10)
//   npm run example -- agent-assist-service   with the environment below: your tenant, one metrics record a line
//
// The service also serves the widget's configuration over HTTP. Ctrl-C ends it.
//
// Environment, for your tenant:
//   AGENT_ASSIST_BASE_URL       e.g. https://acme.cognigy.ai/api/v1; unset, the demo runs
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_STREAM_URL     default: derived from the base URL
//   AGENT_ASSIST_SCOPES         space separated; default: agentassist:read streaming:subscribe
//   PORT                        of the widget's configuration, 0 for a free one; default: 8000, in the demo 0
import { parseArgs } from 'node:util';
import { serve } from 'srvx';
import {
  AssistEngine,
  AssistStream,
  AuthClient,
  HttpClient,
  SuggestionsClient,
  cognigy,
  handleInOrder,
  keywordTrigger,
  sentimentTrigger,
  type AssistMetrics,
  type AssistOutcome,
  type AttemptInfo,
  type Trigger,
} from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import { startTenant } from 'agent-assist-sdk/testing';
import { createWidgetConfigHandler } from 'agent-assist-sdk/widget';
import { playDemo } from './agent-assist-service/demo.ts';
import { LiveView } from './agent-assist-service/live-view.ts';
import { readConnection, readPort, type Connection } from './shared/environment.ts';
import { fail, stopSignal, untilAborted } from './shared/program.ts';

/** What can be watched while the service runs. */
interface Watcher {
  readonly onMetrics: (record: AssistMetrics) => void;
  readonly onOutcome: (outcome: AssistOutcome, durationMs: number) => void;
  readonly onUpdate?: (update: InteractionUpdate) => void;
  readonly onAttempt?: (attempt: AttemptInfo) => void;
  readonly onTokenAttempt?: (attempt: AttemptInfo) => void;
  readonly onStream: (stream: AssistStream) => void;
}

const SCOPES = ['agentassist:read', 'streaming:subscribe'];
const signal = stopSignal();

try {
  const connection = readConnection(process.env, cognigy, SCOPES);
  await (connection === undefined ? runDemo() : runService(connection));
} catch (error) {
  if (!signal.aborted) fail(error);
}

/** Assists agents for as long as `whileConnected` takes. */
async function assist(
  { platform, clientId, clientSecret, scopes }: Connection,
  port: number,
  watcher: Watcher,
  whileConnected: (widgetUrl: string) => Promise<void>,
): Promise<void> {
  await using auth = new AuthClient({
    platform,
    clientId,
    clientSecret,
    scopes,
    onAttempt: watcher.onTokenAttempt,
  });
  // A wrong address or secret ends the program here, while the stream would keep trying.
  await auth.getToken({ signal });

  const http = new HttpClient({ platform, auth, onAttempt: watcher.onAttempt });
  const engine = new AssistEngine<InteractionUpdate>({
    client: new SuggestionsClient(http),
    triggers: [keywordTrigger(), sentimentTrigger()].map(onlyCustomer),
    onMetrics: watcher.onMetrics,
  });
  await using stream = new AssistStream({ platform, auth });
  watcher.onStream(stream);

  // Events of one call are handled in their order, those of several calls side by side.
  const handled = handleInOrder(
    stream,
    async (event) => {
      if (event.type !== 'INTERACTION_UPDATE') return;
      watcher.onUpdate?.(event.payload);
      const startedAt = performance.now();
      const outcome = await engine.handle(event.payload, { signal });
      watcher.onOutcome(outcome, performance.now() - startedAt);
    },
    { concurrency: 16, onError: (error) => signal.aborted || console.error(error) },
  );
  // Rejects with the reason when the stream ends for good, whichever wait below is in progress.
  handled.catch(() => undefined);
  await stream.connect({ signal });

  const server = serve({ fetch: createWidgetConfigHandler(), hostname: '127.0.0.1', port, silent: true });
  try {
    await server.ready();
    await Promise.race([whileConnected(`${server.url ?? ''}api/widget/config`), handled, untilAborted(signal)]);
    await stream.close();
    await handled;
  } finally {
    await server.close(true);
  }
}

/** What the agent says fires no trigger. */
function onlyCustomer(trigger: Trigger): Trigger<InteractionUpdate> {
  return (update) => (update.context?.['speaker'] === 'agent' ? [] : trigger(update));
}

async function runService(connection: Connection): Promise<void> {
  const watcher: Watcher = {
    onMetrics: (record) => console.log(JSON.stringify(record)),
    onOutcome: (outcome) => {
      if (outcome.status === 'fallback') console.error('The agent got the fixed suggestions:', String(outcome.error));
    },
    onStream: (stream) =>
      stream
        .on('reconnecting', ({ error, delayMs }) =>
          console.error(`${error.message}; connecting again in ${Math.round(delayMs)} ms`),
        )
        .on('invalid', ({ issues }) =>
          console.error(`Ignored a frame: ${issues.map(({ message }) => message).join('; ')}`),
        ),
  };
  await assist(connection, readPort(process.env, 8000), watcher, async (widgetUrl) => {
    console.error(`Connected. Widget configuration: ${widgetUrl}`);
    await untilAborted(signal);
  });
}

async function runDemo(): Promise<void> {
  const { values } = parseArgs({ options: { speed: { type: 'string', default: '10' } } });
  await using tenant = await startTenant();
  const view = new LiveView(process.stdout);
  const connection = { platform: tenant.platform, ...tenant.credentials, scopes: SCOPES };
  await assist(connection, readPort(process.env, 0), view, () =>
    playDemo(tenant, view, { speed: Number(values.speed), signal }),
  );
  if (!signal.aborted) view.summary();
}
