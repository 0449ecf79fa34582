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

/** The names of the table, to refuse others. */
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
