// Live speech becomes questions, the knowledge base answers them, and cards appear on an agent's desktop in the browser.
//
// The decisions of the agent go back to training.
//
//   npm run example -- streaming-insights    on an embedded tenant, or on yours with the environment below
//
// Open the printed address in a browser. Press Ctrl+C to stop it.
//
// On cognigy, a flow runs the search, and speech comes from standard input, one JSON object per line. On cxone,
// transcripts arrive on the notification socket, and CXone Expert runs the search. Neither platform accepts cards or
// feedback, so only the desktop of this example shows them.
//
// Environment:
//   AGENT_ASSIST_PLATFORM       documents, cognigy or cxone; default: documents
//   PORT                        port of the agent's desktop, 0 for a free one; default: 8000
// Environment, documents:
//   AGENT_ASSIST_BASE_URL       of your CXone tenant, e.g. https://api.niceincontact.com; of agent-assist-tenant, its
//                               cxoneBaseUrl; if unset, the embedded one is used
//   AGENT_ASSIST_CLIENT_ID      required with the base URL
//   AGENT_ASSIST_CLIENT_SECRET  required with the base URL
//   AGENT_ASSIST_TOKEN_URL      default: derived from the base URL
//   AGENT_ASSIST_STREAM_URL     default: derived from the base URL
//   AGENT_ASSIST_SCOPES         default: agentassist:read knowledge:read agentassist:write ai:training:write
//   AGENT_ASSIST_DATA           conversations for the embedded tenant, a JSON Lines file; default: a built-in sample
// Environment, cognigy:
//   COGNIGY_API_HOST            e.g. api-trial.cognigy.ai; if unset, an embedded installation is used
//   COGNIGY_SEARCH_URL_TOKEN    of the REST endpoint of a flow that searches; required with the host
//   COGNIGY_ENDPOINT_HOST       required if the API's host has no api-
// Environment, cxone:
//   CXONE_CLIENT_ID             of the client that NICE registered; if unset, an embedded CXone is used
//   CXONE_CLIENT_SECRET         required with the client
//   CXONE_ACCESS_KEY_ID         required with the client
//   CXONE_ACCESS_KEY_SECRET     required with the client
//   CXONE_CONTACT_IDS           the contacts to listen to, separated by commas; required with the client
//   CXONE_EXPERT_SITE           e.g. https://help.example.com; required with the client
//   CXONE_EXPERT_BROWSER_KEY    required with the client
//   CXONE_ISSUER                default: https://cxone.niceincontact.com
//   CXONE_API_URL               default: from discovery
//   CXONE_STREAM_URL            default: from discovery
//   CXONE_DFO_URL               default: from discovery
import { cxone, type Logger } from 'agent-assist-sdk';
import type { InsightDecision } from 'agent-assist-sdk/insights';
import { loadConversations, startTenant } from 'agent-assist-sdk/testing';
import { cognigySide } from './streaming-insights/cognigy-side.ts';
import { cxoneSide } from './streaming-insights/cxone-side.ts';
import { Desktop, bundlePage } from './streaming-insights/desktop.ts';
import { playUntil } from './streaming-insights/demo-tenant.ts';
import { InsightService, defaultScopes } from './streaming-insights/insight-service.ts';
import { documentsSide, type Side } from './streaming-insights/side.ts';
import { readConnection, readPlatform, readPort, variable } from './shared/environment.ts';
import { fail, stopSignal, untilAborted } from './shared/program.ts';

const signal = stopSignal();

const logger: Logger = {
  debug: () => undefined,
  info: (message) => console.error(message),
  warn: (message) => console.error(message),
  error: (message, fields) => console.error(message, fields?.['error'] ?? ''),
};

try {
  await runOnNamedPlatform();
} catch (error) {
  if (!signal.aborted) fail(error);
}

async function runOnNamedPlatform(): Promise<void> {
  const { env } = process;
  switch (readPlatform(env)) {
    case 'cognigy': {
      await runWith(cognigySide(env, signal));
      return;
    }
    case 'cxone': {
      await runWith(cxoneSide(env, signal));
      return;
    }
    case 'documents': {
      const connection = readConnection(env, cxone, defaultScopes);
      await (connection === undefined ? runWithEmbeddedTenant() : runWith(documentsSide(connection, logger, signal)));
      return;
    }
  }
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
  const connection = { platform: tenant.cxonePlatform, ...tenant.credentials, scopes: defaultScopes };
  await runWith(documentsSide(connection, logger, signal), {
    // Like on the real desktop, the decision arrives on the stream and goes to training from there.
    decide: ({ type, interactionId, insightId }) => {
      if (type === 'INSIGHT_ACCEPTED') tenant.insights.accept(interactionId, insightId);
      else tenant.insights.reject(interactionId, insightId);
    },
    meanwhile: () => playUntil(tenant, conversations, signal),
  });
}

async function runWith(
  opening: Promise<Side>,
  { decide, meanwhile }: { decide?: (decision: InsightDecision) => void; meanwhile?: () => Promise<void> } = {},
): Promise<void> {
  await using side = await opening;
  const decided = (decision: InsightDecision): void => {
    service.decided(decision);
    if (side.insights !== undefined) return;
    const { interactionId, insightId, type } = decision;
    const action = type === 'INSIGHT_ACCEPTED' ? 'accepted' : 'rejected';
    desktop.show({ type: 'FEEDBACK_RECORDED', interactionId, insightId, action });
    console.log(`${interactionId}: ${insightId} ${action}; the platform does not accept feedback`);
  };
  await using desktop = await Desktop.start({
    port: readPort(process.env, 8000),
    script: await bundlePage(),
    onDecision: decide ?? decided,
  });
  await using service = new InsightService({
    ...side,
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
  await side.connect();
  console.log(`The agent's desktop: ${desktop.url}`);
  await Promise.race([side.run(), untilAborted(signal), ...(meanwhile === undefined ? [] : [meanwhile()])]);
}
