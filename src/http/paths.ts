/**
 * Where each call of the feature clients goes, relative to the base URL (protocol 4). `{name}` is filled with one
 * encoded path segment. Real tenants differ: each entry can be replaced in the options of `HttpClient`.
 */
export interface ApiPaths {
  /** `SuggestionsClient.suggest`. */
  readonly suggest: string;
  /** `KnowledgeClient.search`. */
  readonly knowledgeSearch: string;
  /** `InsightsClient.push`. */
  readonly insights: string;
  /** `InsightsClient.feedback`. */
  readonly feedback: string;
  /** `CalibrationClient.apply`. */
  readonly calibration: string;
  /** `CalibrationClient.get`; takes `{jobId}`. */
  readonly calibrationJob: string;
  /** `WebhooksClient.register`. */
  readonly webhooks: string;
  /** `AuditClient.list`. */
  readonly calibrationAudit: string;
  /** `SimulationClient.versions`; takes `{botId}`. */
  readonly botVersions: string;
  /** `SimulationClient.environment`; takes `{environmentId}`. */
  readonly environment: string;
  /** `SimulationClient.submit`. */
  readonly simulations: string;
  /** `SimulationClient.get`; takes `{simulationId}`. */
  readonly simulation: string;
  /** `CustomerDataClient.profile`; takes `{customerId}`. */
  readonly customer: string;
  /** `CustomerDataClient.recentOrders`. */
  readonly customerOrders: string;
  /** `CustomerDataClient.openTickets`. */
  readonly customerTickets: string;
}

/** The paths of protocol 4 and 9. */
export const defaultPaths: ApiPaths = {
  suggest: '/agentassist/suggest',
  knowledgeSearch: '/api/v2/knowledge/articles/search',
  insights: '/api/v2/agentassist/insights',
  feedback: '/api/v2/ai/training/feedback',
  calibration: '/agentassist/sentiment/calibration',
  calibrationJob: '/agentassist/sentiment/calibration/jobs/{jobId}',
  webhooks: '/agentassist/webhooks',
  calibrationAudit: '/audit/sentiment/calibration',
  botVersions: '/bots/{botId}/versions',
  environment: '/environments/{environmentId}',
  simulations: '/simulations',
  simulation: '/simulations/{simulationId}',
  customer: '/api/v1/customers/{customerId}',
  customerOrders: '/api/v1/orders',
  customerTickets: '/api/v1/crm/tickets',
};
