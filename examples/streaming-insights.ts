// Live speech becomes questions, the knowledge base answers them, and cards appear on an agent's desktop in the browser.
//
// What the agent accepts or rejects goes back to training.
//
//   npm run example -- streaming-insights    on an embedded tenant, or on yours with the environment below
//
// Open the printed address in a browser. Ctrl-C ends it.
//
// Environment:
//   PORT                        of the agent's desktop, 0 for a free one; default: 8000
//   AGENT_ASSIST_BASE_URL       of your tenant, e.g. https://api.niceincontact.com; unset, the embedded one is used
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_STREAM_URL     default: derived from the base URL
//   AGENT_ASSIST_SCOPES         default: agentassist:read knowledge:read agentassist:write ai:training:write
//   AGENT_ASSIST_DATA           conversations for the embedded tenant, a JSON Lines file; default: a built-in sample
import { AssistStream, AuthClient, HttpClient, cxone, type Logger } from 'agent-assist-sdk';
import type { InsightDecision } from 'agent-assist-sdk/insights';
import { loadConversations, startTenant } from 'agent-assist-sdk/testing';
import { Desktop, bundlePage } from './streaming-insights/desktop.ts';
import { playUntil } from './streaming-insights/demo-tenant.ts';
import { InsightService, defaultScopes } from './streaming-insights/insight-service.ts';
import { readConnection, readPort, variable, type Connection } from './shared/environment.ts';
import { fail, stopSignal, untilAborted } from './shared/program.ts';

const signal = stopSignal();

const logger: Logger = {
  debug: () => undefined,
  info: (message) => console.error(message),
  warn: (message) => console.error(message),
  error: (message, fields) => console.error(message, fields?.['error'] ?? ''),
};

try {
  const connection = readConnection(process.env, cxone, defaultScopes);
  await (connection === undefined ? runWithEmbeddedTenant() : runWith(connection));
} catch (error) {
  if (!signal.aborted) fail(error);
}

async function runWithEmbeddedTenant(): Promise<void> {
  const { source, conversations } = await loadConversations({ from: variable(process.env, 'AGENT_ASSIST_DATA') });
  const origin = source === 'sample' ? "the project's own sample" : source;
  console.log(`Embedded tenant; playing ${conversations.length} conversations from ${origin}`);
  await using tenant = await startTenant();
  // A busy knowledge base: every tenth search is answered with 429.
  tenant.inject({
    route: 'GET /api/v2/knowledge/articles/search',
    every: 10,
    fault: { kind: 'status', status: 429, retryAfter: 1 },
  });
  await runWith(
    { platform: tenant.cxonePlatform, ...tenant.credentials, scopes: defaultScopes },
    {
      // Like on the real desktop, the decision arrives on the stream and goes to training from there.
      decide: ({ type, interactionId, insightId }) => {
        if (type === 'INSIGHT_ACCEPTED') tenant.insights.accept(interactionId, insightId);
        else tenant.insights.reject(interactionId, insightId);
      },
      meanwhile: () => playUntil(tenant, conversations, signal),
    },
  );
}

async function runWith(
  { platform, clientId, clientSecret, scopes }: Connection,
  { decide, meanwhile }: { decide?: (decision: InsightDecision) => void; meanwhile?: () => Promise<void> } = {},
): Promise<void> {
  const auth = new AuthClient({ platform, clientId, clientSecret, scopes });
  // A wrong URL or secret ends the program here; the stream would keep trying.
  await auth.getToken({ signal });

  // Late cards are useless on a call.
  const http = new HttpClient({ platform, auth, logger, totalTimeoutMs: 15_000 });
  const stream = new AssistStream({ platform, auth });
  stream.on('reconnecting', ({ error, delayMs }) =>
    console.error(`${error.message}; connecting again in ${Math.round(delayMs)} ms`),
  );
  await using desktop = await Desktop.start({
    port: readPort(process.env, 8000),
    script: await bundlePage(),
    onDecision: (decision) => (decide ?? ((own) => service.decided(own)))(decision),
  });
  await using service = new InsightService({
    stream,
    http,
    logger,
    watcher: {
      onFragment: ({ interactionId, text, speaker, timestamp }) =>
        desktop.show({ type: 'TRANSCRIPT_FRAGMENT', interactionId, text, speaker, timestamp }),
      onTurnEnd: (interactionId) => desktop.show({ type: 'DIALOG_STATE', interactionId, state: 'TURN_END' }),
      onPushed: ({ interactionId, text }, cards) => {
        if (cards.length === 0) return;
        desktop.show({ type: 'CARDS_PUSHED', interactionId, question: text, cards });
        console.log(`${interactionId}: “${text}” → ${cards.map(({ title }) => title).join(' · ')}`);
      },
      onDropped: ({ interactionId }, reason) => console.log(`${interactionId}: a question was dropped (${reason})`),
      onFeedback: ({ interactionId, insightId, action }) => {
        desktop.show({ type: 'FEEDBACK_RECORDED', interactionId, insightId, action });
        console.log(`${interactionId}: ${insightId} ${action}, reported to training`);
      },
    },
  });
  await stream.connect({ signal });
  console.log(`The agent's desktop: ${desktop.url}`);
  const terminated = new Promise<never>((_, reject) => stream.on('terminated', ({ error }) => reject(error)));
  await Promise.race([terminated, untilAborted(signal), ...(meanwhile === undefined ? [] : [meanwhile()])]);
}
