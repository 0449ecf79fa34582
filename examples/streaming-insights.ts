// Live speech becomes questions, the knowledge base answers, cards reach the agent's desktop, and what the agent
// accepts or rejects goes back to training.
//
//   npm run example -- streaming-insights
//
// Without the environment below the embedded tenant plays conversations; with it, your tenant is used. Either way the
// address that is printed shows an agent's desktop in a browser. Ctrl-C ends it.
//
// AGENT_ASSIST_BASE_URL (https://api.niceincontact.com), AGENT_ASSIST_TOKEN_URL, AGENT_ASSIST_STREAM_URL,
// AGENT_ASSIST_CLIENT_ID, AGENT_ASSIST_CLIENT_SECRET, AGENT_ASSIST_SCOPES (space separated), PORT (8000; 0 for a free
// one), AGENT_ASSIST_DATA (folder of conversations for the embedded tenant)
import { AssistStream, AuthClient, HttpClient, type Logger } from 'agent-assist-sdk';
import { type InsightDecision } from 'agent-assist-sdk/insights';
import { startTenant } from 'agent-assist-sdk/testing';
import { Desktop, bundlePage } from './streaming-insights/desktop.ts';
import { findConversations, playUntil } from './streaming-insights/demo-tenant.ts';
import { InsightService } from './streaming-insights/insight-service.ts';
import { readPort } from './shared/environment.ts';
import { defaultScopes, readSettings, type Settings } from './streaming-insights/settings.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const logger: Logger = {
  debug: () => undefined,
  info: (message) => console.error(message),
  warn: (message) => console.error(message),
  error: (message, fields) => console.error(message, fields?.['error'] ?? ''),
};

try {
  const settings = readSettings(process.env);
  await (settings === undefined ? runWithEmbeddedTenant() : runWith(settings));
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    process.exitCode = 1;
  }
}

async function runWithEmbeddedTenant(): Promise<void> {
  const { from, conversations } = await findConversations();
  console.log(`Embedded tenant; playing ${conversations.length} conversations from ${from}`);
  await using tenant = await startTenant();
  // Every tenth search is told to wait, as a busy knowledge base would.
  tenant.inject({
    route: 'GET /api/v2/knowledge/articles/search',
    every: 10,
    fault: { kind: 'status', status: 429, retryAfter: 1 },
  });
  await runWith(
    { ...tenant.cxonePlatform, ...tenant.credentials, scopes: defaultScopes },
    {
      // As on the real desktop: the decision comes back on the stream, and from there goes to training.
      decide: ({ type, interactionId, insightId }) => {
        if (type === 'INSIGHT_ACCEPTED') tenant.insights.accept(interactionId, insightId);
        else tenant.insights.reject(interactionId, insightId);
      },
      meanwhile: () => playUntil(tenant, conversations, stop.signal),
    },
  );
}

async function runWith(
  settings: Settings,
  { decide, meanwhile }: { decide?: (decision: InsightDecision) => void; meanwhile?: () => Promise<void> } = {},
): Promise<void> {
  const auth = new AuthClient(settings);
  // A card that comes later than this helps nobody on a call.
  const http = new HttpClient({ ...settings, auth, logger, totalTimeoutMs: 15_000 });
  const stream = new AssistStream({ platform: settings, auth, logger });
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
      onDropped: ({ interactionId }, reason) => console.log(`${interactionId}: a question was ${reason}`),
      onFeedback: ({ interactionId, insightId, action }) => {
        desktop.show({ type: 'FEEDBACK_RECORDED', interactionId, insightId, action });
        console.log(`${interactionId}: ${insightId} ${action}, training told`);
      },
    },
  });
  await stream.connect({ signal: stop.signal });
  console.log(`The agent's desktop: ${desktop.url}`);
  const terminated = new Promise<never>((_, reject) => stream.on('terminated', ({ error }) => reject(error)));
  await Promise.race([terminated, untilStopped(), ...(meanwhile === undefined ? [] : [meanwhile()])]);
}

async function untilStopped(): Promise<void> {
  await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
}
