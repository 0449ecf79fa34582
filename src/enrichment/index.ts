/**
 * Customer data for Cognigy Studio's prompts.
 *
 * Guide: [Enrichment](../../docs/enrichment.md).
 *
 * @module agent-assist-sdk/enrichment
 */

export { EnrichmentCache, type EnrichmentCacheOptions } from './cache.js';
export { CustomerDataClient, type ListRecentOrdersOptions } from './client.js';
export { enrich, type EnrichOptions, type Enrichment, type EnrichmentData, type EnrichmentPart } from './enrich.js';
export { createEnrichmentHandler, type EnrichmentHandlerOptions } from './handler.js';
export { buildPromptContext, cleanPromptValue, defaultPromptTemplate, type PromptOptions } from './prompt.js';
export type {
  CustomerOrder,
  CustomerProfile,
  CustomerTicket,
  EnrichmentInput,
  EnrichmentRequest,
  RecordValue,
} from './schemas.js';
export {
  customerDataSources,
  type CustomerDataSources,
  type EnrichmentSource,
  type EnrichmentSources,
  type LoadContext,
  type SourceWithEmpty,
} from './sources.js';
