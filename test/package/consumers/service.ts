// Compiled by consumers' compilers against the packed declarations; never run.
import {
  ApiKeyAuth,
  AssistEngine,
  AssistStream,
  AuthClient,
  AgentAssistError,
  HttpClient,
  RateLimitError,
  SuggestionsClient,
  cognigy,
} from 'agent-assist-sdk';
import { AuditClient, AuditTrail } from 'agent-assist-sdk/audit';
import { StaticTokenAuth } from 'agent-assist-sdk/auth';
import { CalibrationClient, type Calibration } from 'agent-assist-sdk/calibration';
import * as cognigyAi from 'agent-assist-sdk/cognigy';
import * as realCxone from 'agent-assist-sdk/cxone';
import { createEnrichmentHandler } from 'agent-assist-sdk/enrichment';
import { RateLimiter, type Clock, type KeyValueStore } from 'agent-assist-sdk/http';
import { InsightsClient } from 'agent-assist-sdk/insights';
import { KnowledgeClient, toAssistCards, type Article } from 'agent-assist-sdk/knowledge';
import { cxone, type Platform } from 'agent-assist-sdk/platforms';
import { SimulationClient, runSuite } from 'agent-assist-sdk/simulation';
import * as reports from 'agent-assist-sdk/simulation/reports';
import * as suites from 'agent-assist-sdk/simulation/suites';
import { handleInOrder, type StreamItem } from 'agent-assist-sdk/stream';
import { suggestionPolicy, type Suggestion } from 'agent-assist-sdk/suggestions';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { WebhooksClient, createWebhookHandler, verifyWebhook } from 'agent-assist-sdk/webhooks';
import { createWidgetConfigHandler } from 'agent-assist-sdk/widget';

export const parts = {
  ApiKeyAuth,
  AssistEngine,
  AuditClient,
  AuditTrail,
  CalibrationClient,
  InsightsClient,
  RateLimiter,
  SimulationClient,
  StaticTokenAuth,
  WebhooksClient,
  cognigyAi,
  createEnrichmentHandler,
  createWebhookHandler,
  createWidgetConfigHandler,
  cxone,
  realCxone,
  reports,
  runSuite,
  suggestionPolicy,
  suites,
  verifyWebhook,
};
export type Types = [Calibration, Clock, Platform, KeyValueStore];

export async function main(): Promise<void> {
  const platform = cognigy({ tenant: 'acme' });
  const store = new Map<string, string>();
  await using auth = new AuthClient({
    platform,
    clientId: 'id',
    clientSecret: 'secret',
    scopes: ['agentassist:read'],
    store,
  });
  const http = new HttpClient({ platform, auth });
  const suggestions = new SuggestionsClient(http);
  const knowledge = new KnowledgeClient(http);

  await using buffer = new TranscriptBuffer({
    onFlush: async ({ interactionId, text }) => {
      const { articles } = await knowledge.search({ q: text });
      const titles: string[] = articles.map(({ title }: Article) => title);
      console.log(titles, toAssistCards(articles, { interactionId }));
    },
    onError: (error) => console.error(error),
  });
  await using stream = new AssistStream({ platform, auth });
  stream.on('TRANSCRIPT_FRAGMENT', (fragment) => buffer.add(fragment));
  // @ts-expect-error No event has this name.
  stream.on('INTERACTION_UPDATED', () => undefined);
  await stream.connect();

  const handle = async (event: StreamItem): Promise<void> => {
    if (event.type !== 'INTERACTION_UPDATE') return;
    try {
      const { data, attempts } = await suggestions.suggest(event.payload).withResponse();
      const best: Suggestion | undefined = data.suggestions[0];
      const confidence: number | undefined = best?.confidence;
      console.log(attempts, confidence);
    } catch (error) {
      if (error instanceof RateLimitError) console.log(error.status);
      else if (error instanceof AgentAssistError) console.log(error.message);
    }
  };
  await handleInOrder(stream, handle, { concurrency: 4, onError: (error) => console.error(error) });
  for await (const event of stream) console.log(event.type satisfies string);
}
