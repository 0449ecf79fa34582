// One example of each message on the wire; the tests check each against its schema.
import type { JsonSchema } from './json-schema.ts';

export const token = { access_token: 'eyJhbGciOiJSUzI1NiJ9.example', expires_in: 3600, token_type: 'Bearer' };
export const suggestRequest = {
  interactionId: 'int-1',
  transcript: 'I want a refund',
  sentimentScore: -0.6,
  context: { channel: 'voice' },
};
export const suggestResult = {
  suggestions: [{ text: 'I can start the refund for you right away.', confidence: 0.91, source: 'kb-12' }],
};
export const articles = {
  entities: [
    {
      id: 'kb-12',
      title: 'Refunds',
      score: 8.4,
      url: 'https://kb.example/12',
      body: 'Refunds take three to five days.',
    },
  ],
};
export const insights = {
  insights: [
    {
      id: 'kb-12',
      title: 'Refunds',
      priority: 1,
      score: 8.4,
      citation: 'https://kb.example/12',
      snippet: 'Refunds take three to five days.',
      interactionId: 'int-1',
    },
  ],
  displayType: 'CARD',
  autoDismiss: true,
};
export const feedback = {
  interactionId: 'int-1',
  insightId: 'kb-12',
  action: 'accepted',
  timestamp: '2026-01-01T12:00:00.000Z',
};
export const calibration = {
  interaction_ids: ['conv_8f3a2c1d', 'conv_9b4e7f2a'],
  polarity_matrix: { negative: -0.75, neutral: 0.05, positive: 0.8 },
  alert_triggers: [
    { emotion: 'frustration', threshold: 0.82, directive: 'escalate' },
    { emotion: 'anger', threshold: 0.88, directive: 'block' },
  ],
  sensitivity_level: 0.85,
  trigger_model_reweight: true,
};
export const calibrationJob = { job_id: 'job-1', status: 'queued' };
export const webhook = {
  url: 'https://coaching.example.com/webhook',
  events: ['sentiment.calibration.updated'],
  secret: 'whsec_c2VjcmV0LW9mLXRoZS1leGFtcGxl',
  active: true,
};
export const webhookAnswer = {
  id: 'wh-1',
  url: 'https://coaching.example.com/webhook',
  events: ['sentiment.calibration.updated'],
  active: true,
};
export const auditPage = { items: [{ id: 'audit-1', action: 'calibration.updated' }], next_cursor: 'c2' };
export const versions = [{ id: 'ver-abc', name: 'v1.2', status: 'ACTIVE', deployed: true }];
export const environment = {
  id: 'env-staging',
  name: 'Staging',
  isolation_mode: 'STRICT',
  allowed_bot_ids: ['bot-123'],
};
export const simulation = {
  botId: 'bot-123',
  environmentId: 'env-staging',
  versionId: 'ver-abc',
  inputs: [{ text: 'book flight to paris', delay_ms: 500 }],
  context: { locale: 'en-US' },
  assertions: [{ step_index: 0, expected_intent: 'book_flight', expected_confidence_min: 0.85, expected_entities: {} }],
};
export const startedSimulation = { id: 'sim-xyz', status: 'RUNNING', createdAt: '2026-01-01T12:00:00Z' };
export const simulationResult = {
  id: 'sim-xyz',
  status: 'COMPLETED',
  durationMs: 1240,
  steps: [
    {
      index: 0,
      userInput: 'book flight to paris',
      botResponse: 'I can help with that. Which date?',
      nlu: { intent: 'book_flight', confidence: 0.92, entities: [] },
    },
  ],
};
export const customer = {
  customerId: 'CUST-992847',
  fullName: 'Elena Rostova',
  segment: 'Premium',
  lifetimeValue: 12450,
};
export const orders = {
  items: [{ orderNumber: 'ORD-88219', status: 'shipped', createdDate: '2024-05-12T14:30:00Z', totalAmount: 249.99 }],
};
export const tickets = {
  tickets: [
    {
      ticketId: 'TKT-4492',
      subject: 'Billing discrepancy on May invoice',
      priority: 'high',
      createdDate: '2024-05-10T09:15:00Z',
    },
  ],
};
export const enrichRequest = {
  sessionId: 'sess_8f7a3b2c1d',
  customerNumber: 'CUST-992847',
  intent: 'order_status_inquiry',
  variables: { agentId: 'AGT-442', channel: 'voice' },
};
export const enrichAnswer = {
  customerProfile: customer,
  recentOrders: orders.items,
  openTickets: tickets.tickets,
  enrichedPromptContext:
    'Customer: Elena Rostova | Segment: Premium\nRecent Orders: 1 items. Last order: ORD-88219\nOpen Tickets: 1 active cases. Priority: high',
};
export const enrichAnswerSchema: JsonSchema = {
  type: 'object',
  required: ['customerProfile', 'recentOrders', 'openTickets', 'enrichedPromptContext'],
  properties: {
    customerProfile: { type: 'object' },
    recentOrders: { type: 'array', items: { type: 'object' } },
    openTickets: { type: 'array', items: { type: 'object' } },
    enrichedPromptContext: { type: 'string' },
    unavailable: {
      type: 'array',
      items: { type: 'string' },
      description: 'Sources that failed or timed out, if partial results are allowed',
    },
  },
};
export const widget = {
  maxSuggestions: 3,
  minConfidence: 0.75,
  enableSentimentTrigger: true,
  enableKeywordTrigger: true,
  refreshIntervalMs: 2000,
  prohibitedPhrases: ['guarantee full refund', 'legal action', 'sue the company'],
};

/** An error body, in the OAuth form for the statuses of a token endpoint. */
export function errorBody(status: number): JsonSchema {
  if (status === 400) return { error: 'invalid_scope', error_description: 'unknown scope' };
  return { error: `http_${status}`, message: 'what was wrong' };
}

export const events: Readonly<Record<string, unknown>> = {
  INTERACTION_UPDATE: { type: 'INTERACTION_UPDATE', payload: { ...suggestRequest, agentId: 'agent-7' } },
  TRANSCRIPT_FRAGMENT: { type: 'TRANSCRIPT_FRAGMENT', interactionId: 'int-1', text: 'I want a', speaker: 'customer' },
  DIALOG_STATE: { type: 'DIALOG_STATE', interactionId: 'int-1', state: 'CUSTOMER_SILENT' },
  INSIGHT_ACCEPTED: { type: 'INSIGHT_ACCEPTED', interactionId: 'int-1', insightId: 'kb-12', action: 'accepted' },
  INSIGHT_REJECTED: { type: 'INSIGHT_REJECTED', interactionId: 'int-1', insightId: 'kb-12' },
  HEARTBEAT: { type: 'HEARTBEAT' },
};

export const webhookEvents: Readonly<Record<string, unknown>> = {
  'sentiment.calibration.updated': {
    type: 'sentiment.calibration.updated',
    timestamp: '2026-01-01T12:00:00Z',
    data: { job_id: 'job-1', status: 'completed' },
  },
  'agentassist.alert.triggered': {
    type: 'agentassist.alert.triggered',
    timestamp: '2026-01-01T12:00:00Z',
    data: { interaction_id: 'int-1', emotion: 'anger', confidence: 0.93, threshold: 0.88, directive: 'notify' },
  },
};
