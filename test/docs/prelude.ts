// What the examples in docstrings find at hand, so that each shows its own subject only. Everything else they import.
import type {
  AssistStream,
  AuditClient,
  AuthClient,
  HttpClient,
  InsightsClient,
  KnowledgeClient,
  SuggestionsClient,
} from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';
import type {
  CustomerDataClient,
  EnrichmentData,
  CustomerDataSources,
  EnrichmentRequest,
} from 'agent-assist-sdk/enrichment';
import type { Tenant } from 'agent-assist-sdk/testing';

export declare const auth: AuthClient;
export declare const http: HttpClient;
export declare const stream: AssistStream;
export declare const suggestions: SuggestionsClient;
export declare const knowledge: KnowledgeClient;
export declare const insights: InsightsClient;
export declare const audit: AuditClient;
export declare const tenant: Tenant;
/** Of the company's own services. */
export declare const client: CustomerDataClient;
/** The payload of an `INTERACTION_UPDATE`. */
export declare const interaction: InteractionUpdate;
/** What Studio posts. */
export declare const request: EnrichmentRequest;
/** What `enrich` resolved with. */
export declare const data: EnrichmentData<CustomerDataSources>;
