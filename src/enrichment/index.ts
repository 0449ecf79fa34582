/**
 * Customer data for Cognigy Studio's prompts.
 *
 * Guide: [Enrichment](../../docs/enrichment.md).
 *
 * @module agent-assist-sdk/enrichment
 */

export { EnrichmentCache, type EnrichmentCacheOptions } from './cache.js';
export { CustomerDataClient } from './client.js';
export { enrich } from './enrich.js';
export { createEnrichmentHandler } from './handler.js';
export { buildPromptContext, cleanPromptValue, defaultPromptTemplate } from './prompt.js';
export { customerDataSources } from './sources.js';
export type {
  CustomerDataSources,
  CustomerOrder,
  CustomerProfile,
  CustomerTicket,
  EnrichOptions,
  Enrichment,
  EnrichmentData,
  EnrichmentHandlerOptions,
  EnrichmentInput,
  EnrichmentPart,
  EnrichmentRequest,
  EnrichmentSource,
  EnrichmentSources,
  ListRecentOrdersOptions,
  LoadContext,
  PromptOptions,
  RecordValue,
  SourceWithEmpty,
} from './types.js';
