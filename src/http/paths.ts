import type { Known } from '../options.js';

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

/** All names of the table, to check its entries. */
export const apiPathNames: Known<ApiPaths> = {
  suggest: 'a string',
  knowledgeSearch: 'a string',
  insights: 'a string',
  feedback: 'a string',
  calibration: 'a string',
  calibrationJob: 'a string',
  webhooks: 'a string',
  calibrationAudit: 'a string',
  botVersions: 'a string',
  environment: 'a string',
  simulations: 'a string',
  simulation: 'a string',
  customer: 'a string',
  customerOrders: 'a string',
  customerTickets: 'a string',
};
