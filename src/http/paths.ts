/**
 * Paths of the feature clients' calls, relative to the base URL (protocol 4). `{name}` is one encoded path segment.
 * Tenants may differ: the options of `HttpClient` can replace each path.
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
  /** `SimulationClient.listVersions`; takes `{botId}`. */
  readonly botVersions: string;
  /** `SimulationClient.getEnvironment`; takes `{environmentId}`. */
  readonly environment: string;
  /** `SimulationClient.submit`. */
  readonly simulations: string;
  /** `SimulationClient.get`; takes `{simulationId}`. */
  readonly simulation: string;
  /** `CustomerDataClient.getProfile`; takes `{customerId}`. */
  readonly customer: string;
  /** `CustomerDataClient.listRecentOrders`. */
  readonly customerOrders: string;
  /** `CustomerDataClient.listOpenTickets`. */
  readonly customerTickets: string;
}

/** All names of the table; others are refused. */
export const apiPathNames: Readonly<Record<keyof ApiPaths, true>> = {
  suggest: true,
  knowledgeSearch: true,
  insights: true,
  feedback: true,
  calibration: true,
  calibrationJob: true,
  webhooks: true,
  calibrationAudit: true,
  botVersions: true,
  environment: true,
  simulations: true,
  simulation: true,
  customer: true,
  customerOrders: true,
  customerTickets: true,
};
